"""Fail toward a person: every trouble of the tiers before ends here."""

from chatbot import transitions
from chatbot.errors import Conflict
from chatbot.models import Conversation, Turn


def request(
    conversation: Conversation,
    *,
    reason: str,
    turn: Turn | None = None,
    actor: transitions.Actor = transitions.SYSTEM,
) -> bool:
    """Put the conversation into the queue and tell the visitor, in the caller's transaction.

    False if it is not with the bot any more: then somebody has it already, and nothing changes.
    """
    try:
        transitions.apply(conversation, "request_handoff", actor=actor, reason=reason, turn=turn)
    except Conflict:
        return False
    return True
