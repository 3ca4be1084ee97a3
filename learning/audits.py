"""Random audits: what was drawn, who judges it, and what they said.

A verdict is one conditional UPDATE on the number of verdicts that its author had seen, so of two
agents the second is told. Verdicts and corrections are kept in the audit log.
"""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, F, Q
from django.utils import timezone

from accounts import audit as log
from accounts.errors import Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import events
from chatbot.answering.contract import ANSWER
from chatbot.models import Receipt
from chatbot.turns import history_of, question_of
from learning.dial_jobs import ask_for_thresholds
from learning.errors import AlreadyJudged
from learning.models import Audit, Verdict, WrongReason

CLAIM_MINUTES = 10
RECENT = 20


def draw(receipt_id: UUID, *, share: float) -> Audit | None:
    """Store the drawn decision with all that its auditor needs. Runs in the workspace's scope.

    A turn has one audit, that of its last weighing: a message that came while a large model was
    asked had it weighed anew. None where the receipt is gone, or a newer one was stored.
    """
    receipt = Receipt.objects.select_related("turn").filter(id=receipt_id).first()
    if receipt is None:
        return None
    known = Audit.objects.select_for_update().filter(turn_id=receipt.turn_id).first()
    if known and known.turn_revision >= receipt.turn_revision:
        return None
    if known:
        known.delete()
    return Audit.objects.create(
        workspace_id=receipt.workspace_id,
        turn=receipt.turn,
        turn_revision=receipt.turn_revision,
        receipt=receipt,
        question=question_of(receipt.turn_id, until=receipt.created_at),
        history=[list(row) for row in history_of(receipt.turn, until=receipt.created_at)],
        text=receipt.text,
        citations=receipt.citations,
        passage=receipt.evidence[0] if receipt.evidence else {},
        confidence=receipt.confidence,
        threshold=receipt.threshold,
        risk=receipt.risk,
        features=receipt.features,
        models_version=receipt.models_version,
        answered=receipt.decision == ANSWER,
        share=share,
    )


def claim_next(member: Member) -> Audit | None:
    """The member's own claimed audit, else the oldest that nobody judges, claimed for a while."""
    now = timezone.now()
    with workspace_scope(member.workspace_id):
        waiting = Audit.objects.filter(verdict="").order_by("drawn_at", "id")
        own = waiting.filter(claimed_by=member, claimed_until__gte=now)
        free = waiting.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now))
        found = own.first() or free.select_for_update(skip_locked=True).first()
        if found is not None:
            found.claimed_by, found.claimed_until = member, now + timedelta(minutes=CLAIM_MINUTES)
            found.save(update_fields=["claimed_by", "claimed_until"])
        return found


def judge(audit_id: UUID, *, actor: Member, verdict: str, seen: int = 0, reason: str = "") -> Audit:
    """Give a verdict, or correct the one that stands: `seen` is the audit's `verdicts` then.

    The same verdict sent twice is stored once. Raises AlreadyJudged if somebody else judged or
    claimed it meanwhile, NotFound, Invalid.
    """
    if verdict not in Verdict.values:
        raise Invalid(f"A verdict is one of {', '.join(Verdict.values)}")
    if reason not in ("", *WrongReason.values) or (reason and verdict != Verdict.WRONG):
        raise Invalid("Only a wrong answer has a reason, one of the list")
    now = timezone.now()
    mine = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now) | Q(claimed_by=actor)
    with workspace_scope(actor.workspace_id):
        before = _audit(audit_id)
        done = Audit.objects.filter(mine, id=audit_id, verdicts=seen).update(
            verdict=verdict,
            reason=reason,
            verdict_by=actor,
            verdict_at=now,
            verdicts=F("verdicts") + 1,
            claimed_by=None,
            claimed_until=None,
        )
        after = _audit(audit_id)
        if done == 1:
            _log(before, actor, verdict=verdict, reason=reason)
            events.note_change(before.turn.conversation_id)
            ask_for_thresholds(actor.workspace_id)
        elif not _same(after, actor, verdict=verdict, seen=seen):
            raise AlreadyJudged("somebody else judges or has judged this answer")
        return after


def give_reason(audit_id: UUID, *, actor: Member, reason: str) -> Audit:
    """Why the actor's own verdict was "wrong". Raises AlreadyJudged, NotFound, Invalid."""
    if reason not in WrongReason.values:
        raise Invalid(f"A reason is one of {', '.join(WrongReason.values)}")
    with workspace_scope(actor.workspace_id):
        before = _audit(audit_id)
        own = Audit.objects.filter(id=audit_id, verdict=Verdict.WRONG, verdict_by=actor)
        if own.update(reason=reason) != 1:
            raise AlreadyJudged("the verdict is another one by now")
        if before.reason != reason:
            _log(before, actor, verdict=Verdict.WRONG, reason=reason)
        return _audit(audit_id)


def audit_of(workspace_id: UUID, audit_id: UUID) -> Audit:
    """Raises NotFound."""
    with workspace_scope(workspace_id):
        return _audit(audit_id)


def claimed_by_another(audit: Audit, member: Member) -> str:
    """The name of the colleague who has it open, else an empty word."""
    holder, until = audit.claimed_by, audit.claimed_until
    if holder is None or holder.id == member.id or until is None or until < timezone.now():
        return ""
    return holder.display_name


def counts(workspace_id: UUID) -> Counter[str]:
    """How many have each verdict; under "" those that wait."""
    with workspace_scope(workspace_id):
        found = Audit.objects.values("verdict").annotate(number=Count("id"))
        return Counter(dict(found.values_list("verdict", "number")))


def judged_last(workspace_id: UUID) -> list[Audit]:
    """The newest verdicts first."""
    with workspace_scope(workspace_id):
        found: list[Audit] = []
        for verdict in Verdict.values:  # each from its end of the index
            rows = Audit.objects.filter(verdict=verdict).select_related("verdict_by")
            found += rows.order_by("-verdict_at", "-id")[:RECENT]
    return sorted(found, key=lambda one: (one.verdict_at, one.id), reverse=True)[:RECENT]


def _audit(audit_id: UUID) -> Audit:
    found = Audit.objects.select_related("claimed_by", "verdict_by").filter(id=audit_id).first()
    if found is None:
        raise NotFound("no such audit")
    return found


def _same(audit: Audit, actor: Member, *, verdict: str, seen: int) -> bool:
    """The actor's own verdict, sent again."""
    given = (audit.verdict, audit.verdict_by_id, audit.verdicts)
    return given == (verdict, actor.id, seen + 1)


def _log(before: Audit, actor: Member, *, verdict: str, reason: str) -> None:
    detail = {"verdict": verdict, "reason": reason}
    if before.verdict:
        detail["before"] = " ".join(filter(None, (before.verdict, before.reason)))
    action = "audit.corrected" if before.verdict else "audit.judged"
    log.record(actor, action, target_kind="audit", target_id=before.id, **detail)
