"""Typed readers of the environment. Every setting that a person can change passes through here.

Order: the process environment, then `.env` in the checkout. A secret `NAME` may instead be given
as `NAME_FILE`, a path whose content is the value. A value that does not parse raises EnvError
with the name of the variable, never with its value.
"""

import os
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


class EnvError(Exception):
    """A variable is missing or does not parse."""


def read_env_file(path: Path) -> dict[str, str]:
    """The `NAME=value` lines of a .env file; comments, blank lines and quotes are understood."""
    values: dict[str, str] = {}
    if not path.is_file():
        return values
    for line in path.read_text(encoding="utf-8").splitlines():
        name, sep, value = line.strip().partition("=")
        if sep and not name.startswith("#"):
            values[name.removeprefix("export ").strip()] = value.strip().strip("'\"")
    return values


def load_env_file() -> None:
    """Put the values of `.env` into the environment; what is set there already wins.

    FIRSTLINE_ENV_FILE names another file than the one in the checkout.
    """
    path = Path(os.environ.get("FIRSTLINE_ENV_FILE") or BASE_DIR / ".env")
    for name, value in read_env_file(path).items():
        os.environ.setdefault(name, value)


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise EnvError(f"{name} is not set")
    return value


def secret(name: str, default: str | None = None) -> str:
    """The value of NAME, else the content of the file that NAME_FILE names."""
    file_name = os.environ.get(f"{name}_FILE")
    if name not in os.environ and file_name:
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise EnvError(f"{name}_FILE cannot be read: {error.strerror}") from None
    return text(name, default)


def flag(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if value:
        raise EnvError(f"{name} must be yes or no")
    return default


def whole(name: str, default: int, *, low: int = 0, high: int = 2**31) -> int:
    return int(_number(name, default, low, high, int))


def real(name: str, default: float, *, low: float = 0.0, high: float = 1e12) -> float:
    return _number(name, default, low, high, float)


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def _number(
    name: str, default: float, low: float, high: float, kind: type[int] | type[float]
) -> float:
    raw = os.environ.get(name, "")
    if not raw:
        return default
    try:
        value = kind(raw)
    except ValueError:
        raise EnvError(f"{name} must be a number") from None
    if not low <= value <= high:
        raise EnvError(f"{name} must lie between {low} and {high}")
    return value


def shared_folder(name: str) -> str:
    """A folder of the Python environment for what was fetched into it beside packages."""
    return str(Path(sys.prefix) / "share" / "firstline" / name)


def tuning_python() -> str:
    """The Python of the environment that `make install-tuning` makes; "" where there is none."""
    path = BASE_DIR / ".venv-tuning" / "bin" / "python"
    return str(path) if path.exists() else ""
