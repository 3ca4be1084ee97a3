"""What happened in conversations, read in bulk: one query for each kind of row, not for each row.

Read alone. Everything is ordered as it happened. Needs the workspace's scope.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chatbot.answering.contract import ANSWER, ESCALATE, HANDOFF, SMALLTALK
from chatbot.models import (
    Author,
    Conversation,
    Escalation,
    EscalationPurpose,
    EscalationState,
    Event,
    Handoff,
    Message,
    Receipt,
)
from learning.models import Audit, Verdict

PERSON = 3
ASKED_FOR_PERSON = "asked_for_person"
# Among colleagues, or by nobody's wish: the conversation was with people already.
INNER_MOVES = frozenset(
    {
        "release", "transfer_to_member", "transfer_to_queue", "agent_silent", "agent_gone",
        "agent_away", "agent_offline",
    }
)  # fmt: skip
NEAREST = 5  # pieces of evidence whose articles are looked at


@dataclass(frozen=True)
class Said:
    """One message. tier: that of a reply which answers (3 is a person), else None.

    `helped`: what was last said of it in so many words, by the visitor or an auditor.
    """

    id: UUID
    at: datetime
    author: str
    text: str
    turn_id: UUID | None
    chosen_from_id: UUID | None
    tier: int | None
    helped: bool | None
    citations: list[dict[str, Any]]


@dataclass(frozen=True)
class Weighed:
    """The last thing that tier 0 or 1 decided about a turn. articles: nearest first."""

    turn_id: UUID
    decision: str
    reason: str
    articles: tuple[UUID, ...]

    @property
    def is_question(self) -> bool:
        """More than small talk, and not the mere wish for a person."""
        wish = self.decision == HANDOFF and self.reason == ASKED_FOR_PERSON
        return self.decision != SMALLTALK and not wish

    @property
    def is_handed_on(self) -> bool:
        return self.is_question and self.decision in {ESCALATE, HANDOFF}


@dataclass(frozen=True)
class Asked:
    """A turn's call of the large model."""

    turn_id: UUID
    at: datetime
    reason: str
    answered: bool
    cost_usd: float


@dataclass(frozen=True)
class Passed:
    """A conversation passed to people."""

    turn_id: UUID | None
    at: datetime
    reason: str


@dataclass(frozen=True)
class Facts:
    """weighed: by turn. reopened, resolved: when the visitor came back, and when it was closed."""

    conversation: Conversation
    said: tuple[Said, ...]
    weighed: dict[UUID, Weighed]
    asked: tuple[Asked, ...]
    passed: tuple[Passed, ...]
    resolved: tuple[datetime, ...]
    reopened: tuple[datetime, ...]


def facts_of(conversations: Collection[Conversation]) -> list[Facts]:
    ids = [row.id for row in conversations]
    weighed, tiers = _receipts(ids)
    verdicts = _verdicts(ids)
    said, asked, passed = _said(ids, tiers, verdicts), _asked(ids), _passed(ids)
    resolved, reopened = _statuses(ids)
    return [
        Facts(
            conversation=row,
            said=tuple(said[row.id]),
            weighed=weighed[row.id],
            asked=tuple(asked[row.id]),
            passed=tuple(passed[row.id]),
            resolved=tuple(resolved[row.id]),
            reopened=tuple(reopened[row.id]),
        )
        for row in conversations
    ]


def _receipts(
    ids: Iterable[UUID],
) -> tuple[defaultdict[UUID, dict[UUID, Weighed]], dict[UUID, int]]:
    """Conversation → turn → what was weighed last; and message → the tier that answered by it."""
    evidence = [f"evidence__{number}__article_id" for number in range(NEAREST)]
    rows = Receipt.objects.filter(turn__conversation_id__in=ids).order_by("created_at", "id")
    fields = ("turn__conversation_id", "turn_id", "tier", "message_id", "decision", "reason")
    weighed: defaultdict[UUID, dict[UUID, Weighed]] = defaultdict(dict)
    tiers: dict[UUID, int] = {}
    for conversation_id, turn_id, tier, message_id, decision, reason, *found in rows.values_list(
        *fields, *evidence
    ):
        if message_id and decision in {ANSWER, SMALLTALK}:
            tiers[message_id] = tier
        if tier < 2:
            articles = tuple(dict.fromkeys(UUID(one) for one in found if is_id(one)))
            weighed[conversation_id][turn_id] = Weighed(turn_id, decision, reason, articles)
    return weighed, tiers


