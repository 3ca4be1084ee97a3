"""Many questions at the large model at once, and what happens when every provider goes away.

    python -m benchmarks.escalation_load [--calls 200] [--pause-s 0.1] [--rounds killed silent]

A fresh private PostgreSQL and Redis; two providers, each a process of tests.fault_server on this
machine, the second as fail-over. All questions are asked by the code that the escalation worker
runs, on its one loop, in three rounds:

well        each answer comes in small pieces with a pause after each
killed      both servers are killed while every visitor reads the middle of an answer
silent      both are stopped instead, so that connections stay open and nothing comes

Says how long all of it took and what CPU of this process (the database's and the servers' are not
in it), after what time visitors had an outcome (percentiles, from the call,
or from the outage), what kinds they were, and whether each had exactly one. Ends with status 1 if
any had none or two.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from config.local.private import temporary

if TYPE_CHECKING:
    from chatbot.answering.contract import Evidence
    from outbox.queue import LeasedJob

RETURNS = "You can return most products within 14 days of delivery. Returns are free of charge."
SHIPPING = "Standard shipping takes three working days. Shipping costs 4.90 EUR."
QUESTION = "Within how many days can I return products, and how much does shipping cost?"
MIDDLE = 1  # sentences that a visitor has read when the outage begins
START_S = 120.0
WELL, KILLED, SILENT = ROUNDS = ("well", "killed", "silent")


@dataclass
class Round:
    """`ended_at`: seconds of time.monotonic() by conversation."""

    name: str
    began_at: float = 0.0
    outage_at: float | None = None
    cpu_s: float = 0.0
    ended_at: dict[UUID, float] = field(default_factory=dict)


@contextmanager
def provider_process(pause_s: float) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that answers slowly, and its address."""
    from tests.live import free_port

    command = [
        sys.executable, "-m", "tests.fault_server",
        "--port", str(free_port()), "--mode", "slow", "--pause-s", str(pause_s),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip().partition("=")[2]
        try:
            yield process, url
        finally:
            process.kill()


def asked(workspace_id: UUID, found: "tuple[Evidence, ...]") -> "tuple[UUID, LeasedJob]":
    """A visitor whose question was handed to the large model; the job is claimed."""
    from accounts.scope import workspace_scope
    from chatbot import events, intake
    from chatbot.answering.contract import ESCALATE, Decision
    from chatbot.escalation.request import request_escalation
    from chatbot.models import Channel, Contact, Conversation, Turn
    from outbox.models import OutboxJob
    from outbox.queue import claim

    with workspace_scope(workspace_id):
        contact = Contact.objects.create(workspace_id=workspace_id)
        row = Conversation.objects.create(
            workspace_id=workspace_id, channel=Channel.API, contact=contact
        )
    intake.post_visitor_message(
        workspace_id, row.id, contact.id, client_id=str(row.id), text=QUESTION
    )
    decision = Decision(ESCALATE, "low_confidence", 0.4, evidence=found)
    with workspace_scope(workspace_id):
        conversation = events.lock(row.id)
        refused = request_escalation(conversation, Turn.objects.get(conversation=row), decision)
        assert refused is None, refused
        job = OutboxJob.objects.filter(kind="escalate").latest("created_at")
    leased = claim(workspace_id, job.id, lease_s=600.0)
    assert leased is not None
    return row.id, leased


def _published(workspace_id: UUID) -> "tuple[Evidence, ...]":
    """Two articles of one passage each."""
    from accounts.ids import uuid7
    from chatbot.answering.contract import Evidence
    from chatbot.tests.publishing import published

    found = tuple(
        Evidence(
            passage_id=str(uuid7()), revision_id=str(uuid7()), article_id=str(uuid7()),
            doc_id=title, title=title, heading_path=("In short",), url="",
            start=0, end=len(text), text=text, fused=0.03, relevance=0.5,
        )
        for title, text in (("Returns", RETURNS), ("Shipping", SHIPPING))
    )  # fmt: skip
    published(workspace_id, found)
    return found


def run_round(
    this: Round, workspace_id: UUID, calls: int, outage: Sequence[subprocess.Popen[str]]
) -> list[UUID]:
    """All at once on the worker's loop; with servers to take away, once all are in mid-answer."""
    from chatbot import broadcast
    from chatbot.escalation import breaker
    from chatbot.escalation.work import run_escalation
    from outbox import loop

    breaker.forget()
    found = _published(workspace_id)
    jobs = [asked(workspace_id, found) for _ in range(calls)]
    read: Counter[UUID] = Counter()
    reading = threading.Event()

    def hear(conversation_id: UUID, frame: dict[str, object]) -> None:
        if frame["type"] == "draft.appended":
            read[conversation_id] += 1
            if len(read) == calls and min(read.values()) >= MIDDLE:
                reading.set()

    async def one(conversation_id: UUID, job: "LeasedJob") -> None:
        await run_escalation(job)
        this.ended_at[conversation_id] = time.monotonic()

    shown, broadcast.transient = broadcast.transient, hear
    try:
        this.began_at, cpu_s = time.monotonic(), time.process_time()
        futures = [loop.submit(one(*each)) for each in jobs]
        if outage:
            assert reading.wait(START_S), f"only {len(read)} of {calls} were in mid-answer"
            this.outage_at, cpu_s = time.monotonic(), time.process_time()
            for process in outage:
                process.send_signal(signal.SIGKILL if this.name == KILLED else signal.SIGSTOP)
        for future in futures:
            future.result(600)
        this.cpu_s = time.process_time() - cpu_s
    finally:
        broadcast.transient = shown
    return [conversation_id for conversation_id, _ in jobs]


def outcomes(workspace_id: UUID, conversations: Sequence[UUID]) -> Counter[str]:
    """How many conversations had which outcome; anything but one answer or one handoff is wrong."""
    from accounts.scope import workspace_scope
    from chatbot.models import Event, Message

    found: Counter[str] = Counter()
    with workspace_scope(workspace_id):
        rows = Message.objects.filter(conversation_id__in=conversations).exclude(author="visitor")
        answers = Counter(rows.values_list("conversation_id", flat=True))
        told = Counter(
            Event.objects.filter(
                conversation_id__in=conversations, kind="owner.changed",
                visitor_seq__isnull=False,
            ).values_list("conversation_id", flat=True)
        )  # fmt: skip
    for one in conversations:
        match answers[one], told[one]:
            case 1, 0:
                found["answered"] += 1
            case 0, 1:
                found["handed to people"] += 1
            case _:
                found["WRONG"] += 1
    return found


def say(this: Round, found: Counter[str]) -> None:
    since = this.began_at if this.outage_at is None else this.outage_at
    waits = sorted(max(0.0, at - since) for at in this.ended_at.values())
    of = {share: waits[min(len(waits) - 1, int(share * len(waits)))] for share in (0.5, 0.95)}
    what = "from the call" if this.outage_at is None else "from the outage"
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))
    print(f"{this.name}: {kinds}; seconds {what}: median {of[0.5]:.1f}, 95% {of[0.95]:.1f}, "
          f"last {waits[-1]:.1f}; CPU of this process {this.cpu_s:.1f} s", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Many calls of a large model at once.")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--pause-s", type=float, default=0.1, help="after each seven characters")
    parser.add_argument("--rounds", nargs="+", choices=ROUNDS, default=ROUNDS)
    given = parser.parse_args()
    print("python -m benchmarks.escalation_load", " ".join(sys.argv[1:]), flush=True)
    with temporary() as services:
        os.environ.update(services.environment)
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        sys.exit(_run(given.calls, given.pause_s, given.rounds))


