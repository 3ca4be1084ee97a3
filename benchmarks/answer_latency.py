"""Message in to answer out over the socket, and where the milliseconds go.

    python -m benchmarks.answer_latency [--passages 10000] [--questions 200] [--articles FILE]

Starts the whole service in a PostgreSQL and Redis of its own, imports help pages about made-up
devices (five passages each) and, if given, a JSON-lines file of articles beside them; then asks one
question after the other, each as a new visitor, from the moment in which the frame is sent until
the answer's frame has arrived. The dial is at 30%, so that most questions are answered; what is
not answered is counted apart. Milliseconds, wall clock.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from websockets.asyncio.client import connect
from websockets.typing import Origin

from benchmarks.made_up_devices import articles, questions
from config.local.private import temporary
from config.local.processes import processes
from config.local.supervisor import Supervisor

WARM_UP = 10
ANSWER_S = 60.0
RESAMPLES = 1_000
RISK = 0.3
ENDINGS = {"message.posted": "answered", "owner.changed": "handed over"}


@dataclass(frozen=True)
class Asked:
    """What one question took. ending: answered, or handed over."""

    accepted_ms: float
    answered_ms: float
    ending: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--articles", type=Path, help="JSON lines of articles to import as well")
    parser.add_argument("--port", type=int, default=8399)
    given = parser.parse_args()
    print("python -m benchmarks.answer_latency", " ".join(sys.argv[1:]), flush=True)
    with temporary() as services, tempfile.TemporaryDirectory() as scratch:
        os.environ.update(services.environment)
        os.environ |= {"PORT": str(given.port), "FIRSTLINE_ENV_FILE": os.devnull}
        os.environ["BASE_URL"] = f"http://127.0.0.1:{given.port}"
        _measure(given, Path(scratch))


def _measure(given: argparse.Namespace, scratch: Path) -> None:
    key, workspace_id = _prepare(given, scratch)
    children = processes(host="127.0.0.1", port=given.port)
    supervisor = Supervisor(children, logs=scratch, environment=os.environ)
    supervisor.start()
    try:
        _wait_ready(supervisor)
        asked = questions(given.passages // 5, given.questions + WARM_UP)
        numbered = enumerate(asked)
        found = [asyncio.run(_ask(given.port, key, text, number)) for number, text in numbered]
    finally:
        supervisor.stop()
    _report(found[WARM_UP:], workspace_id)


def _prepare(given: argparse.Namespace, scratch: Path) -> tuple[str, UUID]:
    """Migrate, make the workspace, import. Returns the widget's key and the workspace."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.models import WorkspaceSettings
    from accounts.scope import workspace_scope
    from console.provisioning import create_workspace
    from knowledge.importing import import_path

    call_command("migrate", database="owner", verbosity=0)
    place = create_workspace("latency", name="Latency")
    workspace_id = place.workspace.id
    with workspace_scope(workspace_id):
        WorkspaceSettings.objects.update_or_create(
            workspace=place.workspace, defaults={"risk": RISK}
        )
    pages = scratch / "devices.jsonl"
    pages.write_text("".join(json.dumps(row) + "\n" for row in articles(given.passages // 5)))
    for path in filter(None, (pages, given.articles)):
        report = import_path(workspace_id, path)
        print(f"{report.passages:,} passages imported in {report.seconds:.0f} s", flush=True)
    return place.widget_key, workspace_id


def _wait_ready(supervisor: Supervisor) -> None:
    from chatbot.health import readiness

    deadline = time.monotonic() + 120
    while not readiness().ready:
        supervisor.check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"not ready: {readiness().missing}")
        time.sleep(0.2)
    time.sleep(2)


async def _ask(port: int, key: str, text: str, number: int) -> Asked:
    """One visitor, one question; each from another loopback address, as visitors come."""
    url = f"ws://127.0.0.1:{port}/ws/v1/visitor?key={key}"
    origin = Origin(f"http://127.0.0.1:{port}")
    source = (f"127.0.{1 + number // 250}.{1 + number % 250}", 0)
    async with connect(url, origin=origin, local_addr=source) as socket:
        await _send(socket, {"type": "session.start"})
        while (await _receive(socket))["type"] != "session.started":
            pass
        started = time.perf_counter()
        await _send(socket, {"type": "message.send", "client_id": "1", "text": text})
        accepted = 0.0
        while True:
            frame = await _receive(socket)
            passed = (time.perf_counter() - started) * 1000
            if frame["type"] == "message.accepted":
                accepted = passed
            elif frame["type"] == "event" and _from_us(frame):
                return Asked(accepted, passed, ENDINGS[frame["kind"]])


def _from_us(frame: dict[str, Any]) -> bool:
    return frame["kind"] in ENDINGS and frame["payload"].get("author") != "visitor"


async def _send(socket: Any, frame: dict[str, Any]) -> None:
    await socket.send(json.dumps(frame))


async def _receive(socket: Any) -> dict[str, Any]:
    frame = dict(json.loads(await asyncio.wait_for(socket.recv(), ANSWER_S)))
    if frame["type"] == "error":
        raise RuntimeError(frame["message"])
    return frame


def _report(found: Sequence[Asked], workspace_id: UUID) -> None:
    from accounts.scope import workspace_scope
    from chatbot.models import Receipt

    print(f"{len(found)} questions:", dict(Counter(one.ending for one in found)))
    _line("message.accepted", [one.accepted_ms for one in found])
    for ending in ENDINGS.values():
        _line(ending, [one.answered_ms for one in found if one.ending == ending])
    with workspace_scope(workspace_id):
        rows = list(Receipt.objects.order_by("-id").values_list("stages_ms", flat=True))
    stages: dict[str, list[float]] = {}
    for row in rows[: len(found)]:
        for name, spent in row.items():
            stages.setdefault(name, []).append(float(spent))
    for name, spent in stages.items():
        _line(f"  stage {name}", spent)


def _line(name: str, values: Sequence[float]) -> None:
    """Both percentiles, each with a 95% interval from drawing the questions with replacement."""
    if not values:
        return
    drawn = np.random.default_rng(1).choice(values, (RESAMPLES, len(values)))
    told = []
    for share in (50, 95):
        low, high = np.percentile(np.percentile(drawn, share, axis=1), [2.5, 97.5])
        told.append(f"p{share} {np.percentile(values, share):6.1f} ms [{low:.1f}, {high:.1f}]")
    print(f"{name:20} {'   '.join(told)}   n {len(values)}", flush=True)


if __name__ == "__main__":
    main()
