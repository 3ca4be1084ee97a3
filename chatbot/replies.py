"""Write what a tier decided: reply, receipt and events in one transaction, or nothing.

A result counts only if the conversation is still the bot's and the turn is as it was read;
otherwise Superseded is raised and the transaction rolls back. A late draft never speaks over a
person.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from chatbot import events, together
from chatbot.answering.contract import Decision, Option
from chatbot.errors import Superseded
from chatbot.handoff.desk import touch
from chatbot.models import (
    Author,
    Conversation,
    Message,
    Owner,
    Receipt,
    Slot,
    Status,
    Turn,
    TurnState,
)
from chatbot.rendering import message_payload

EVIDENCE_IN_EVENT = 8


@dataclass(frozen=True)
class Reply:
    """Text to post for a turn."""

    text: str
    slot: Slot
    author: Author
    citations: tuple[dict[str, Any], ...] = ()
    options: tuple[Option, ...] = ()
    repeated: bool = False  # an earlier answer of the large model
    check: str = ""  # CheckState


def current_turn(turn_id: UUID, revision: int, *, state: TurnState) -> tuple[Conversation, Turn]:
    """Lock the conversation and its turn. Raises Superseded if either has moved on."""
    conversation, turn = _locked(turn_id)
    if conversation.owner != Owner.BOT or conversation.status != Status.OPEN:
        raise Superseded("the conversation is not the bot's any more")
    if turn.state != state or turn.revision != revision:
        raise Superseded("the turn has moved on")
    return conversation, turn


def _locked(turn_id: UUID) -> tuple[Conversation, Turn]:
    known = together.turn(turn_id)
    if known is not None:
        return events.lock(known.conversation_id), known
    try:
        conversation = events.lock_of_turn(turn_id)
    except Conversation.DoesNotExist:
        raise Superseded("the turn is gone") from None
    return conversation, Turn.objects.get(id=turn_id)


def post_reply(conversation: Conversation, turn: Turn, reply: Reply) -> Message:
    """Post into the turn's slot and close the turn. The caller holds the lock."""
    message = Message.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        turn=turn,
        author=reply.author,
        text=reply.text,
        slot=reply.slot,
        citations=list(reply.citations),
        options=[option.as_json() for option in reply.options],
        repeated=reply.repeated,
        check_state=reply.check,
    )
    turn.state = TurnState.ANSWERED
    turn.closed_at = timezone.now()
    turn.save(update_fields=["state", "closed_at"])
    touch(conversation, message)
    events.append(conversation, "message.posted", message_payload(message))
    return message


def add_receipt(
    conversation: Conversation,
    turn: Turn,
    decision: Decision,
    *,
    tier: int,
    message: Message | None = None,
    cost_usd: float = 0.0,
) -> Receipt:
    """Store why, and show it to the staff."""
    receipt = Receipt(
        workspace_id=conversation.workspace_id,
        turn=turn,
        turn_revision=turn.revision,
        tier=tier,
        message=message,
        decision=decision.kind,
        reason=decision.reason,
        confidence=decision.confidence,
        threshold=decision.threshold,
        risk=decision.risk,
        certified=decision.certified,
        text=decision.text,
        citations=[citation.as_json() for citation in decision.citations],
        evidence=[row.as_json() for row in decision.evidence],
        features=dict(decision.features),
        models_version=decision.models_version,
        version_id=decision.version_id or None,
        cached_id=decision.cached_id or None,
        stages_ms=dict(decision.stages_ms),
        cost_usd=cost_usd,
    )
    together.add(receipt)
    events.append(
        conversation,
        "receipt.recorded",
        {},
        visitor=False,
        staff={
            "receipt_id": str(receipt.id),
            "turn_id": str(turn.id),
            "message_id": str(message.id) if message else None,
            "tier": tier,
            "decision": decision.kind,
            "reason": decision.reason,
            "confidence": decision.confidence,
            "threshold": decision.threshold,
            "risk": decision.risk,
            "certified": decision.certified,
            "stages_ms": dict(decision.stages_ms),
            "cost_usd": cost_usd,
            "removed": int(decision.features.get("removed", 0)),
            "evidence": [row.as_json() for row in decision.evidence[:EVIDENCE_IN_EVENT]],
        },
    )
    return receipt
