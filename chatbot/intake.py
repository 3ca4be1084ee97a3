"""What comes from visitors. Socket and REST call the same functions; each is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot import attachments, cached_answers, events, handoff, prechat, transitions, voices
from chatbot.access import own_conversation
from chatbot.errors import Conflict, Invalid
from chatbot.escalation import consent
from chatbot.handoff.desk import touch
from chatbot.models import (
    Attachment,
    Author,
    Conversation,
    Event,
    Message,
    Owner,
    Slot,
    Status,
    TurnState,
)
from chatbot.queues import guarding, places
from chatbot.rendering import message_payload
from chatbot.texts import checked_client_id, checked_text, storable
from chatbot.turns import extend_or_open, go_on

VISITOR = Author.VISITOR
VERDICTS = {"helped", "wrong"}
MAX_REASON = 500
WITH_OPTIONS = (Slot.CLARIFY, Slot.CONSENT)


@dataclass(frozen=True)
class Posted:
    """`created` is False for a resend; then the first message's numbers are returned."""

    message_id: UUID
    seq: int
    created: bool


@dataclass(frozen=True)
class Choice:
    """An option, by its number from 1, of a clarifying question."""

    message_id: UUID
    option: int


def post_visitor_message(
    workspace_id: UUID,
    conversation_id: UUID,
    contact_id: UUID,
    *,
    client_id: str,
    text: str,
    files: Sequence[UUID] = (),
) -> Posted:
    """Store the message, its event and the work to answer it, or find them by client_id.

    With `files`, unsent ones of the visitor, the text may be empty.
    """
    text = checked_text(text) if text.strip() or not files else ""
    client_id = checked_client_id(client_id)
    with workspace_scope(workspace_id):
        conversation = own_conversation(conversation_id, contact_id)
        if known := _resent(conversation, client_id):
            return known
        prechat.check(conversation)
        sent = attachments.unsent(conversation, files) if files else []
        message = Message(author=VISITOR, text=text, client_id=client_id)
        asked = consent.question_open(conversation)
        if asked and (number := consent.as_written(asked, text)):
            message.chosen_from, message.chosen = asked, number
        elif consent.is_withdrawal(text) and consent.is_granted(conversation):
            posted = _post(conversation, message, sent, wants_answer=False)
            consent.withdraw(conversation, message)
            return posted
        return _post(conversation, message, sent)


def withdraw_consent(workspace_id: UUID, conversation_id: UUID, contact_id: UUID) -> None:
    """Ask no outside model from now on. Harmless where none may be asked. Raises NotFound."""
    with workspace_scope(workspace_id):
        consent.withdraw(own_conversation(conversation_id, contact_id))


def choose_option(
    workspace_id: UUID,
    conversation_id: UUID,
    contact_id: UUID,
    *,
    client_id: str,
    choice: Choice,
) -> Posted:
    """Answer a question with options: the option's label becomes the visitor's message.

    Raises NotFound for what was not offered in this conversation, Conflict where the visitor has
    written since.
    """
    client_id = checked_client_id(client_id)
    with workspace_scope(workspace_id):
        conversation = own_conversation(conversation_id, contact_id)
        messages = Message.objects.filter(conversation=conversation)
        asked = messages.filter(id=choice.message_id, slot__in=WITH_OPTIONS).first()
        if asked is None or not 1 <= choice.option <= len(asked.options):
            raise NotFound("no such option")
        if known := _known(conversation, client_id, choice):
            return known
        if messages.filter(author=VISITOR, created_at__gt=asked.created_at).exists():
            raise Conflict("This question was answered already")
        message = Message(
            author=VISITOR,
            text=asked.options[choice.option - 1]["label"],
            client_id=client_id,
            chosen_from=asked,
            chosen=choice.option,
        )
        return _post(conversation, message)


def _resent(conversation: Conversation, client_id: str) -> Posted | None:
    """As _known; words that were taken for an answer about consent are the same message."""
    known = Message.objects.filter(conversation=conversation, client_id=client_id).first()
    asked = known.chosen_from if known else None
    if known and asked and asked.slot == Slot.CONSENT:
        return Posted(known.id, _seq_of(conversation, known), created=False)
    return _known(conversation, client_id)


def _known(
    conversation: Conversation, client_id: str, choice: Choice | None = None
) -> Posted | None:
    """The message of this client_id, if it was sent before. Raises Conflict if it's another one."""
    known = Message.objects.filter(conversation=conversation, client_id=client_id).first()
    if known is None:
        return None
    chosen = (choice.message_id, choice.option) if choice else (None, None)
    if known.author != VISITOR or (known.chosen_from_id, known.chosen) != chosen:
        raise Conflict("This client_id is another message's")
    return Posted(known.id, _seq_of(conversation, known), created=False)


