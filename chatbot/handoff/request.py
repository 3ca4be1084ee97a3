"""Fail toward a person: every trouble of the tiers before ends here.

Where people are switched off nobody is waited for in vain: the visitor is told that there is no
answer and that nobody will come, and the conversation stays with the bot.
"""

from chatbot import events, phrases, presence, transitions, voices
from chatbot.errors import Conflict
from chatbot.handoff import colleague
from chatbot.handoff.desk import touch
from chatbot.models import Author, Conversation, Message, Owner, Slot, Status, Turn, TurnState
from chatbot.rendering import message_payload


def request(
    conversation: Conversation,
    *,
    reason: str,
    turn: Turn | None = None,
    actor: transitions.Actor = transitions.SYSTEM,
    ask_first: bool = True,
) -> bool:
    """Put the conversation into the queue and tell the visitor, in the caller's transaction.

    False if it is not with the bot any more: then somebody has it already, and nothing changes.
    False too where no people answer: then the visitor is told that. And where the bot keeps the
    conversation, since it asks a colleague first; without `ask_first` it doesn't.
    """
    if not presence.people_answer():
        _tell_nobody(conversation, reason=reason, turn=turn)
        return False
    if ask_first and turn is not None and colleague.ask(conversation, turn, reason=reason):
        return False
    try:
        transitions.apply(conversation, "request_handoff", actor=actor, reason=reason, turn=turn)
    except Conflict:
        return False
    return True


def _tell_nobody(conversation: Conversation, *, reason: str, turn: Turn | None) -> None:
    """One line, once: asking for a person again and again adds none.

    A wish for a person leaves what is being answered alone; a turn that failed ends.
    """
    conversation = events.lock(conversation.id)
    if (conversation.owner, conversation.status) != (Owner.BOT, Status.OPEN):
        return
    said = Message.objects.filter(conversation=conversation).order_by("-created_at", "-id").first()
    if turn is None and said is not None and said.slot == Slot.HOLDING:
        return
    if turn is not None:
        transitions.end_turns(conversation, TurnState.UNANSWERED)
        if Message.objects.filter(turn=turn, slot=Slot.HOLDING).exists():
            turn = None  # it says already that a colleague is asked, and has room for one line
    message = Message.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        turn=turn,
        author=Author.BOT,
        text=phrases.nobody(conversation.language, reason, tone=voices.voice().tone),
        slot=Slot.HOLDING,
    )
    touch(conversation, message)
    events.append(conversation, "message.posted", message_payload(message))