def is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


def _verdicts(ids: Iterable[UUID]) -> dict[UUID, bool]:
    """Message → helped; the visitor's last word, and an auditor's over it."""
    events = Event.objects.filter(conversation_id__in=ids, kind="feedback.given")
    payloads = events.order_by("staff_seq").values_list("payload", flat=True)
    found = {UUID(one["message_id"]): one["verdict"] == "helped" for one in payloads}
    judged = Audit.objects.filter(turn__conversation_id__in=ids, receipt__message__isnull=False)
    judged = judged.filter(answered=True, verdict__in=[Verdict.RIGHT, Verdict.WRONG])
    for message_id, verdict in judged.values_list("receipt__message_id", "verdict"):
        if message_id is not None:
            found[message_id] = verdict == Verdict.RIGHT
    return found


def _said(
    ids: Iterable[UUID], tiers: dict[UUID, int], verdicts: dict[UUID, bool]
) -> defaultdict[UUID, list[Said]]:
    found: defaultdict[UUID, list[Said]] = defaultdict(list)
    rows = Message.objects.filter(conversation_id__in=ids).order_by("created_at", "id")
    for row in rows.defer("options"):
        found[row.conversation_id].append(
            Said(
                id=row.id,
                at=row.created_at,
                author=row.author,
                text=row.text,
                turn_id=row.turn_id,
                chosen_from_id=row.chosen_from_id,
                tier=PERSON if row.author == Author.MEMBER else tiers.get(row.id),
                helped=verdicts.get(row.id),
                citations=row.citations,
            )
        )
    return found


def _asked(ids: Iterable[UUID]) -> defaultdict[UUID, list[Asked]]:
    found: defaultdict[UUID, list[Asked]] = defaultdict(list)
    rows = Escalation.objects.filter(turn__conversation_id__in=ids).order_by("requested_at", "id")
    fields = ("turn__conversation_id", "turn_id", "requested_at", "reason", "state", "cost_usd")
    for conversation_id, turn_id, at, reason, state, cost_usd, purpose in rows.values_list(
        *fields, "purpose"
    ):
        answers = purpose == EscalationPurpose.ANSWER  # else it checked what tier 1 had said
        answered = answers and state == EscalationState.ANSWERED
        found[conversation_id].append(Asked(turn_id, at, reason, answered, cost_usd))
    return found


def _passed(ids: Iterable[UUID]) -> defaultdict[UUID, list[Passed]]:
    found: defaultdict[UUID, list[Passed]] = defaultdict(list)
    rows = Handoff.objects.filter(conversation_id__in=ids).exclude(reason__in=INNER_MOVES)
    for row in rows.order_by("requested_at", "id"):
        found[row.conversation_id].append(Passed(row.turn_id, row.requested_at, row.reason))
    return found


Times = defaultdict[UUID, list[datetime]]


def _statuses(ids: Iterable[UUID]) -> tuple[Times, Times]:
    """When each was resolved, and when its visitor opened it again."""
    resolved: Times = defaultdict(list)
    reopened: Times = defaultdict(list)
    events = Event.objects.filter(conversation_id__in=ids, kind="status.changed")
    rows = events.order_by("conversation_id", "staff_seq")
    for conversation_id, at, payload in rows.values_list(
        "conversation_id", "created_at", "payload"
    ):
        if payload["status"] == "resolved":
            resolved[conversation_id].append(at)
        elif payload["owner"] == "bot" and payload["reason"] == "visitor_wrote":
            reopened[conversation_id].append(at)
    return resolved, reopened