def _post(
    conversation: Conversation,
    message: Message,
    files: Sequence[Attachment] = (),
    *,
    wants_answer: bool = True,
) -> Posted:
    """Store a new message of the visitor. The caller holds the conversation's lock."""
    conversation = _reopened(conversation)
    message.workspace_id = conversation.workspace_id
    message.conversation = conversation
    asked = message.chosen_from
    about_consent = asked is not None and asked.slot == Slot.CONSENT
    answers = wants_answer and conversation.owner == Owner.BOT and not about_consent
    message.turn = extend_or_open(conversation) if answers and message.text else None
    message.save(force_insert=True)
    attachments.send_with(message, files)
    touch(conversation, message)
    places.visitor_wrote(conversation)
    event = events.append(conversation, "message.posted", message_payload(message))
    if asked is not None and about_consent:
        _consented(conversation, asked, message)
    if answers and not message.text:
        _say_what_files_need(conversation)
    return Posted(message.id, event.visitor_seq or 0, created=True)


def _say_what_files_need(conversation: Conversation) -> None:
    """The bot reads no files: who sends them alone is told so, and waits for nothing."""
    message = Message.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        author=Author.BOT,
        text=voices.voice().says(conversation.language, "files_alone"),
    )
    touch(conversation, message)
    events.append(conversation, "message.posted", message_payload(message))


def _consented(conversation: Conversation, asked: Message, answer: Message) -> None:
    """Keep the answer, and go on with the question that waits for it, if the bot still has it."""
    consent.record(conversation, asked, answer)
    turn = asked.turn
    if turn and turn.state == TurnState.CONSENT and conversation.owner == Owner.BOT:
        go_on(turn)


def _reopened(conversation: Conversation) -> Conversation:
    """A visitor who writes again reopens or wakes the conversation."""
    if conversation.merged_into_id:
        raise Conflict("This conversation was joined with another one")
    if conversation.status == Status.RESOLVED:
        return transitions.apply(
            conversation, "reopen", actor=transitions.VISITOR, reason="visitor_wrote"
        )
    if conversation.status == Status.SNOOZED:
        return transitions.apply(
            conversation, "wake", actor=transitions.VISITOR, reason="visitor_wrote"
        )
    return conversation


def _seq_of(conversation: Conversation, message: Message) -> int:
    event = Event.objects.get(
        conversation=conversation,
        kind="message.posted",
        payload__message_id=str(message.id),
    )
    return event.visitor_seq or 0


def request_person(workspace_id: UUID, conversation_id: UUID, contact_id: UUID) -> None:
    """The visitor asks for a person. Harmless where one is on the way already."""
    with workspace_scope(workspace_id):
        conversation = _reopened(own_conversation(conversation_id, contact_id))
        handoff.request(conversation, reason="asked_for_person", actor=transitions.VISITOR)


def cancel_wait(workspace_id: UUID, conversation_id: UUID, contact_id: UUID) -> None:
    """The visitor stops waiting. Raises Conflict if an agent has come meanwhile."""
    with workspace_scope(workspace_id):
        conversation = own_conversation(conversation_id, contact_id)
        if conversation.owner != Owner.BOT:
            transitions.apply(
                conversation, "cancel_wait", actor=transitions.VISITOR, reason="visitor_cancelled"
            )


def give_feedback(
    workspace_id: UUID,
    conversation_id: UUID,
    contact_id: UUID,
    *,
    message_id: UUID,
    verdict: str,
    reason: str = "",
) -> None:
    """Record what the visitor thinks of a reply; the same twice is stored once."""
    if verdict not in VERDICTS:
        raise Invalid("verdict must be helped or wrong")
    reason = storable(reason)
    if len(reason) > MAX_REASON:
        raise Invalid(f"At most {MAX_REASON} characters", code="text_too_long")
    with workspace_scope(workspace_id):
        conversation = own_conversation(conversation_id, contact_id)
        replies = Message.objects.filter(conversation=conversation, id=message_id)
        if not replies.exclude(author=Author.VISITOR).exists():
            raise NotFound("no such message")
        payload = {"message_id": str(message_id), "verdict": verdict, "reason": reason}
        last = (
            conversation.events.filter(kind="feedback.given", payload__message_id=str(message_id))
            .order_by("-staff_seq")
            .first()
        )
        before = last.payload if last else {}
        more = reason and reason != before.get("reason")
        if before.get("verdict") != verdict or more:
            events.append(conversation, "feedback.given", payload, staff={"reason": reason})
            if verdict == "wrong":
                cached_answers.withdraw(message_id)
            if verdict == "wrong" and guarding.failed_again(conversation):
                handoff.request(conversation, reason=guarding.FAILED)