def _run(calls: int, pause_s: float, rounds: Sequence[str]) -> int:
    import logging

    from django.core.management import call_command

    from accounts.models import Workspace
    from chatbot.escalation import provider

    logging.disable(logging.WARNING)
    call_command("migrate", database="owner", verbosity=0)
    provider.load()
    wrong = 0
    for name in rounds:
        with (
            provider_process(pause_s) as (first, url),
            provider_process(pause_s) as (second, other),
        ):
            workspace = Workspace.objects.create(slug=name, name=name)
            _use(workspace.id, [url, other])
            this = Round(name)
            taken = [] if name == WELL else [first, second]
            found = outcomes(workspace.id, run_round(this, workspace.id, calls, taken))
            say(this, found)
            wrong += found["WRONG"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{calls} at once in one process; its memory at most {peak:.0f} MiB")
    return 1 if wrong else 0


def _use(workspace_id: UUID, urls: Sequence[str]) -> None:
    """Free of charge, so that no budget ends it."""
    from accounts.scope import workspace_scope
    from chatbot.models import LargeModel

    with workspace_scope(workspace_id):
        for position, url in enumerate(urls):
            LargeModel.objects.create(
                workspace_id=workspace_id, position=position, vendor="compatible",
                base_url=url, model="fault", price_input_per_mtok=0.0, price_output_per_mtok=0.0,
            )  # fmt: skip


if __name__ == "__main__":
    main()
