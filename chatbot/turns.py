"""Which of the visitor's messages are answered together."""

from uuid import UUID

from django.utils import timezone

from chatbot.models import (
    Conversation,
    Escalation,
    EscalationState,
    Message,
    Turn,
    TurnState,
)
from outbox.queue import enqueue

MAX_EXTENSIONS = 2


def extend_or_open(conversation: Conversation) -> Turn:
    """The turn that a new message belongs to, and the work to answer it.

    A message that comes while its turn is being answered extends the turn, twice at most; then
    the answer goes out and a new turn begins. The caller holds the conversation's lock.
    """
    last = Turn.objects.filter(conversation=conversation).order_by("-number").first()
    if last and _still_waits(last) and last.extensions < MAX_EXTENSIONS:
        turn = _extend(last)
    else:
        turn = Turn.objects.create(
            workspace_id=conversation.workspace_id,
            conversation=conversation,
            number=last.number + 1 if last else 1,
        )
    enqueue(
        "answer_turn",
        workspace_id=conversation.workspace_id,
        payload={"turn_id": str(turn.id), "revision": turn.revision},
        queue="answers",
        dedup_key=f"{turn.id}:{turn.revision}",
    )
    return turn


def _still_waits(turn: Turn) -> bool:
    return turn.state in {TurnState.OPEN, TurnState.ESCALATED}


def _extend(turn: Turn) -> Turn:
    """Answers for the older revision are dropped; a running escalation is cancelled."""
    if turn.state == TurnState.ESCALATED:
        Escalation.objects.filter(
            turn=turn, state__in=[EscalationState.REQUESTED, EscalationState.RUNNING]
        ).update(state=EscalationState.CANCELLED, ended_at=timezone.now())
    turn.state = TurnState.OPEN
    turn.revision += 1
    turn.extensions += 1
    turn.save(update_fields=["state", "revision", "extensions"])
    return turn


def question_of(turn_id: UUID) -> str:
    """The visitor's messages of the turn, one a line."""
    texts = (
        Message.objects.filter(turn_id=turn_id, author="visitor")
        .order_by("created_at", "id")
        .values_list("text", flat=True)
    )
    return "\n".join(texts)
