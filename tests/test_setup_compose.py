"""docker-compose.yml: read, compared with the supervisor's list, and each command run here."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.env import BASE_DIR
from config.local.folder import open_folder
from config.local.private import Services
from config.local.processes import Process, processes
from tests.test_setup_environment import names_read

Running = dict[str, tuple[Process, subprocess.Popen[bytes], Path, int]]
APPLICATION = {
    "migrate",
    "web",
    "worker-answers",
    "worker-escalations",
    "worker-knowledge",
    "worker-tuning",
    "worker-generator",
    "scheduler",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8")))


def test_every_service_of_the_design_is_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == APPLICATION | {"postgres", "redis", "caddy"}


def test_only_caddy_is_open_to_the_world(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == [
        "caddy"
    ]


def test_the_commands_are_those_of_the_supervisor(compose: dict[str, Any]) -> None:
    for process in processes(host="0.0.0.0", port=8000, trains=True, generates=True):  # noqa: S104  (inside a container)
        expected = ["python", "-m", process.module, *process.arguments]
        assert compose["services"][process.name]["command"] == expected, process.name


def test_volumes_and_dependencies_exist(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            exists = source in compose["volumes"] or (BASE_DIR / source).is_file()
            assert exists, f"{name}: {source}"
        for other, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in compose["services"][other], f"{name} waits for {other}"


def test_what_compose_reads_from_dot_env_is_in_the_example(compose: dict[str, Any]) -> None:
    text = (BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8")
    wanted = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text))
    example = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
    assert wanted <= set(re.findall(r"^# ([A-Z_]+)=", example, flags=re.MULTILINE))


def test_every_setting_reaches_the_containers(compose: dict[str, Any]) -> None:
    """PORT and MODELS_DIR are the image's own; the demo is for `make run`; the three Redis
    addresses follow from one."""
    ours = {"PORT", "MODELS_DIR", "DEMO_PASSWORD"}
    assert names_read() - ours <= set(compose["x-environment"])


def test_secrets_have_no_default(compose: dict[str, Any]) -> None:
    text = (BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8")
    optional = {"EMAIL_HOST_PASSWORD"}  # a mail server may want none
    for name in set(re.findall(r"\$\{([A-Z_]*(?:PASSWORD|SECRET_KEY))", text)) - optional:
        assert not re.search(rf"\$\{{{name}(?!:\?\}})", text), name


@pytest.fixture(scope="module")
def running(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Every command of the file at once, on this machine, with the session's services."""
    folder = tmp_path_factory.mktemp("compose")
    port = free_port()
    begun: Running = {}
    for process in processes(host="127.0.0.1", port=port, trains=True, generates=True):
        log = folder / f"{process.name}.log"
        with log.open("wb") as stream:
            popen = subprocess.Popen(
                process.command(), cwd=BASE_DIR, stdout=stream, stderr=stream,
                start_new_session=True,
            )  # fmt: skip
        begun[process.name] = (process, popen, log, port)
    yield begun
    for _, popen, _, _ in begun.values():
        popen.kill()
        popen.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], log: Path, *, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")[-3000:]
        time.sleep(0.2)


def test_the_migrate_service_works_a_second_time_too(
    compose: dict[str, Any], services: Services, django_db_setup: None
) -> None:
    """The session's own database has roles and migrations already."""
    private = open_folder(services.held[0].folder)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    admin = f"postgres://postgres:{private.admin_password}@/postgres?host={private.sockets}"
    done = subprocess.run(
        compose["services"]["migrate"]["command"],
        cwd=BASE_DIR, check=False, capture_output=True, text=True, timeout=300,
        env=os.environ | {"PATH": path, "DATABASE_ADMIN_URL": admin},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("queue", ["answers", "escalations", "knowledge", "generator"])
def test_each_worker_answers_a_ping(running: Running, queue: str, django_db_setup: None) -> None:
    from config.celery import app

    name = f"{queue}@{socket.gethostname()}"
    _, popen, log, _ = running[f"worker-{queue}"]

    def pings() -> bool:
        assert popen.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        return bool(app.control.ping(destination=[name], timeout=1))

    wait_for(pings, log)


def test_the_web_process_is_healthy(running: Running, django_db_setup: None) -> None:
    _, popen, log, port = running["web"]

    def healthy() -> bool:
        assert popen.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=3) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    wait_for(healthy, log)


def test_every_command_runs_on_and_ends_when_asked(running: Running) -> None:
    for process, popen, log, _ in running.values():
        assert popen.poll() is None, f"{process.name}: {log.read_text(encoding='utf-8')[-3000:]}"
    for _, popen, _, _ in running.values():
        popen.send_signal(signal.SIGTERM)
    for process, popen, log, _ in running.values():
        assert popen.wait(20) is not None, process.name
        assert "Traceback" not in log.read_text(encoding="utf-8"), process.name
