"""Answer now, verify later: tier 1's answer stands at once, and the large model checks it behind.

Only where the workspace wants it, tier 1 is sure enough for the second risk, and a large model may
be asked. The message then is pending until exactly one of these functions ends the check, under the
conversation's lock. What the large model bears out is checked. Where it says something else, its
own checked answer takes the place of tier 1's. Where it finds no answer, tier 1's is taken back;
where it could not be asked, the answer says so. In both cases a person takes over, unless one has,
or the visitor has gone on to another question.

The passage that tier 1 answered from may be withdrawn meanwhile. Then its words don't stay, however
the check ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chatbot import events, handoff, presence, replies, voices
from chatbot.amending import Amendment, amend
from chatbot.answering.contract import ANSWER, BEING_CHECKED, HANDOFF, Decision, Evidence
from chatbot.errors import Superseded
from chatbot.escalation.agreement import SUPPORTED, Agreement
from chatbot.escalation.cached_evidence import stands
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.request import request_escalation
from chatbot.models import (
    Author,
    CheckState,
    Conversation,
    Escalation,
    EscalationPurpose,
    Message,
    Owner,
    Receipt,
    Slot,
    Status,
    Turn,
)

CHECK = "check"  # a decision: the answer stays as it is


def answer_at_once(conversation: Conversation, turn: Turn, decision: Decision) -> Receipt | None:
    """In the caller's transaction. None, and nothing is written, where nobody could check it."""
    if request_escalation(conversation, turn, decision, purpose=EscalationPurpose.VERIFY):
        return None
    citations = tuple(citation.as_json() for citation in decision.citations)
    reply = replies.Reply(
        decision.text, Slot.ANSWER, Author.BOT, citations, check=CheckState.PENDING
    )
    message = replies.post_reply(conversation, turn, reply)
    shown = replace(decision, kind=ANSWER, reason=BEING_CHECKED)
    return replies.add_receipt(conversation, turn, shown, tier=1, message=message)


def standing(escalation: Escalation) -> str:
    """The words that are to be checked; empty where nothing is."""
    if escalation.purpose != EscalationPurpose.VERIFY:
        return ""
    return _answer_of(escalation).text


def pending(escalation: Escalation) -> tuple[Conversation, Turn]:
    """Lock the conversation. Raises Superseded where the check has ended, or nothing is left."""
    conversation = events.lock(_answer_of(escalation).conversation_id)
    message = _answer_of(escalation)
    if message.check_state != CheckState.PENDING or message.turn is None:
        raise Superseded("the check has ended")
    return conversation, message.turn


def conclude(
    conversation: Conversation,
    turn: Turn,
    escalation: Escalation,
    outcome: Outcome,
    *,
    citations: Sequence[Mapping[str, Any]],
) -> None:
    """The large model has answered, and its sentences passed. The caller holds the lock."""
    message = _answer_of(escalation)
    verdict = outcome.agreement.verdict if outcome.agreement is not None else "unclear"
    if verdict == SUPPORTED and _may_stay(conversation, message):
        kind, made = CHECK, Amendment(CheckState.CHECKED)
    else:
        kind = ANSWER
        made = Amendment(CheckState.AMENDED, outcome.text, Author.MODEL, citations)
    decision = _decision(escalation, outcome, kind, f"check_{verdict}")
    amend(conversation, message, made)
    _add_receipt(conversation, turn, message, decision, outcome)


def give_up(
    conversation: Conversation, turn: Turn, escalation: Escalation, outcome: Outcome
) -> None:
    """The large model has not answered. The caller holds the lock."""
    message = _answer_of(escalation)
    taken_back = outcome.failure == "refused" or not _may_stay(conversation, message)
    if taken_back:
        words = voices.voice().says(conversation.language, "withdrawn")
        amend(conversation, message, Amendment(CheckState.WITHDRAWN, words))
    else:
        amend(conversation, message, Amendment(CheckState.UNCHECKED))
    reason = outcome.handoff_reason
    decision = _decision(escalation, outcome, HANDOFF, reason)
    _add_receipt(conversation, turn, message, decision, outcome)
    if _still_waits(conversation, turn) and (taken_back or presence.people_answer()):
        handoff.request(conversation, reason=reason, turn=turn, ask_first=False)


def _answer_of(escalation: Escalation) -> Message:
    """Raises Superseded where it was erased."""
    rows = Message.objects.select_related("turn").filter(turn_id=escalation.turn_id)
    message = rows.filter(slot=Slot.ANSWER).first()
    if message is None:
        raise Superseded("the answer is gone")
    return message


def _may_stay(conversation: Conversation, message: Message) -> bool:
    """Whether the passage that tier 1 answered from still stands."""
    receipt = Receipt.objects.filter(message=message, tier=1).first()
    return receipt is None or stands(receipt.evidence[:1], conversation)


def _still_waits(conversation: Conversation, turn: Turn) -> bool:
    """The bot has the conversation, and the visitor has asked nothing since."""
    if conversation.owner != Owner.BOT or conversation.status != Status.OPEN:
        return False
    return not Turn.objects.filter(conversation=conversation, number__gt=turn.number).exists()


def _add_receipt(
    conversation: Conversation, turn: Turn, message: Message, decision: Decision, outcome: Outcome
) -> None:
    replies.add_receipt(
        conversation, turn, decision, tier=2, message=message, cost_usd=outcome.cost_usd
    )


def _decision(escalation: Escalation, outcome: Outcome, kind: str, reason: str) -> Decision:
    rows = (row | {"heading_path": tuple(row["heading_path"])} for row in escalation.evidence)
    found = outcome.agreement or Agreement("", 0.0, None)
    return Decision(
        kind,
        reason,
        found.probability,
        evidence=tuple(Evidence(**row) for row in rows),
        threshold=found.threshold,
        features={"sentences": float(len(outcome.said)), "removed": float(outcome.removed)},
        stages_ms=outcome.stages_ms,
        models_version=escalation.model[:80],
    )
