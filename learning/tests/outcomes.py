"""Conversations with all kinds of ends, for tests of outcomes and gaps."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import events, handoff, replies
from chatbot.answering.contract import ANSWER, Decision
from chatbot.intake import give_feedback
from chatbot.models import (
    Author,
    Conversation,
    Escalation,
    EscalationState,
    Handoff,
    Message,
    Receipt,
    Slot,
    Turn,
)
from chatbot.sessions import VisitorSession
from learning import conversation_days
from learning.conversation_facts import facts_of
from learning.models import ConversationDay
from learning.review_jobs import next_review
from learning.tests.auditing import new_visitor, say, work
from tests.cast import Cast

HANDED = "And a giraffe?"  # tier 1 is unsure of it, and no large model is set up
ANSWERED = "May I return an anvil?"


def answered(cast: Cast, text: str = ANSWERED) -> VisitorSession:
    """A new visitor whom tier 1 answered."""
    visitor = new_visitor(cast)
    say(cast, visitor, text)
    return visitor


def replied(cast: Cast, text: str = HANDED, reply: str = "Giraffes may be returned.") -> UUID:
    """A new visitor's question that bob answered."""
    visitor = new_visitor(cast)
    say(cast, visitor, text)
    handoff.claim(cast.bob, visitor.conversation_id)
    handoff.reply(cast.bob, visitor.conversation_id, client_id="reply", text=reply)
    return visitor.conversation_id


def verdict(cast: Cast, visitor: VisitorSession, word: str) -> None:
    """The visitor's, on the last reply."""
    with workspace_scope(cast.workspace.id):
        mine = Message.objects.filter(conversation_id=visitor.conversation_id)
        last = mine.exclude(author=Author.VISITOR).latest("created_at")
    give_feedback(
        cast.workspace.id,
        visitor.conversation_id,
        visitor.contact_id,
        message_id=last.id,
        verdict=word,
    )


def by_large_model(
    cast: Cast, text: str, *, reply: str = "It can.", cost_usd: float = 0.02, **citation: str
) -> UUID:
    """A new visitor's question that the large model answered."""
    visitor = answered(cast, text)
    large_model_replies(cast, visitor.conversation_id, reply, cost_usd=cost_usd, **citation)
    return visitor.conversation_id


def large_model_replies(
    cast: Cast, conversation_id: UUID, reply: str, *, cost_usd: float = 0.02, **citation: str
) -> None:
    """To a question that waits for people: as if a large model had been asked in their place."""
    with workspace_scope(cast.workspace.id):
        turn = Turn.objects.get(conversation_id=conversation_id)
        Handoff.objects.filter(turn=turn).delete()
        Conversation.objects.filter(id=turn.conversation_id).update(owner="bot", queued_at=None)
        Escalation.objects.create(
            workspace_id=turn.workspace_id, turn=turn, turn_revision=1, cost_usd=cost_usd,
            reason="low_confidence", state=EscalationState.ANSWERED,
        )  # fmt: skip
        conversation = events.lock(turn.conversation_id)
        cited: tuple[dict[str, Any], ...] = (dict(citation),) if citation else ()
        message = replies.post_reply(
            conversation, turn, replies.Reply(reply, Slot.ANSWER, Author.MODEL, cited)
        )
        decision = Decision(ANSWER, "large_model", 0.9)
        replies.add_receipt(conversation, turn, decision, tier=2, message=message)


def shift(cast: Cast, conversation_id: UUID, by: timedelta) -> None:
    """All of this conversation happened so much earlier."""
    with workspace_scope(cast.workspace.id):
        turns = Turn.objects.filter(conversation_id=conversation_id)
        for rows, field in (
            (Message.objects.filter(conversation_id=conversation_id), "created_at"),
            (Handoff.objects.filter(conversation_id=conversation_id), "requested_at"),
            (Escalation.objects.filter(turn__in=turns), "requested_at"),
            (turns, "opened_at"),
        ):
            for row in rows:
                rows.filter(id=row.id).update(**{field: getattr(row, field) - by})


def days(cast: Cast, conversation_id: UUID) -> list[ConversationDay]:
    """The rows of this conversation, as they are computed now."""
    with workspace_scope(cast.workspace.id):
        rows = [Conversation.objects.get(id=conversation_id)]
        conversation_days.store(facts_of(rows))
        return list(ConversationDay.objects.filter(conversation_id=conversation_id).order_by("day"))


def review(cast: Cast) -> None:
    """What the knowledge worker does when a page asks for it."""
    with workspace_scope(cast.workspace.id):
        next_review(cast.workspace.id)
    work(cast.workspace.id)


def resolve_and_return(cast: Cast, visitor: VisitorSession, holder: Member) -> None:
    handoff.take_over(holder, visitor.conversation_id)
    handoff.resolve(holder, visitor.conversation_id)
    say(cast, visitor, ANSWERED)


def receipts(cast: Cast) -> list[Receipt]:
    with workspace_scope(cast.workspace.id):
        return list(Receipt.objects.order_by("created_at"))
