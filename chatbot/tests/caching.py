"""A shop whose large model has answered once: for the tests of kept answers. Models are fakes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from accounts.scope import workspace_scope
from chatbot.answering import models, pipeline
from chatbot.answering.contract import ESCALATE, SMALLTALK, AnswerRequest, Decision, Evidence
from chatbot.escalation import cache_calibration
from chatbot.escalation.cache_calibration import Bounds, CacheCalibration
from chatbot.models import CachedAnswer, Message, Receipt
from chatbot.tests.conftest import Visit, new_visit
from chatbot.tests.escalating import Escalated
from inference.reader import ReaderPassage, Reading
from knowledge.models import Passage
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.test_retrieval import publish
from outbox import tasks
from outbox.models import JobState, OutboxJob
from outbox.queue import claim

GREETING = "hi"
QUESTION = "How many days do I have to return a product?"
ALIKE = "How many days do I have to return the product"
SENTENCE = "You can return most products within 14 days of delivery"
ANSWER = f"{SENTENCE} [1]."
RETURNS = f"""## Sending back

{SENTENCE}. Returns are free of charge.

## Exchanges

Shoes are exchanged for another size in any of our shops.
"""
CALIBRATION = CacheCalibration(
    thresholds={0.1: Bounds(cosine=0.85, gain=-1.0)},
    models={"embedder": FakeEmbedder.fingerprint, "reader": "fake-reader"},
)


@dataclass
class FakeReader:
    """As sure of every question, but for the one that is `hard`. `asked`: what it has read for."""

    hard: str = ""
    asked: list[str] = field(default_factory=list)

    def read(self, question: str, passages: Sequence[ReaderPassage]) -> list[Reading]:
        self.asked.append(question)
        score = -5.0 if question == self.hard else 1.0
        return [Reading(0.9, 0, 1, score, 0.0) for _ in passages]


@dataclass
class Shop:
    """`reader` may be changed; tier 1 escalates every question with all passages."""

    escalated: Escalated
    reader: FakeReader

    @property
    def workspace_id(self) -> UUID:
        return self.escalated.visit.workspace_id

    def publishes(self, **texts: str) -> None:
        publish(self.workspace_id, texts, audience="public")

    def evidence(self, workspace_id: UUID) -> tuple[Evidence, ...]:
        with workspace_scope(workspace_id):
            rows = Passage.objects.filter(
                revision_id__in=Passage.objects.values("article__published_revision_id")
            ).select_related("article")
            return tuple(
                Evidence(
                    passage_id=str(row.id),
                    revision_id=str(row.revision_id),
                    article_id=str(row.article_id),
                    doc_id=row.article.external_id,
                    title=row.article.title,
                    heading_path=tuple(row.heading_path),
                    url="",
                    start=row.start,
                    end=row.end,
                    text=row.text,
                    fused=0.03,
                    relevance=0.9 if SENTENCE in row.text else 0.1,
                )
                for row in rows.order_by("position")
            )

    def decides(self, request: AnswerRequest) -> Decision:
        """As tier 1 does where it is not sure; a greeting it greets."""
        if request.question == GREETING:
            return Decision(SMALLTALK, "greeting", 1.0, text="Hello!")
        return Decision(
            ESCALATE, "low_confidence", 0.4, evidence=self.evidence(request.workspace_id)
        )

    def asks(self, text: str = QUESTION, visit: Visit | None = None) -> Visit:
        """A visitor asks, and every worker does what there is to do."""
        visit = visit or new_visit(self.workspace_id)
        visit.says(text, client_id=text[:60])
        self.works(visit.workspace_id)
        return visit

    def works(self, workspace_id: UUID | None = None) -> None:
        where = workspace_id or self.workspace_id
        while job := self.waiting(where):
            self.work(job)

    def work(self, job: OutboxJob) -> None:
        """As the worker of its queue does."""
        if job.queue == "escalations":
            leased = claim(job.workspace_id, job.id, lease_s=30.0)
            self.escalated.works(leased)
        else:
            tasks.run_job(str(job.workspace_id), str(job.id))

    def waiting(self, workspace_id: UUID) -> OutboxJob | None:
        with workspace_scope(workspace_id):
            rows = OutboxJob.objects.filter(state=JobState.READY)
            return rows.filter(queue__in=("answers", "escalations")).order_by("id").first()

    def entries(self) -> list[CachedAnswer]:
        with workspace_scope(self.workspace_id):
            return list(CachedAnswer.objects.order_by("id"))

    def calls(self) -> int:
        return len(self.escalated.server.requests)

    def change(self, **changes: Any) -> None:
        with workspace_scope(self.workspace_id):
            CachedAnswer.objects.update(**changes)


def replies(visit: Visit) -> list[Message]:
    with workspace_scope(visit.workspace_id):
        rows = Message.objects.filter(conversation_id=visit.conversation_id)
        return list(rows.exclude(author="visitor").order_by("created_at"))


def receipts(visit: Visit) -> list[Receipt]:
    with workspace_scope(visit.workspace_id):
        rows = Receipt.objects.filter(turn__conversation_id=visit.conversation_id)
        return list(rows.order_by("tier"))


def served(reader: FakeReader, mark: str = "fake-reader") -> SimpleNamespace:
    """Models of which the cache uses the embedder, the reader and what the dial looks at."""
    dial = SimpleNamespace(level=lambda risk: 0.1, threshold=lambda risk: 0.9)
    marks = {"embedder": FakeEmbedder.fingerprint, "reader": mark}
    return SimpleNamespace(
        embedder=FakeEmbedder(), reader=reader, calibration=dial, version="v", fingerprints=marks
    )


@pytest.fixture
def shop(escalated: Escalated, fake_model: FakeEmbedder, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = Shop(escalated, FakeReader())
    escalated.server.answer = ANSWER
    monkeypatch.setattr(pipeline, "answer", made.decides)
    monkeypatch.setattr(models, "loaded", lambda: served(made.reader))
    monkeypatch.setattr(cache_calibration, "loaded", lambda: CALIBRATION)
    made.publishes(Returns=RETURNS)
    return made


Calibrate = Callable[..., None]


@pytest.fixture
def calibrate(monkeypatch: pytest.MonkeyPatch) -> Calibrate:
    """With other parts than the fixture `shop` has."""

    def change(**changes: Any) -> None:
        monkeypatch.setattr(cache_calibration, "loaded", lambda: replace(CALIBRATION, **changes))

    return change
