"""Which of the visitor's messages are answered together."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from chatbot.models import (
    Author,
    Conversation,
    Escalation,
    EscalationState,
    Message,
    Slot,
    Turn,
    TurnState,
)
from outbox.queue import enqueue

MAX_EXTENSIONS = 2
HISTORY_MESSAGES = 12
NOT_SAID = (Slot.CLARIFY, Slot.CONSENT, Slot.HOLDING, Slot.WITHDRAWN)  # are no part of the dialogue


def extend_or_open(conversation: Conversation) -> Turn:
    """The turn that a new message belongs to, and the work to answer it.

    A message that comes while its turn is being answered extends the turn, twice at most; then
    the answer goes out and a new turn begins. The caller holds the conversation's lock.
    """
    last = Turn.objects.filter(conversation=conversation).order_by("-number").first()
    if last and _still_waits(last) and last.extensions < MAX_EXTENSIONS:
        turn = _extend(last)
    else:
        _give_up_consent(last)
        turn = Turn.objects.create(
            workspace_id=conversation.workspace_id,
            conversation=conversation,
            number=last.number + 1 if last else 1,
        )
    _ask_for_answer(turn)
    return turn


def take_up(conversation: Conversation) -> None:
    """What the visitor wrote to people and nobody has answered is the bot's to answer: a new turn.

    Not what the bot had before them, for which they were called. The caller holds the lock.
    """
    said = Message.objects.filter(conversation=conversation)
    replies = said.exclude(author=Author.VISITOR).exclude(slot=Slot.HOLDING)
    last = replies.order_by("-created_at", "-id").first()
    left = said.filter(author=Author.VISITOR, turn__isnull=True).exclude(text="")
    left = left.exclude(chosen_from__slot=Slot.CONSENT)
    if last is not None:
        left = left.filter(created_at__gt=last.created_at)
    if ids := list(left.values_list("id", flat=True)):
        Message.objects.filter(id__in=ids).update(turn=extend_or_open(conversation))


def go_on(turn: Turn) -> None:
    """The visitor has said whether the large model may be asked: answer the turn anew.

    The caller holds the conversation's lock, and the turn waits for consent.
    """
    turn.state, turn.revision = TurnState.OPEN, turn.revision + 1
    turn.save(update_fields=["state", "revision"])
    _ask_for_answer(turn)


def _ask_for_answer(turn: Turn) -> None:
    enqueue(
        "answer_turn",
        workspace_id=turn.workspace_id,
        payload={"turn_id": str(turn.id), "revision": turn.revision},
        queue="answers",
        dedup_key=f"{turn.id}:{turn.revision}",
    )


def _give_up_consent(turn: Turn | None) -> None:
    """The visitor writes on instead of answering: the earlier question waits no longer."""
    if turn and turn.state == TurnState.CONSENT:
        turn.state, turn.closed_at = TurnState.CANCELLED, timezone.now()
        turn.save(update_fields=["state", "closed_at"])


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


def question_of(turn_id: UUID, *, until: datetime | None = None) -> str:
    """The visitor's messages of the turn, one a line; those written by then, if a time is given."""
    texts = Message.objects.filter(turn_id=turn_id, author=Author.VISITOR)
    if until is not None:
        texts = texts.filter(created_at__lte=until)
    return "\n".join(texts.order_by("created_at", "id").values_list("text", flat=True))


def questions_of(turn_ids: Collection[UUID]) -> dict[UUID, str]:
    """The same for many turns in one query; "" for those without a message."""
    texts: dict[UUID, list[str]] = {one: [] for one in turn_ids}
    rows = Message.objects.filter(turn_id__in=turn_ids, author=Author.VISITOR)
    for turn_id, text in rows.order_by("created_at", "id").values_list("turn_id", "text"):
        assert turn_id is not None  # it is one of these
        texts[turn_id].append(text)
    return {one: "\n".join(found) for one, found in texts.items()}


def history_of(turn: Turn, *, until: datetime | None = None) -> tuple[tuple[str, str], ...]:
    """The dialogue before this turn as (role, text), oldest first, the last 12 messages.

    Without clarifying questions: what they offer and was not meant would be searched for too. Nor
    what was said about consent and files, or that nobody can answer.
    """
    earlier = Message.objects.filter(conversation_id=turn.conversation_id).exclude(turn_id=turn.id)
    earlier = earlier.exclude(slot__in=NOT_SAID).exclude(chosen_from__slot=Slot.CONSENT)
    earlier = earlier.exclude(text="").exclude(author=Author.BOT, turn__isnull=True)
    if until is not None:
        earlier = earlier.filter(created_at__lte=until)
    newest_first = earlier.order_by("-created_at", "-id").values_list("author", "text")
    return tuple(
        ("visitor" if author == Author.VISITOR else "bot", text)
        for author, text in reversed(newest_first[:HISTORY_MESSAGES])
    )
