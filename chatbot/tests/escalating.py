"""Vera's question handed to a large model's server that we run: for the tests of escalation."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.test import override_settings

from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot import broadcast, events, handoff
from chatbot.answering.contract import ESCALATE, Decision, Evidence
from chatbot.escalation import breaker, provider, supporting
from chatbot.escalation.request import request_escalation
from chatbot.escalation.work import run_escalation
from chatbot.models import EgressEntry, Escalation, Handoff, Message, Receipt, Turn
from chatbot.tests.conftest import Visit, new_visit
from chatbot.tests.publishing import published
from outbox import loop
from outbox.models import OutboxJob
from outbox.queue import LeasedJob, claim
from tests.fault_server import FaultServer

KEY = "sk-secret-1234567890"
RETURNS = (
    "You can return most products within 14 days of delivery. Returns are free of charge. "
    "Questions about returns are answered at returns@shop.example."
)
SHIPPING = "Standard shipping takes three working days. Shipping costs 4.90 EUR."
QUESTION = (
    "Within how many days of delivery can I return products, and how many EUR are shipping costs? "
    "I am vera@example.org, +44 20 7946 0958, card 4111 1111 1111 1111."
)


def evidence(number: int, title: str, text: str, *, relevance: float | None = 0.5) -> Evidence:
    return Evidence(
        passage_id=f"00000000-0000-7000-8000-0000000001{number:02}",
        revision_id=f"00000000-0000-7000-8000-0000000002{number:02}",
        article_id=f"00000000-0000-7000-8000-0000000003{number:02}",
        doc_id=str(number),
        title=title,
        heading_path=("In short",),
        url="",
        start=0,
        end=len(text),
        text=text,
        fused=0.03,
        relevance=relevance,
    )


DECISION = Decision(
    ESCALATE,
    "low_confidence",
    0.4,
    evidence=(evidence(1, "Returns", RETURNS), evidence(2, "Shipping", SHIPPING, relevance=0.4)),
)


def until(condition: Callable[[], bool]) -> None:
    """Wait for another thread; fails after twenty seconds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@dataclass
class Escalated:
    """A visit whose question goes to the server; `frames` are the transient ones."""

    visit: Visit
    server: FaultServer
    frames: list[dict[str, Any]]

    def asks(self, text: str = QUESTION, decision: Decision = DECISION) -> str | None:
        """The visitor writes, and tier 1 escalates: the refusal's reason, or None."""
        self.visit.says(text, client_id=text[:40])
        return self.escalates(decision)

    def escalates(self, decision: Decision = DECISION) -> str | None:
        """What tier 1 has found is published."""
        published(self.visit.workspace_id, decision.evidence)
        with workspace_scope(self.visit.workspace_id):
            conversation = events.lock(self.visit.conversation_id)
            turn = self._turns().latest("number")
            refused = request_escalation(conversation, turn, decision)
            if refused:
                handoff.request(conversation, reason=refused, turn=turn)
        return refused

    def job(self) -> OutboxJob:
        """The newest escalation's job, due now; an older lease has run out."""
        with workspace_scope(self.visit.workspace_id):
            jobs = OutboxJob.objects.filter(kind="escalate")
            job = jobs.latest("created_at")
            jobs.filter(id=job.id).update(locked_until=None, available_at=job.created_at)
        return job

    def claims(self) -> LeasedJob:
        """As a worker claims it."""
        job = self.job()
        leased = claim(self.visit.workspace_id, job.id, lease_s=30.0)
        assert leased is not None
        return leased

    def works(self, job: LeasedJob | None = None) -> None:
        """As the worker does it: on the one loop of the process."""
        loop.submit(run_escalation(job or self.claims())).result(30)

    def _turns(self) -> Any:
        return Turn.objects.filter(conversation_id=self.visit.conversation_id)

    def turn(self) -> Turn:
        with workspace_scope(self.visit.workspace_id):
            return Turn(**self._turns().values().latest("number"))

    def escalation(self) -> Escalation:
        with workspace_scope(self.visit.workspace_id):
            return Escalation.objects.latest("requested_at")

    def replies(self) -> list[Message]:
        with workspace_scope(self.visit.workspace_id):
            rows = Message.objects.filter(conversation_id=self.visit.conversation_id)
            return list(rows.exclude(author="visitor").order_by("created_at"))

    def receipts(self) -> list[Receipt]:
        with workspace_scope(self.visit.workspace_id):
            return list(Receipt.objects.filter(tier=2).order_by("created_at"))

    def egress(self) -> list[EgressEntry]:
        with workspace_scope(self.visit.workspace_id):
            return list(EgressEntry.objects.order_by("created_at"))

    def handoffs(self) -> list[str]:
        with workspace_scope(self.visit.workspace_id):
            return list(Handoff.objects.values_list("reason", flat=True))

    def job_state(self, job_id: UUID) -> str:
        with workspace_scope(self.visit.workspace_id):
            return OutboxJob.objects.get(id=job_id).state

    def drafted(self) -> str:
        return "".join(f["text"] for f in self.frames if f["type"] == "draft.appended")


@contextmanager
def escalating(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Escalated]:
    """A server, the settings that point to it, and a visit; clients are loaded before."""
    frames: list[dict[str, Any]] = []
    monkeypatch.setattr(broadcast, "transient", lambda _, frame: frames.append(frame))
    monkeypatch.setattr(supporting, "reader", lambda: None)  # words alone: quick, and the same
    provider.load()
    breaker.forget()
    server = FaultServer().start()
    with override_settings(
        LLM_PROVIDER="openai",
        LLM_BASE_URL=server.url,
        LLM_API_KEY=KEY,
        LLM_MODEL="fault",
        LLM_PRICE_INPUT_PER_MTOK=1.0,
        LLM_PRICE_OUTPUT_PER_MTOK=10.0,
        LLM_FIRST_TOKEN_TIMEOUT_S=10.0,
        LLM_TIMEOUT_S=20.0,
    ):
        yield Escalated(new_visit(acme.id), server, frames)
    server.stop()
