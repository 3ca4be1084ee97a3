"""Ask one agent one question instead of handing the conversation over. The bot keeps it.

Once for a turn and one at a time in a conversation; where nobody is there who could be asked, or
the workspace does not want it, the conversation is handed over as ever.
"""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Member
from chatbot import broadcast, events, presence, voices
from chatbot.handoff.desk import touch
from chatbot.models import (
    Author,
    ColleagueQuestion,
    Conversation,
    DeskSettings,
    Message,
    Owner,
    QuestionState,
    Slot,
    Status,
    Turn,
    TurnState,
)
from chatbot.queues import staff
from chatbot.rendering import message_payload
from chatbot.turns import question_of
from outbox.queue import enqueue

KIND, QUEUE = "colleague_due", "answers"
# What a person who knows could answer in a line. Complaints and wishes for a person are no such.
ASKABLE = frozenset(
    {
        "low_confidence",
        "unsupported",
        "two_readings",
        "no_words",
        "no_evidence",
        "revision_gone",
        "no_provider",
        "not_allowed",
        "budget",
        "agent_free",
        "short_wait",
    }
)


def ask(conversation: Conversation, turn: Turn, *, reason: str) -> bool:
    """In the caller's transaction; False where the conversation is to be handed over instead."""
    wanted = DeskSettings.objects.filter(ask_colleague=True).first() if reason in ASKABLE else None
    if wanted is None or not presence.presence().here:
        return False
    conversation = events.lock(conversation.id)
    if (conversation.owner, conversation.status) != (Owner.BOT, Status.OPEN):
        return False
    asked = ColleagueQuestion.objects.filter(conversation=conversation)
    if asked.filter(turn=turn).exists() or asked.filter(state=QuestionState.OPEN).exists():
        return False
    member = staff.free_for_a_question()
    if member is None:
        return False
    question = ColleagueQuestion.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        turn=turn,
        turn_revision=turn.revision,
        asked_of=member,
        question=question_of(turn.id),
        reason=reason,
        due_at=timezone.now() + timedelta(minutes=wanted.colleague_minutes),
    )
    turn.state = TurnState.COLLEAGUE
    turn.save(update_fields=["state"])
    _tell(conversation, turn, question, member)
    enqueue(
        KIND,
        workspace_id=conversation.workspace_id,
        payload={"question_id": str(question.id)},
        queue=QUEUE,
        dedup_key=str(question.id),
        delay_s=wanted.colleague_minutes * 60.0,
    )
    return True


def _tell(
    conversation: Conversation, turn: Turn, question: ColleagueQuestion, member: Member
) -> None:
    """The visitor reads that somebody is asked; the timeline says who; they get a notice."""
    message = Message.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        turn=turn,
        author=Author.BOT,
        text=voices.voice().says(conversation.language, "colleague_asked"),
        slot=Slot.HOLDING,
    )
    touch(conversation, message)
    events.append(conversation, "message.posted", message_payload(message))
    happening = {
        "question_id": str(question.id),
        "member_id": str(member.id),
        "member_name": member.display_name,
        "reason": question.reason,
    }
    events.append(conversation, "colleague.asked", {}, visitor=False, staff=happening)
    notice = {
        "type": "notice.made",
        "about": "question",
        "conversation_id": str(conversation.id),
        "name": "",
    }
    broadcast.notify_after_commit(member.id, notice)
