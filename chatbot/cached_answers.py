"""The cache of checked answers as people see it: what it holds, the switch, and taking things out.

chatbot.escalation fills it and answers from it. Whoever calls an answer wrong takes it out at once,
whether it was said for the first time or again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from accounts import audit
from accounts.errors import NotFound
from accounts.models import Member, WorkspaceSettings
from accounts.scope import workspace_scope
from accounts.workspaces import lock
from chatbot.models import AnswerCache, AnswerVerdict, CachedAnswer, Event, Receipt

PER_PAGE = 50


def is_on() -> bool:
    """An admin's word, else off where visitors are asked for consent: they agreed that a question
    is sent, not that it is kept to answer others. Needs the scope."""
    if settings.LLM_CACHE_ENTRIES == 0:
        return False
    said = AnswerCache.objects.values_list("enabled", flat=True).first()
    return _standard() if said is None else said


def _standard() -> bool:
    asks = WorkspaceSettings.objects.values_list("consent_required", flat=True).first()
    return not asks


def oldest() -> datetime:
    """When an entry must have been made to count still."""
    return timezone.now() - timedelta(days=settings.LLM_CACHE_DAYS)


def called_wrong(message_id: UUID) -> bool:
    """By a member, or by the visitor's last word. Needs the scope."""
    judged = AnswerVerdict.objects.filter(receipt__message_id=message_id, verdict="wrong")
    said = Event.objects.filter(kind="feedback.given", payload__message_id=str(message_id))
    last = said.order_by("-staff_seq").values_list("payload__verdict", flat=True).first()
    return judged.exists() or last == "wrong"


def withdraw(message_id: UUID) -> None:
    """The answer of this message was called wrong. Needs the scope; twice is harmless."""
    receipts = Receipt.objects.filter(message_id=message_id, tier=2)
    CachedAnswer.objects.filter(
        Q(id__in=receipts.values("cached_id")) | Q(turn_id__in=receipts.values("turn_id"))
    ).delete()


@dataclass(frozen=True)
class Totals:
    """answers: given again, ever as far as kept receipts go back; saved_usd: by entries of now."""

    entries: int
    answers: int
    saved_usd: float


@dataclass(frozen=True)
class Switch:
    """said: the admin's word, None for the standard."""

    said: bool | None
    standard: bool

    @property
    def is_on(self) -> bool:
        return self.standard if self.said is None else self.said


def listed(workspace_id: UUID, *, before: UUID | None = None) -> Sequence[CachedAnswer]:
    """Newest first, one more than a page where there are more. What has expired goes."""
    with workspace_scope(workspace_id):
        CachedAnswer.objects.filter(created_at__lt=oldest()).delete()
        rows = CachedAnswer.objects.defer("vector").order_by("-id")
        if before:
            rows = rows.filter(id__lt=before)
        return list(rows[: PER_PAGE + 1])


def totals(workspace_id: UUID) -> Totals:
    with workspace_scope(workspace_id):
        found = CachedAnswer.objects.aggregate(
            entries=Count("id"), saved=Sum(F("hits") * F("saved_usd"))
        )
        answers = Receipt.objects.filter(cached_id__isnull=False).count()
    return Totals(found["entries"], answers, found["saved"] or 0.0)


def repeated(workspace_id: UUID, first: date, last: date) -> int:
    """How many answers of these UTC days, both included, were earlier ones, given again."""
    begin, end = (datetime.combine(day, time.min, UTC) for day in (first, last + timedelta(days=1)))
    with workspace_scope(workspace_id):
        rows = Receipt.objects.filter(cached_id__isnull=False)
        return rows.filter(created_at__gte=begin, created_at__lt=end).count()


def switch_of(workspace_id: UUID) -> Switch:
    with workspace_scope(workspace_id):
        said = AnswerCache.objects.values_list("enabled", flat=True).first()
        return Switch(said, _standard())


def switch(actor: Member, enabled: bool | None) -> None:
    """None: the standard. Switching off keeps what is there, unused; the same again is nothing."""
    with workspace_scope(actor.workspace_id):
        lock(actor.workspace_id)
        before = AnswerCache.objects.values_list("enabled", flat=True).first()
        if before == enabled:
            return
        AnswerCache.objects.all().delete()
        if enabled is not None:
            AnswerCache.objects.create(workspace_id=actor.workspace_id, enabled=enabled)
        audit.record(
            actor, "answer_cache.switched", target_kind="workspace", target_id=actor.workspace_id,
            before={"enabled": before}, after={"enabled": enabled},
        )  # fmt: skip


def forget(actor: Member, entry_id: UUID) -> None:
    """Raises NotFound."""
    with workspace_scope(actor.workspace_id):
        gone, _ = CachedAnswer.objects.filter(id=entry_id).delete()
        if not gone:
            raise NotFound("no such answer")
        audit.record(
            actor, "answer_cache.forgot", target_kind="cached_answer", target_id=entry_id, count=1
        )


def forget_all(actor: Member) -> int:
    """How many there were; none is no change."""
    with workspace_scope(actor.workspace_id):
        gone, _ = CachedAnswer.objects.all().delete()
        if gone:
            audit.record(
                actor, "answer_cache.forgot", target_kind="workspace",
                target_id=actor.workspace_id, count=gone,
            )  # fmt: skip
    return gone
