"""An editor's question, put to tier 1 as a visitor would ask it. Kept for a day.

The web process writes a row and a job; a worker of the queue `answers` answers it, and with it the
same question as if an article's unpublished text were published. No large model is asked.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.errors import Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import phrases
from chatbot.answering.contract import CLARIFY, DECLINE, ESCALATE, HANDOFF, SMALLTALK, Decision
from chatbot.escalation.request import refusal
from knowledge.models import Article, Revision
from knowledge.unpublished import Unpublished, of_revision
from learning import golden
from learning.explaining import as_json
from learning.matching import Span
from learning.models import GoldenQuestion, PlaygroundRun
from learning.places import published_texts
from learning.questions import Question
from learning.rehearsing import ModelsMissing, asked
from outbox.queue import LeasedJob, enqueue

KIND, QUEUE = "try_question", "answers"
FORGET = "forget_tried"
KEPT_FOR = timedelta(days=1)
NO_MODELS, NO_WORKER = "no_models", "no_worker"  # PlaygroundRun.problem


@dataclass(frozen=True)
class Try:
    """doc_id: the article whose unpublished text is tried as well; empty for none."""

    question: str
    history: tuple[tuple[str, str], ...] = ()
    audience: str = "public"
    language: str = "en"
    doc_id: str = ""


def ask(member: Member, wanted: Try) -> PlaygroundRun:
    """Raises NotFound for an article that is not there, Invalid for one that has no draft."""
    workspace_id = member.workspace_id
    with workspace_scope(workspace_id):
        draft = draft_of(wanted.doc_id) if wanted.doc_id else None
        run = PlaygroundRun.objects.create(
            workspace_id=workspace_id,
            question=wanted.question,
            history=[list(message) for message in wanted.history],
            audience=wanted.audience,
            language=wanted.language,
            draft_id=draft.id if draft else None,
            asked_by=member,
        )
        payload = {"run_id": str(run.id)}
        enqueue(KIND, workspace_id=workspace_id, payload=payload, queue=QUEUE)
        enqueue(
            FORGET,
            workspace_id=workspace_id,
            payload=payload,
            queue="knowledge",
            delay_s=KEPT_FOR.total_seconds(),
        )
    return run


def draft_of(doc_id: str) -> Revision:
    """The article's newest text if it does not answer. Needs the scope; raises as `ask`."""
    article = Article.objects.filter(external_id=doc_id).first()
    if article is None:
        raise NotFound("no such article")
    newest = article.revisions.order_by("-number").first()
    if newest is None or newest.id == article.published_revision_id:
        raise Invalid("The article has no text that is not published")
    return newest


def run_of(workspace_id: UUID, run_id: UUID) -> PlaygroundRun:
    """Raises NotFound, also for one that is a day old."""
    with workspace_scope(workspace_id):
        row = PlaygroundRun.objects.filter(id=run_id).first()
    if row is None or timezone.now() - row.created_at > KEPT_FOR:
        raise NotFound("no such question")
    return row


def last(member: Member, count: int = 10) -> list[PlaygroundRun]:
    """What this member asked last, newest first."""
    with workspace_scope(member.workspace_id):
        since = timezone.now() - KEPT_FOR
        rows = PlaygroundRun.objects.filter(asked_by=member, created_at__gt=since)
        shown = rows.only("id", "question", "audience", "created_at", "ended_at")
        return list(shown.order_by("-created_at")[:count])


def run(job: LeasedJob) -> None:
    """Answer it, and with the draft if one was named. Twice is harmless."""
    with workspace_scope(job.workspace_id):
        rows = PlaygroundRun.objects.filter(id=UUID(job.payload["run_id"]), ended_at=None)
        row = rows.first()
        if row is None:
            job.complete()
            return
        draft = _draft(row)
    outcome: dict[str, Any] = {}
    try:
        outcome["result"] = _outcome(row, None)
        if draft is not None:
            outcome["draft_result"] = _outcome(row, draft)
    except ModelsMissing:
        outcome = {"problem": NO_MODELS}
    with workspace_scope(job.workspace_id):
        rows.update(ended_at=timezone.now(), **outcome)
        job.complete()


