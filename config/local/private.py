"""Join the private PostgreSQL and Redis, or start them for as long as they are needed.

Each service is private unless its address is set in the environment or in `.env`: DATABASE_URL
for PostgreSQL, REDIS_URL for Redis. Any number of commands may come and go at the same time; the
last one out stops the services, also when it is killed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.env import BASE_DIR, EnvError, load_env_file
from config.local import postgres, redis
from config.local.errors import LocalError
from config.local.folder import Private, default_folder, open_folder
from config.local.keeper import READY_TIMEOUT_S, read_state
from config.local.lock import open_lock, try_lock, unlock, wait_lock
from config.local.migrating import migrate_if_new

WITHOUT_SERVICES = {
    "help", "version", "--help", "-h", "--version",
    "collectstatic", "compilemessages", "makemessages", "findstatic", "fetch_browser_runtime",
}  # fmt: skip
NAMES = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}


@dataclass(frozen=True)
class Services:
    """What a process needs to reach the services. `held` are the locks that keep them up."""

    environment: dict[str, str]
    held: tuple["Hold", ...] = field(default=(), repr=False)

    def revive(self) -> None:
        """Start again whatever keeper was killed. Cheap when all is well."""
        for hold in self.held:
            hold.ensure()

    def descriptors(self) -> tuple[int, ...]:
        return tuple(hold.users for hold in self.held)


class Hold:
    """One user's hold on one private service."""

    def __init__(self, folder: Path, name: str, *options: str) -> None:
        self.folder, self.name, self.options = folder, name, options
        self.state = folder / f"{name}.state"
        self.log = folder / "logs" / f"{name}.log"
        self.users = open_lock(folder / f"{name}.users")
        self.keeper = open_lock(folder / f"{name}.keeper")
        self.spawned: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Without waiting for the service: several start side by side."""
        wait_lock(self.users, shared=True, timeout_s=READY_TIMEOUT_S)
        self._keeper_lives()

    def ensure(self) -> None:
        """Wait until the service is ready. Raises LocalError with the reason and the log."""
        try:
            self._wait_ready()
        finally:
            if self.spawned:
                self.spawned.wait()  # the parent of the daemon: ended long ago
                self.spawned = None

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            lives = self._keeper_lives()
            state = read_state(self.state)
            if state.get("error"):
                raise LocalError(f"{self.name} cannot start: {state['error']}\nLog: {self.log}")
            if lives and state.get("ready"):
                return
            time.sleep(0.02)
        raise LocalError(f"{self.name} did not start in {READY_TIMEOUT_S:.0f} s. Log: {self.log}")

    def _keeper_lives(self) -> bool:
        """Spawn one when there is none; it inherits the lock that was taken here."""
        fd = open_lock(self.folder / f"{self.name}.keeper")
        try:
            if not try_lock(fd):
                return True
            if read_state(self.state).get("error"):
                return False
            self.state.unlink(missing_ok=True)
            self._spawn(fd)
            return True
        finally:
            os.close(fd)

    def _spawn(self, lock: int) -> None:
        _rotate(self.log)
        command = [sys.executable, "-m", "config.local.keeper", self.name, str(self.folder)]
        with self.log.open("ab") as log:
            self.spawned = subprocess.Popen(
                [*command, "--lock", str(lock), *self.options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=BASE_DIR,
                pass_fds=(lock,),
                start_new_session=True,
            )

    def end(self) -> None:
        """Let go; the last user waits until the service has stopped."""
        unlock(self.users)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not try_lock(self.keeper):
            if try_lock(self.users, shared=True) and not try_lock(self.users):
                break
            unlock(self.users)
            time.sleep(0.05)
        os.close(self.users)
        os.close(self.keeper)


def _rotate(log: Path, *, limit: int = 10_000_000) -> None:
    if log.exists() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".log.1"))


def wanted() -> list[str]:
    """The services whose address is not set."""
    given = os.environ
    return [name for name, key in NAMES.items() if key not in given and f"{key}_FILE" not in given]


def addresses(private: Private, names: Sequence[str], *, database: str) -> dict[str, str]:
    values = {"DJANGO_SECRET_KEY": private.secret_key, "DEMO_PASSWORD": private.demo_password}
    if "postgres" in names:
        values |= postgres.urls(private, database)
    if "redis" in names:
        values |= redis.urls(private)
    return values


def environment() -> None:
    """Fill in what the environment lacks: addresses of the private services and secrets.

    Starts nothing. With DATABASE_URL, REDIS_URL and DJANGO_SECRET_KEY set, no file is touched.
    """
    load_env_file()
    keyed = "DJANGO_SECRET_KEY" in os.environ or "DJANGO_SECRET_KEY_FILE" in os.environ
    names = wanted()
    if keyed and not names:
        return
    for name, value in addresses(
        open_folder(default_folder()), names, database="firstline"
    ).items():
        if f"{name}_FILE" not in os.environ:
            os.environ.setdefault(name, value)


@contextmanager
def join_or_start(
    folder: Path | None = None, *, names: Sequence[str] | None = None, temporary: bool = False,
    database: str = "firstline",
) -> Iterator[Services]:  # fmt: skip
    """Both services (or those of `names`) run and are ready inside the block."""
    load_env_file()
    names = wanted() if names is None else names
    folder = folder or default_folder()
    private = open_folder(folder)
    options = ["--database", database, *(["--temporary"] if temporary else [])]
    with ExitStack() as stack:
        holds = tuple(Hold(folder, name, *options) for name in names)
        for hold in holds:
            _forget_error(hold)
            hold.begin()
            stack.callback(hold.end)
        for hold in holds:
            hold.ensure()
        yield Services(addresses(private, names, database=database), holds)


def _forget_error(hold: Hold) -> None:
    """An error of an earlier attempt must not end this one."""
    if read_state(hold.state).get("error"):
        hold.state.unlink(missing_ok=True)


@contextmanager
def temporary(*, database: str = "test_firstline") -> Iterator[Services]:
    """Fresh services in a folder of their own, fast rather than durable, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="firstline-test-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        with join_or_start(
            folder, names=tuple(NAMES), temporary=True, database=database
        ) as services:
            yield services
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def ensure_services(argv: Sequence[str]) -> Iterator[None]:
    """For manage.py: the services run while the command does, if it can need them.

    A private database that is new gets its tables first.
    """
    command = argv[1] if len(argv) > 1 else "help"
    load_env_file()
    names = wanted()
    try:
        environment()
        if not names or command in WITHOUT_SERVICES or "--help" in argv:
            yield
            return
        with join_or_start(names=names) as services:
            migrate_if_new(command, services.environment)
            yield
    except (LocalError, EnvError) as error:
        raise SystemExit(str(error)) from None
