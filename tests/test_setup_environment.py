"""Settings: the readers in the code, .env.example and .env agree."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import env
from config.env import BASE_DIR
from config.local import private

READERS = {"text", "secret", "flag", "whole", "real", "words"}
# Read before the typed readers exist, or by other programs than the service.
OTHERS = {
    "FIRSTLINE_DATA_DIR", "DATABASE_ADMIN_URL", "CHROMIUM_PATH", "DEMO_PASSWORD",
    "REDIS_BROKER_URL", "REDIS_CHANNELS_URL", "REDIS_CACHE_URL",
    "DOMAIN", "POSTGRES_PASSWORD", "POSTGRES_SHARED_BUFFERS",
    "DATABASE_APP_PASSWORD", "DATABASE_OWNER_PASSWORD", "DATABASE_SWEEPER_PASSWORD",
}  # fmt: skip


def names_read() -> set[str]:
    """The literal names in calls such as env.whole("PORT", …)."""
    found = set()
    folders = ["accounts", "outbox", "knowledge", "chatbot", "learning", "console", "config"]
    for path in (path for folder in folders for path in (BASE_DIR / folder).rglob("*.py")):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="env"), attr=reader),
                    args=[ast.Constant(value=str(name)), *_],
                ) if reader in READERS:
                    found.add(name)
    return found


def test_the_example_names_every_setting_and_no_other() -> None:
    text = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
    example = set(re.findall(r"^# ([A-Z_]+)=", text, flags=re.MULTILINE))
    assert example == names_read() | OTHERS


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "env"
    file.write_text("# note\nPORT=9000\nexport RISK='0.1'\nnonsense\n", encoding="utf-8")
    monkeypatch.setenv("FIRSTLINE_ENV_FILE", str(file))
    monkeypatch.setenv("PORT", "7000")
    monkeypatch.delenv("RISK", raising=False)
    env.load_env_file()
    assert (env.whole("PORT", 1), env.real("RISK", 0.0)) == (7000, 0.1)
    monkeypatch.delenv("RISK")


def test_a_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("hush\n", encoding="utf-8")
    monkeypatch.setenv("LLM_API_KEY_FILE", str(tmp_path / "key"))
    assert env.secret("LLM_API_KEY", "") == "hush"


def test_a_value_that_does_not_parse_is_named_but_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "hunter2")
    with pytest.raises(env.EnvError, match=r"^PORT must be a number$"):
        env.whole("PORT", 8000)


def test_set_addresses_mean_that_no_private_service_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_DATA_DIR", str(tmp_path / "data"))
    assert private.wanted() == []  # the session's addresses are set
    with private.ensure_services(["manage.py", "migrate"]):
        assert not (tmp_path / "data").exists()
    monkeypatch.delenv("REDIS_URL")
    assert private.wanted() == ["redis"]
    monkeypatch.setenv("REDIS_URL_FILE", "/a/file")
    assert private.wanted() == []


def test_a_second_run_says_that_one_runs_and_where(tmp_path: Path) -> None:
    from config.local.folder import open_folder
    from config.local.lock import RunLock

    folder = tmp_path / "data"
    open_folder(folder)
    RunLock(folder / "run.lock").take(url="http://127.0.0.1:8000/")
    done = run_with(folder, port="8000")
    assert done.returncode == 1
    assert f"Firstline runs already: PID {os.getpid()}, http://127.0.0.1:8000/" in done.stderr


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run_with(tmp_path / "data", port=port)
    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr


@pytest.mark.parametrize("port", ["many", "0", "99999"])
def test_a_wrong_port_is_a_clear_error(tmp_path: Path, port: str) -> None:
    done = run_with(tmp_path / "data", port=port)
    assert done.returncode == 1
    assert done.stderr.startswith("PORT must ")


def run_with(folder: Path, *, port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "config.local.run"],
        cwd=BASE_DIR,
        env=os.environ | {"FIRSTLINE_DATA_DIR": str(folder), "PORT": port},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_damaged_secrets_file_is_a_clear_error(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "private.json").write_text("{", encoding="utf-8")
    done = run_with(folder, port="8000")
    assert done.returncode == 1
    assert "private.json is damaged" in done.stderr


def test_an_old_python_is_refused_with_the_reason(tmp_path: Path) -> None:
    program = (
        "import sys, runpy; sys.version_info = (3, 10, 0); sys.argv = ['install.py', 'x']; "
        "runpy.run_path('config/local/install.py', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=BASE_DIR, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr


def test_requirements_are_installed_again_only_when_they_change(tmp_path: Path) -> None:
    from config.local.install import digest

    serving, tests = tmp_path / "requirements.txt", tmp_path / "requirements-dev.txt"
    serving.write_text("django\n", encoding="utf-8")
    tests.write_text("-r requirements.txt\npytest\n", encoding="utf-8")
    before = digest(tests)
    assert digest(tests) == before
    serving.write_text("django==5.2\n", encoding="utf-8")
    assert digest(tests) != before
