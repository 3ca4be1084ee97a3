"""The private PostgreSQL and Redis: who starts them, who joins, and that nothing stays behind."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config.env import BASE_DIR
from config.local.folder import SOCKET_PATH_LIMIT, open_folder
from config.local.private import join_or_start

PROGRAM = """
import sys, time
from pathlib import Path
from config.local.private import join_or_start
with join_or_start(Path(sys.argv[1]), names=("postgres", "redis")) as services:
    print(services.environment["DATABASE_URL"], flush=True)
    sys.stdin.readline()
"""

READY_S = 300  # only what hangs takes so long

Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder of its own; the tests of this module find each other's data in it."""
    path = Path(tempfile.mkdtemp(prefix="firstline-test-", dir="/tmp"))
    path.chmod(0o711)
    yield path / "data"
    shutil.rmtree(path)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    begun: list[subprocess.Popen[str]] = []

    def start_user() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM, str(folder)]
        pipe = subprocess.PIPE
        begun.append(subprocess.Popen(command, cwd=BASE_DIR, stdin=pipe, stdout=pipe, text=True))
        return begun[-1]

    yield start_user
    for popen in begun:
        popen.kill()
        popen.communicate()
    wait_until(lambda: not processes_of(folder))


def address(user: subprocess.Popen[str]) -> str:
    assert user.stdout
    line = user.stdout.readline().strip()
    assert line.startswith("postgres://"), "the user ended before the services were ready"
    return line


