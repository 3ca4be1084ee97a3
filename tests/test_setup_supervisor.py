"""The supervisor of `make run`, with stand-ins for the processes of the service."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from config.env import BASE_DIR
from config.local import run
from config.local.processes import Process, processes

PROGRAM = """
import sys, time
from pathlib import Path
from config.local.processes import Process
from config.local.supervisor import Supervisor
import os
folder = Path(sys.argv[1])
kinds = sys.argv[2:]
supervisor = Supervisor(
    [Process(kind, "tests.standin", (kind, str(folder)), stop_s=1.0) for kind in kinds],
    logs=folder, environment=os.environ,
)
supervisor.listen()
supervisor.start()
while not supervisor.stopping:
    supervisor.check()
    time.sleep(0.05)
supervisor.stop()
"""

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[subprocess.Popen[bytes]] = []

    def start_supervisor(*kinds: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), *kinds]
        begun.append(subprocess.Popen(command, cwd=BASE_DIR))
        for kind in {*kinds, *(["stubborn"] if "family" in kinds else [])}:
            wait_for(partial(pids, tmp_path, kind))
        return begun[-1]

    yield start_supervisor
    for popen in begun:
        popen.kill()
        popen.wait()


def pids(folder: Path, kind: str) -> list[int]:
    file = folder / kind
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def wait_for(condition: Callable[[], object], *, timeout_s: float = 15) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def gone(folder: Path, *kinds: str) -> bool:
    return not any(running(pid) for kind in kinds for pid in pids(folder, kind))


def running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_child(start: Start, tmp_path: Path, number: int) -> None:
    supervisor = start("polite", "family")
    supervisor.send_signal(number)
    assert supervisor.wait(15) == 0
    assert gone(tmp_path, "polite", "family", "stubborn")


def test_a_child_that_ignores_the_request_is_ended(start: Start, tmp_path: Path) -> None:
    supervisor = start("stubborn")
    supervisor.terminate()
    assert supervisor.wait(15) == 0
    assert gone(tmp_path, "stubborn")


def test_a_killed_supervisor_leaves_no_process(start: Start, tmp_path: Path) -> None:
    supervisor = start("polite", "family")
    supervisor.kill()
    supervisor.wait(15)
    wait_for(lambda: gone(tmp_path, "polite", "family", "stubborn"))


def test_a_crashed_child_starts_again_with_pauses_that_grow(start: Start, tmp_path: Path) -> None:
    start("polite", "crashing")
    wait_for(lambda: len(pids(tmp_path, "crashing")) == 3)
    assert len(pids(tmp_path, "polite")) == 1


def test_a_killed_child_starts_again_and_its_family_is_ended(start: Start, tmp_path: Path) -> None:
    start("family")
    first, helper = pids(tmp_path, "family")[0], pids(tmp_path, "stubborn")[0]
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: len(pids(tmp_path, "family")) == 2)
    wait_for(lambda: not running(helper))


def test_each_queue_has_one_worker() -> None:
    every = processes(host="127.0.0.1", port=1)
    queues = [p.arguments[p.arguments.index("--queues") + 1] for p in every if "worker" in p.name]
    assert sorted(queues) == ["answers", "escalations", "knowledge"]
    more = {p.name for p in processes(host="127.0.0.1", port=1, trains=True, generates=True)}
    assert more - {p.name for p in every} == {"worker-tuning", "worker-generator"}
    assert {p.name for p in every if "worker" not in p.name} == {"web", "scheduler"}
    assert all(isinstance(p, Process) for p in every)


def test_a_worker_for_models_in_the_house_starts_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARTEFACTS_DIR", raising=False)
    assert not run.has_generator(tmp_path)
    names = tmp_path / "artefacts" / "generators" / "names"
    names.mkdir(parents=True)
    assert not run.has_generator(tmp_path)
    (names / "small.json").write_text("{}")
    assert run.has_generator(tmp_path)
