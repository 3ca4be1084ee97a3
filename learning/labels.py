"""Labels: was the text that tier 1 made right?

Two kinds that must not be mixed. `audited` are random: a set share of all weighed turns, answered
or not, judged by people; only they enter the guarantee of the risk dial. `selected` are what
visitors and agents happened to leave behind: verdicts at the desk, thumbs, handoffs, agents'
replies. They may train the confidence score and say nothing about how often the bot is wrong.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from accounts.scope import workspace_scope
from chatbot.answering.contract import ANSWER, ESCALATE
from chatbot.models import AnswerVerdict, Author, CheckState, Event, Handoff, Message, Receipt
from chatbot.turns import question_of
from learning.matching import normalised
from learning.models import Audit, Verdict

AUDIT, AGENT, THUMB, HANDOFF, REPLY = "audit", "agent", "thumb", "handoff", "reply"
MOST_SELECTED = 5_000
_READ = (
    "confidence", "verdict", "answered", "question", "text", "features", "drawn_at", "turn_id",
    "share", "id", "turn__conversation_id",
)  # fmt: skip
OTHER_WORDS = (CheckState.AMENDED, CheckState.WITHDRAWN)
ENOUGH_IN_COMMON = 0.5  # of the words of the shorter text


@dataclass(frozen=True)
class Label:
    """`confidence` and `features` are of `models_version`; `answered` means that it was shown.

    `share`: of all turns that were drawn for an audit then; 0 for what was not drawn.
    `audit_id` and `conversation_id` are those of an audit.
    """

    confidence: float
    right: bool
    answered: bool
    question: str
    text: str
    features: Mapping[str, float]
    at: datetime
    models_version: str
    source: str
    turn_id: UUID
    share: float = 0.0
    audit_id: UUID | None = None
    conversation_id: UUID | None = None


class Judged(NamedTuple):
    """Of a label of an audit what a guarantee counts. There are many thousands of them."""

    confidence: float
    right: bool
    share: float
    turn_id: UUID
    audit_id: UUID


def judged(workspace_id: UUID, *, models_version: str) -> list[Judged]:
    """As `audited`, without their words."""
    with workspace_scope(workspace_id):
        rows = Audit.objects.filter(models_version=models_version).exclude(verdict="")
        read = rows.order_by("drawn_at", "id").values_list(
            "confidence", "verdict", "share", "turn_id", "id"
        )
        return [
            Judged(confidence, verdict == Verdict.RIGHT, share, turn_id, audit_id)
            for confidence, verdict, share, turn_id, audit_id in read
        ]


def audited(
    workspace_id: UUID, *, models_version: str, ids: Collection[UUID] | None = None
) -> list[Label]:
    """Every judged random audit of these models, oldest first; `at` is when it was drawn.

    "Cannot tell" counts as wrong: a guarantee may promise too little, never too much. ids: of these
    audits alone.
    """
    with workspace_scope(workspace_id):
        rows = Audit.objects.filter(models_version=models_version).exclude(verdict="")
        if ids is not None:
            rows = rows.filter(id__in=ids)
        found = rows.order_by("drawn_at", "id").values_list(*_READ)
        return [
            Label(
                confidence=confidence,
                right=verdict == Verdict.RIGHT,
                answered=answered,
                question=question,
                text=text,
                features=features,
                at=drawn_at,
                models_version=models_version,
                source=AUDIT,
                turn_id=turn_id,
                share=share,
                audit_id=audit_id,
                conversation_id=conversation_id,
            )
            for (
                confidence, verdict, answered, question, text, features, drawn_at, turn_id, share,
                audit_id, conversation_id,
            ) in found
        ]  # fmt: skip


def selected(workspace_id: UUID, *, models_version: str | None = None) -> list[Label]:
    """At most 5,000 of the newest weighed turns that left a trace, newest first.

    An agent's verdict on a shown answer goes before the visitor's thumb; "right, but incomplete"
    is not right. A thumb is the visitor's word on a shown answer. A shown answer followed by a wish
    for a person before the next question counts as wrong. A text that was not shown is right if it
    shares half of its words, or of the reply's, with what an agent then wrote. Audited turns are
    left out.
    """
    with workspace_scope(workspace_id):
        weighed = Receipt.objects.filter(tier=1, decision__in=[ANSWER, ESCALATE])
        weighed = weighed.exclude(text="").exclude(turn__in=Audit.objects.values("turn"))
        weighed = weighed.exclude(message__check_state__in=OTHER_WORDS)
        if models_version is not None:
            weighed = weighed.filter(models_version=models_version)
        rows = list(weighed.select_related("turn").order_by("-created_at", "-id")[:MOST_SELECTED])
        said = _agents_verdicts(rows)
        thumbs = _thumbs(rows)
        left = _asked_for_person(rows)
        replies = _agents_replies(rows)
        return [
            _label(row, right, source)
            for row in rows
            for right, source in [said.get(row.id) or _judged(row, thumbs, left, replies)]
            if right is not None
        ]


def shares_half(text: str, other: str) -> bool:
    """The texts have at least half of the shorter one's words in common."""
    words, others = set(normalised(text)), set(normalised(other))
    shorter = min(len(words), len(others))
    return shorter > 0 and len(words & others) >= ENOUGH_IN_COMMON * shorter