def processes_of(folder: Path) -> list[psutil.Process]:
    """Keepers, servers: whatever has the folder in its command line or works in it."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = str(folder) in " ".join(process.cmdline()) or str(folder) in process.cwd()
            if mine and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def servers(folder: Path, program: str) -> list[int]:
    """PIDs of the servers themselves, not of their keepers."""
    found = []
    for process in processes_of(folder):
        with suppress(psutil.NoSuchProcess):  # it may end between two looks
            if process.name() == program:
                found.append(process.pid)
    return found


def postmasters(folder: Path) -> list[int]:
    found = servers(folder, "postgres")
    return [pid for pid in found if psutil.Process(pid).ppid() not in found]


def wait_until(condition: Callable[[], object], *, timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_two_users_at_once_share_the_services_and_the_last_one_out_stops_them(
    start: Start, folder: Path
) -> None:
    first, second = start(), start()
    assert address(first) == address(second)
    assert len(postmasters(folder)) == len(servers(folder, "redis-server")) == 1
    first.communicate("\n", timeout=20)
    url = open_url(folder)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.communicate("\n", timeout=20)
    assert not processes_of(folder)


def open_url(folder: Path) -> str:
    from config.local import postgres

    return postgres.urls(open_folder(folder), "firstline")["DATABASE_OWNER_URL"]


def test_data_survive(folder: Path) -> None:
    with join_or_start(folder, names=("postgres",)), psycopg.connect(open_url(folder)) as first:
        first.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with join_or_start(folder, names=("postgres",)), psycopg.connect(open_url(folder)) as second:
        assert second.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_killed_user_leaves_no_process(start: Start, folder: Path) -> None:
    user = start()
    address(user)
    user.kill()
    user.wait()
    wait_until(lambda: not processes_of(folder))


def test_killed_keepers_take_their_servers_with_them_and_the_next_user_works(
    start: Start, folder: Path
) -> None:
    user = start()
    address(user)
    for process in processes_of(folder):
        with suppress(psutil.NoSuchProcess):
            if "config.local.keeper" in process.cmdline():
                process.kill()
    if sys.platform == "linux":
        wait_until(lambda: not servers(folder, "postgres") and not servers(folder, "redis-server"))
    address(start())


def test_a_killed_server_starts_again(start: Start, folder: Path) -> None:
    user = start()
    address(user)
    postmaster = (folder_home(folder) / "postgres/postmaster.pid").read_text().split()[0]
    os.kill(int(postmaster), signal.SIGKILL)

    def works() -> bool:
        try:
            psycopg.connect(open_url(folder), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    wait_until(works)
    assert (folder_home(folder) / "postgres/postmaster.pid").read_text().split()[0] != postmaster


def folder_home(folder: Path) -> Path:
    return Path(open_folder(folder).home)


def test_the_roles_have_no_more_rights_than_they_need(folder: Path) -> None:
    with join_or_start(folder, names=("postgres",)) as services:
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SWEEPER_URL"):
            with psycopg.connect(services.environment[name]) as connection:
                rights = connection.execute(
                    "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles "
                    "WHERE rolname = current_user"
                ).fetchone()
                assert rights == (False, False, False, False)
        url = services.environment["DATABASE_URL"].replace("firstline_app:", "firstline_app:x")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url)


def test_nothing_listens_on_tcp_and_sockets_and_secrets_are_closed_to_others(folder: Path) -> None:
    with join_or_start(folder, names=("postgres", "redis")) as services:
        assert redis.Redis.from_url(services.environment["REDIS_URL"]).ping()
        for process in processes_of(folder):
            assert not process.net_connections(kind="inet")
        private = open_folder(folder)
        assert (Path(private.sockets) / "redis.sock").stat().st_mode & 0o777 == 0o600
        assert Path(private.sockets).stat().st_mode & 0o077 == 0
        assert (folder / "private.json").stat().st_mode & 0o777 == 0o600
        if os.geteuid() == 0:
            uids = {psutil.Process(pid).uids().real for pid in servers(folder, "postgres")}
            assert uids == {pwd.getpwnam("nobody").pw_uid}


def test_a_command_of_manage_py_joins_services_that_run(start: Start, folder: Path) -> None:
    address(start())
    before = postmasters(folder)
    done = manage(folder, "showmigrations", "--database", "owner", "accounts")
    assert "0001_tables" in done.stdout
    assert postmasters(folder) == before


def test_a_command_of_manage_py_starts_services_for_its_own_time(folder: Path) -> None:
    done = manage(folder, "showmigrations", "--database", "owner", "accounts")
    assert done.returncode == 0
    assert "0001_tables" in done.stdout
    assert not processes_of(folder)


def test_a_command_that_compares_the_history_makes_no_tables(folder: Path) -> None:
    compared = manage(folder, "makemigrations", "--check", "--dry-run")
    assert compared.returncode == 0, compared.stdout + compared.stderr
    shown = manage(folder, "showmigrations", "--database", "owner")
    assert "[ ]" in shown.stdout
    assert "[X]" not in shown.stdout


def test_a_command_in_a_new_folder_finds_its_tables(folder: Path) -> None:
    done = manage(folder, "workspace", "create", "acme", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    again = manage(folder, "workspace", "create", "acme", "--json")
    assert json.loads(again.stdout)["id"] == made["id"]


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {n: v for n, v in os.environ.items() if not n.startswith(("DATABASE_", "REDIS_"))}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=own | {"FIRSTLINE_DATA_DIR": str(folder)},
        check=False,
        capture_output=True,
        text=True,
        timeout=READY_S,
    )


def test_a_long_path_gets_a_short_folder_for_its_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 30)
    first, second = open_folder(deep), open_folder(deep)
    assert len(first.sockets) < SOCKET_PATH_LIMIT
    assert first == second
    shutil.rmtree(first.sockets)
    if first.home != first.folder:
        shutil.rmtree(first.home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_starts_them_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    python = Path(sys.executable)
    nobody = pwd.getpwnam("nobody")
    reach = ["runuser", "-u", "nobody", "--", "test", "-x", str(python.resolve())]
    if subprocess.run(reach, check=False).returncode:
        python = Path("/usr/bin/python3")
    path = Path(tempfile.mkdtemp(prefix="firstline-test-", dir="/tmp"))
    os.chown(path, nobody.pw_uid, nobody.pw_gid)
    packages = next(p for p in sys.path if p.endswith("site-packages"))
    try:
        done = subprocess.run(
            ["runuser", "-u", "nobody", "--", str(python), "-c", PROGRAM, str(path)],
            cwd=BASE_DIR, check=False, input="\n", capture_output=True, text=True, timeout=READY_S,
            env={"PYTHONPATH": f"{BASE_DIR}:{packages}", "PATH": os.environ["PATH"],
                 "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert done.stdout.startswith("postgres://"), done.stderr
        assert not processes_of(path)
    finally:
        shutil.rmtree(path)
