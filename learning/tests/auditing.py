"""Turns that tier 1 weighed, drawn or not, for tests of audits and labels."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.ids import uuid7
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import tasks as chatbot_tasks
from chatbot.answering import pipeline
from chatbot.answering.contract import ANSWER, ESCALATE, AnswerRequest, Citation, Decision, Evidence
from chatbot.intake import post_visitor_message
from chatbot.sessions import VisitorSession, start_session
from learning.models import Audit
from outbox import tasks
from outbox.models import JobState, OutboxJob
from tests.cast import Cast

PASSAGE = "You may return an anvil within **30 days**. Refunds take a week."
TEXT = "You may return an anvil within **30 days**."


def decision(kind: str = ANSWER, *, confidence: float = 0.8, text: str = TEXT) -> Decision:
    """From one passage. An answer is surer than its threshold, an escalation is not."""
    article = str(uuid7())
    url = f"/help/acme/{article}/#h-time-limits"
    return Decision(
        kind=kind,
        reason="" if kind == ANSWER else "low_confidence",
        confidence=confidence,
        text=text,
        citations=(Citation(1, article, "Returns", "Time limits", url, "30 days"),),
        evidence=(
            Evidence(
                passage_id=str(uuid7()), revision_id=str(uuid7()), article_id=article,
                doc_id="returns", title="Returns", heading_path=("Returns", "Time limits"),
                url="", start=0, end=len(PASSAGE), text=PASSAGE, fused=0.1, relevance=0.9,
                margin=2.0, answer_start=0, answer_end=len(TEXT),
            ),
        ),
        threshold=0.5,
        risk=0.05,
        features={"margin": confidence * 10},
        models_version="models-1",
    )  # fmt: skip


def decide(request: AnswerRequest) -> Decision:
    """Sure of what asks for an anvil, unsure of the rest."""
    if "anvil" in request.question:
        return decision(ANSWER)
    return decision(ESCALATE, confidence=0.3)


@pytest.fixture
def weighing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tier 1 decides as `decide` says, from passages that stay; `work` plays the workers."""

    def still_published(ids: Collection[UUID], *, filters: object) -> set[UUID]:
        return set(ids)

    monkeypatch.setattr(pipeline, "answer", decide)
    monkeypatch.setattr(chatbot_tasks, "still_published", still_published)
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)  # the test's own is in use


def set_share(cast: Cast, share: float) -> None:
    change_settings(cast.workspace.id, actor=cast.alice, audit_share=share)


def new_visitor(cast: Cast) -> VisitorSession:
    return start_session(cast.workspace.id, cast.acme.widget_key, token=None, language="en")


def say(cast: Cast, visitor: VisitorSession, text: str) -> None:
    """The visitor writes, and the workers do all there is to do."""
    post_visitor_message(
        cast.workspace.id,
        visitor.conversation_id,
        visitor.contact_id,
        client_id=str(uuid7()),
        text=text,
    )
    work(cast.workspace.id)


def work(workspace_id: UUID) -> None:
    """All that is due; what waits for its time goes on waiting."""
    while True:
        with workspace_scope(workspace_id):
            now = timezone.now()
            ready = OutboxJob.objects.filter(state=JobState.READY, available_at__lte=now)
            ready = ready.order_by("id")
            job_id = ready.values_list("id", flat=True).first()
        if job_id is None:
            return
        tasks.run_job(str(workspace_id), str(job_id))


def drawn(cast: Cast) -> list[Audit]:
    with workspace_scope(cast.workspace.id):
        return list(Audit.objects.select_related("receipt").order_by("drawn_at", "id"))


def rows(cast: Cast) -> list[dict[str, Any]]:
    """Everything about acme's audits that somebody could change."""
    with workspace_scope(cast.workspace.id):
        return [dict(row) for row in Audit.objects.order_by("id").values()]