def failed(job: LeasedJob) -> None:
    """No worker could finish it. Runs in the transaction that buries the job."""
    rows = PlaygroundRun.objects.filter(id=UUID(job.payload["run_id"]), ended_at=None)
    rows.update(ended_at=timezone.now(), problem=NO_WORKER)


def forget(job: LeasedJob) -> None:
    with workspace_scope(job.workspace_id):
        PlaygroundRun.objects.filter(id=UUID(job.payload["run_id"])).delete()
        job.complete()


def _draft(row: PlaygroundRun) -> Unpublished | None:
    """None too where the revision is gone."""
    if row.draft_id is None:
        return None
    revision = Revision.objects.select_related("article").filter(id=row.draft_id).first()
    return of_revision(revision, revision.article) if revision else None


def _outcome(row: PlaygroundRun, draft: Unpublished | None) -> dict[str, Any]:
    """The decision as JSON, and what would follow from it: `tier`, `said`, `refused`."""
    history = tuple((role, text) for role, text in row.history)
    question = Question("", row.question, history, audience=row.audience)
    started = time.perf_counter()
    decision = asked(row.workspace_id, question, language=row.language, draft=draft)
    total_ms = (time.perf_counter() - started) * 1000
    return {
        **as_json(row.question, decision),
        **_follows(row.workspace_id, row.language, decision),
        "total_ms": round(total_ms, 1),
        "draft_revision_id": str(draft.revision.id) if draft else "",
    }


def _follows(workspace_id: UUID, language: str, decision: Decision) -> dict[str, Any]:
    """The tier that would reply, the line that the visitor would read, and why no large model."""
    if decision.kind == ESCALATE:
        refused = refusal(workspace_id, decision)
        if refused is None:
            return {"tier": 2, "said": phrases.fixed(language, "escalation"), "refused": ""}
        return {"tier": 3, "said": phrases.handoff(language, refused), "refused": refused}
    if decision.kind == HANDOFF:
        return {"tier": 3, "said": phrases.handoff(language, decision.reason), "refused": ""}
    tier, said = 0 if decision.kind == SMALLTALK else 1, decision.text
    if decision.kind == CLARIFY:
        said = phrases.fixed(language, "clarify")
    elif decision.kind == DECLINE:
        said = phrases.fixed(language, decision.reason)
    return {"tier": tier, "said": said, "refused": ""}


def as_golden(
    run: PlaygroundRun, *, expected: str, with_draft: bool, actor: Member
) -> GoldenQuestion:
    """A golden question out of what was tried: `place`, `article` or `nothing` is expected.

    One run makes one question, whatever is clicked how often. Raises Invalid where nothing was
    found that could be expected.
    """
    result = run.draft_result if with_draft else run.result
    question = Question(
        id=f"playground-{run.id}",
        question=run.question,
        history=tuple((role, text) for role, text in run.history),
        audience=run.audience,
        **_expectation(run.workspace_id, result, expected),
    )
    golden.keep(run.workspace_id, [question], actor=actor)
    with workspace_scope(run.workspace_id):
        return GoldenQuestion.objects.get(key=question.id)


def _expectation(workspace_id: UUID, result: Mapping[str, Any], expected: str) -> dict[str, Any]:
    if expected == "nothing":
        return {"answerable": False}
    best = next(iter(result.get("evidence", ())), None)
    if best is None or expected not in {"place", "article"}:
        raise Invalid("No article was found that could be expected")
    found: dict[str, Any] = {"doc_id": best["doc_id"], "answerable": True}
    words = str(result.get("text", ""))
    if expected == "article" or not words or best["answer_start"] is None:
        return found
    found["answers"] = (words,)
    with workspace_scope(workspace_id):
        text = published_texts({best["doc_id"]}).get(best["doc_id"], "")
    start, end = best["answer_start"], best["answer_end"]
    if text[start:end].strip() == words:  # a draft's place is none of what answers now
        found["spans"] = (Span(best["doc_id"], start, end),)
    return found


def doc_id_of(run: PlaygroundRun) -> str:
    """The article whose draft was tried; empty for none."""
    if run.draft_id is None:
        return ""
    with workspace_scope(run.workspace_id):
        rows = Revision.objects.filter(id=run.draft_id)
        return rows.values_list("article__external_id", flat=True).first() or ""
