"""What publishing a text would change, found out before it is published.

A worker asks those golden questions again that the text can affect: those that expect an answer
from its article, and those for which a passage of it, as published or as drafted, is among the
candidates. It also points out passages of other articles that say nearly the same. All of it goes
in steps of a second, and is kept for a day. The draft's passages are never stored.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.answering.contract import ANSWER, Decision
from knowledge.unpublished import Text, Unpublished, unpublished
from learning import golden
from learning.expecting import expected_articles, state_of
from learning.models import DraftCheck, GoldenQuestion, GoldenState
from learning.places import as_of, published_texts
from learning.rehearsing import ModelsMissing, asked, models_of, reaches
from outbox.queue import LeasedJob, enqueue

KIND, QUEUE = "check_draft", "knowledge"
FORGET = "forget_checked"
KEPT_FOR = timedelta(days=1)
STEP_S = 1.0
BATCH = 25
MOST_CHANGES = 300  # that are kept to be shown; `lost` counts all of them
NO_MODELS, NO_WORKER = "no_models", "no_worker"  # DraftCheck.problem
LOST, IMPROVED, CHANGED = "lost", "improved", "changed"


@dataclass(frozen=True)
class Wanted:
    """A text to check. article_id: None for an article that is not there yet."""

    article_id: UUID | None
    doc_id: str
    title: str
    text: str
    text_format: str = "markdown"
    audience: str = "public"

    @property
    def digest(self) -> str:
        parts = "\0".join([self.title, self.audience, self.text])
        return hashlib.sha256(parts.encode()).hexdigest()


@dataclass(frozen=True)
class Then:
    """A job that waits for the end of a check."""

    kind: str
    payload: Mapping[str, Any]


def start(
    member: Member | None,
    wanted: Wanted,
    *,
    workspace_id: UUID | None = None,
    then: Then | None = None,
) -> DraftCheck:
    """Ask for it. While the same text is being checked, it is that check.

    member: None, with the workspace, where a schedule asks.
    """
    workspace_id = workspace_id or (member.workspace_id if member else None)
    assert workspace_id is not None
    waiting = [[then.kind, dict(then.payload)]] if then else []
    with workspace_scope(workspace_id):
        going = _of(wanted).select_for_update().filter(ended_at=None).first()
        if going is not None:
            going.then = [*going.then, *waiting]
            going.save(update_fields=["then"])
            return going
        check = DraftCheck.objects.create(
            workspace_id=workspace_id,
            article_id=wanted.article_id,
            doc_id=wanted.doc_id,
            digest=wanted.digest,
            title=wanted.title,
            text=wanted.text,
            text_format=wanted.text_format,
            audience=wanted.audience,
            total=GoldenQuestion.objects.count(),
            asked_by=member,
            then=waiting,
        )
        _next_step(check, after=None)
        enqueue(
            FORGET,
            workspace_id=workspace_id,
            payload={"check_id": str(check.id)},
            queue=QUEUE,
            delay_s=KEPT_FOR.total_seconds(),
        )
    return check


def check_of(workspace_id: UUID, check_id: UUID) -> DraftCheck:
    """Raises NotFound."""
    with workspace_scope(workspace_id):
        check = DraftCheck.objects.filter(id=check_id).first()
    if check is None:
        raise NotFound("no such check")
    return check


def last(workspace_id: UUID, wanted: Wanted) -> DraftCheck | None:
    """The last check of exactly this text."""
    with workspace_scope(workspace_id):
        return _of(wanted).order_by("-created_at").first()


def _of(wanted: Wanted) -> QuerySet[DraftCheck]:
    since = timezone.now() - KEPT_FOR
    rows = DraftCheck.objects.filter(doc_id=wanted.doc_id, digest=wanted.digest)
    return rows.filter(created_at__gt=since)


def step(job: LeasedJob) -> None:
    """First the neighbours, then golden questions in the order of their ids."""
    check_id, after = UUID(job.payload["check_id"]), job.payload["after"]
    with workspace_scope(job.workspace_id):
        check = DraftCheck.objects.filter(id=check_id, ended_at=None).first()
    if check is None:
        with workspace_scope(job.workspace_id):
            job.complete()
        return
    try:
        if after is None:
            _find_neighbours(job, check)
        else:
            _ask_next(job, check, after)
    except ModelsMissing:
        with workspace_scope(job.workspace_id):
            _end(check_id, problem=NO_MODELS)
            job.complete()


def failed(job: LeasedJob) -> None:
    """No worker could finish it. Runs in the transaction that buries the job."""
    _end(UUID(job.payload["check_id"]), problem=NO_WORKER)


def forget(job: LeasedJob) -> None:
    with workspace_scope(job.workspace_id):
        DraftCheck.objects.filter(id=UUID(job.payload["check_id"])).delete()
        job.complete()


def _find_neighbours(job: LeasedJob, check: DraftCheck) -> None:
    from learning.neighbours import neighbours

    draft = _draft(check.workspace_id, check.id)
    found = neighbours(check.workspace_id, draft, models_of(check.workspace_id).embedder)
    with workspace_scope(check.workspace_id):
        job.complete()
        rows = DraftCheck.objects.filter(id=check.id)
        rows.update(neighbours=[one.as_json() for one in found])
        _next_step(check, after="")


def _ask_next(job: LeasedJob, check: DraftCheck, after: str) -> None:
    with workspace_scope(check.workspace_id):
        rows = list(GoldenQuestion.objects.filter(key__gt=after).order_by("key")[:BATCH])
        texts = published_texts({span[0] for row in rows for span in row.spans})
    draft = _draft(check.workspace_id, check.id)
    until, tried = time.monotonic() + STEP_S, []
    for row in rows:
        tried.append(_tried(check, draft, row, texts))
        if time.monotonic() > until:
            break
    changes = [found for found in tried if found]
    with workspace_scope(check.workspace_id):
        job.complete()
        DraftCheck.objects.filter(id=check.id).update(
            asked=F("asked") + len(tried),
            affected=F("affected") + sum(found is not None for found in tried),
            lost=F("lost") + sum(one["kind"] == LOST for one in changes),
            changes=[*check.changes, *changes][:MOST_CHANGES],
        )
        if tried:
            _next_step(check, after=rows[len(tried) - 1].key)
        else:
            _end(check.id)


def _tried(
    check: DraftCheck, draft: Unpublished, row: GoldenQuestion, texts: Mapping[str, str]
) -> dict[str, Any] | None:
    """None where the draft cannot affect the question; else the change, empty if there is none."""
    question = golden.question(row)
    if check.doc_id not in expected_articles(question) and not reaches(
        check.workspace_id, question, draft
    ):
        return None
    now = as_of(row, question, texts)
    then = as_of(row, question, {**texts, check.doc_id: check.text})
    before = asked(check.workspace_id, now)
    after = asked(check.workspace_id, then, draft=draft)
    states = state_of(before, now), state_of(after, then)
    kind = _kind((before, states[0]), (after, states[1]))
    if not kind:
        return {}
    return {
        "kind": kind,
        "id": str(row.id),
        "question": row.question,
        "before": {"state": states[0].value, "decision": before.kind, "text": before.text},
        "after": {"state": states[1].value, "decision": after.kind, "text": after.text},
    }


def _kind(before: tuple[Decision, GoldenState], after: tuple[Decision, GoldenState]) -> str:
    """Where nobody said what is right, an answer is worth more than none."""
    good = [
        state == GoldenState.RIGHT or (state == GoldenState.OPEN and decision.kind == ANSWER)
        for decision, state in (before, after)
    ]
    if good[0] != good[1]:
        return LOST if good[0] else IMPROVED
    same = _said(before[0]) == _said(after[0])
    return "" if same else CHANGED


def _said(decision: Decision) -> tuple[str, str]:
    """What a visitor gets: the text counts where it is shown."""
    return decision.kind, decision.text if decision.kind == ANSWER else ""


@lru_cache(maxsize=2)
def _draft(workspace_id: UUID, check_id: UUID) -> Unpublished:
    """Cut and embedded once in a worker, however many steps follow."""
    check = check_of(workspace_id, check_id)
    text = Text(
        article_id=check.article_id or check.id,
        doc_id=check.doc_id,
        title=check.title,
        text=check.text,
        text_format=check.text_format,
        audience=check.audience,
    )
    return unpublished(workspace_id, text)


def _next_step(check: DraftCheck, *, after: str | None) -> None:
    payload = {"check_id": str(check.id), "after": after}
    enqueue(KIND, workspace_id=check.workspace_id, payload=payload, queue=QUEUE)


def _end(check_id: UUID, *, problem: str = "") -> None:
    check = DraftCheck.objects.select_for_update().filter(id=check_id, ended_at=None).first()
    if check is None:
        return
    check.ended_at, check.problem = timezone.now(), problem
    check.save(update_fields=["ended_at", "problem"])
    for kind, payload in check.then:
        enqueue(kind, workspace_id=check.workspace_id, payload=payload, queue=QUEUE)
