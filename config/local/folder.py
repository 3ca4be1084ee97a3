"""The data folder: `.local/` in the checkout, or FIRSTLINE_DATA_DIR.

`private.json` (mode 0600) holds what was generated or decided once: secrets, the folder of the
services' data and the folder of their sockets. Both lie in the data folder unless the service
account cannot get there (a checkout in /root) or the socket's path would be too long. No mode of
a folder above the data folder is ever changed.
"""

import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from config.env import BASE_DIR
from config.local.account import service_account
from config.local.errors import LocalError
from config.local.lock import locked

SOCKET_PATH_LIMIT = 100  # 107 bytes on Linux, 103 on macOS
LONGEST_SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Private:
    """The content of private.json."""

    folder: str
    home: str
    sockets: str
    secret_key: str
    admin_password: str
    owner_password: str
    app_password: str
    sweeper_password: str
    demo_password: str


def default_folder() -> Path:
    return Path(os.environ.get("FIRSTLINE_DATA_DIR") or BASE_DIR / ".local").resolve()


def open_folder(folder: Path) -> Private:
    """The folder's private.json, made on the first call. Cheap: one small file is read."""
    file = folder / "private.json"
    known = _read(file, folder)
    if known and Path(known.home).is_dir() and Path(known.sockets).is_dir():
        return known
    try:
        make_folder(folder, 0o711)
        make_folder(folder / "logs", 0o700)
        with locked(folder / "private.lock"):
            return _complete(file, folder)
    except PermissionError as error:
        raise LocalError(
            f"The data folder {folder} belongs to another user ({error.strerror}: "
            f"{error.filename}). Start as that user, or set FIRSTLINE_DATA_DIR."
        ) from None


def _read(file: Path, folder: Path) -> Private | None:
    """None when it is missing, or came here with a copy of another checkout's folder."""
    try:
        private = Private(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except PermissionError:
        raise LocalError(
            f"{file} belongs to another user. Start as that user, or set FIRSTLINE_DATA_DIR."
        ) from None
    except (ValueError, TypeError) as error:
        raise LocalError(f"{file} is damaged: {error}") from None
    return private if private.folder == str(folder) else None


def _complete(file: Path, folder: Path) -> Private:
    known = _read(file, folder)
    home = Path(known.home) if known else _home(folder)
    make_folder(home, 0o711)
    sockets = Path(known.sockets) if known else _sockets(home)
    if not sockets.is_dir():
        sockets = _sockets(home)
    words = asdict(known) if known else _secrets()
    private = Private(
        **(words | {"folder": str(folder), "home": str(home), "sockets": str(sockets)})
    )
    _write(file, json.dumps(asdict(private), indent=1))
    return private


def _secrets() -> dict[str, str]:
    words = {
        f"{role}_password": secrets.token_urlsafe(24)
        for role in ("admin", "owner", "app", "sweeper")
    }
    return words | {
        "secret_key": secrets.token_urlsafe(48),
        "demo_password": secrets.token_urlsafe(9),
    }


def _home(folder: Path) -> Path:
    """Where the service account can write: the data folder, else a folder of its own."""
    if service_account().can_execute(folder):
        return folder
    return Path("/var/lib") / f"firstline-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"


def _sockets(home: Path) -> Path:
    sockets = home / "run"
    if len(os.fsencode(sockets / LONGEST_SOCKET)) > SOCKET_PATH_LIMIT:
        sockets = Path(tempfile.mkdtemp(prefix="firstline-", dir="/tmp"))
    sockets.mkdir(mode=0o700, exist_ok=True)
    service_account().own(sockets)
    return sockets


def make_folder(path: Path, mode: int) -> None:
    """With this very mode whatever the umask; one that is there keeps its own."""
    if path.is_dir():
        return
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        if not path.is_dir():
            raise
        return  # another command was faster, and gives it the same mode
    path.chmod(mode)


def _write(file: Path, text: str) -> None:
    """Replace the file in one step; readable by its owner alone from the first byte."""
    fresh = file.with_suffix(".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(fd, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