def _judged(
    row: Receipt,
    thumbs: Mapping[str, bool],
    left: set[UUID],
    replies: Mapping[UUID, list[str]],
) -> tuple[bool | None, str]:
    if row.decision == ANSWER:
        helped = thumbs.get(str(row.message_id))
        if helped is not None:
            return helped, THUMB
        return (False, HANDOFF) if row.turn_id in left else (None, "")
    said = replies.get(row.turn_id)
    return (any(shares_half(row.text, one) for one in said), REPLY) if said else (None, "")


def _label(row: Receipt, right: bool | None, source: str) -> Label:
    return Label(
        confidence=row.confidence,
        right=bool(right),
        answered=row.decision == ANSWER,
        question=question_of(row.turn_id, until=row.created_at),
        text=row.text,
        features=row.features,
        at=row.created_at,
        models_version=row.models_version,
        source=source,
        turn_id=row.turn_id,
    )


def _agents_verdicts(rows: Iterable[Receipt]) -> dict[UUID, tuple[bool | None, str]]:
    """Receipt → what an agent said of its answer at the desk."""
    found = AnswerVerdict.objects.filter(receipt__in=[row.id for row in rows])
    pairs = found.values_list("receipt_id", "verdict")
    return {receipt_id: (verdict == "right", AGENT) for receipt_id, verdict in pairs}


def _thumbs(rows: Iterable[Receipt]) -> dict[str, bool]:
    """Message id → did it help; the visitor's last word."""
    conversations = {row.turn.conversation_id for row in rows}
    events = Event.objects.filter(kind="feedback.given", conversation_id__in=conversations)
    payloads = events.order_by("staff_seq").values_list("payload", flat=True)
    return {one["message_id"]: one["verdict"] == "helped" for one in payloads}


def _asked_for_person(rows: Iterable[Receipt]) -> set[UUID]:
    """Turns that were answered, and whose visitor then wanted a person with no question between."""
    answered = [row for row in rows if row.decision == ANSWER]
    places = {row.turn.conversation_id for row in answered}
    asked = Handoff.objects.filter(reason="asked_for_person", conversation_id__in=places)
    wishes: dict[UUID, list[Handoff]] = {}
    for wish in asked.order_by("requested_at"):
        wishes.setdefault(wish.conversation_id, []).append(wish)
    return {
        row.turn_id
        for row in answered
        for wish in wishes.get(row.turn.conversation_id, [])
        if wish.requested_at >= row.created_at and not _question_between(row, wish)
    }


def _question_between(row: Receipt, wish: Handoff) -> bool:
    """The wish may itself be a message; that one is no question."""
    later = Message.objects.filter(
        conversation_id=wish.conversation_id,
        author=Author.VISITOR,
        turn__number__gt=row.turn.number,
        created_at__lt=wish.requested_at,
    )
    return (later.exclude(turn_id=wish.turn_id) if wish.turn_id else later).exists()


def _agents_replies(rows: Iterable[Receipt]) -> dict[UUID, list[str]]:
    """Turn that was handed over → what agents wrote before the visitor's next question."""
    turns = {row.turn_id: row.turn for row in rows if row.decision == ESCALATE}
    handed = set(Handoff.objects.filter(turn_id__in=turns).values_list("turn_id", flat=True))
    found: dict[UUID, list[str]] = {}
    for turn_id in handed:
        turn = turns[turn_id]
        after = Message.objects.filter(
            conversation_id=turn.conversation_id, created_at__gte=turn.opened_at
        ).exclude(turn_id=turn_id)
        for message in after.order_by("created_at", "id"):
            if message.author == Author.VISITOR:
                break
            if message.author == Author.MEMBER:
                found.setdefault(turn_id, []).append(message.text)
    return found
