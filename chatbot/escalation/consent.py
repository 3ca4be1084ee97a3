"""A visitor's consent before a question goes to an outside large model, where a workspace wants it.

Asked once, with two quick replies; the answer is a row. Until it is there the turn waits in a
state of its own and nothing is written that could send anything. A refusal holds for the visitor;
a question that was never answered is asked again after a day, and counts as a refusal till then.
A consent is withdrawn at any time, by a button or in words; the newest word counts.
"""

from datetime import timedelta

from django.utils import timezone

from accounts import audit
from accounts.models import WorkspaceSettings
from chatbot import events, voices
from chatbot.models import (
    Author,
    Channel,
    Consent,
    Conversation,
    Message,
    Slot,
    Turn,
    TurnState,
)
from chatbot.rendering import message_payload

ASK, REFUSED = "consent", "no_consent"
YES, NO = 1, 2
ASK_AGAIN = timedelta(days=1)
WITHDRAWALS = frozenset(
    {
        "withdraw consent",
        "withdraw my consent",
        "i withdraw my consent",
        "отозвать согласие",
        "отзываю согласие",
        "отзываю своё согласие",
        "отзываю свое согласие",
    }
)


def missing(conversation: Conversation) -> str | None:
    """None where the large model may be asked; ASK where the visitor must be asked first."""
    required = WorkspaceSettings.objects.values_list("consent_required", flat=True).first()
    if not required:
        return None
    given = Consent.objects.filter(contact_id=conversation.contact_id).order_by("-given_at").first()
    if given:
        return None if given.granted else REFUSED
    asked = Message.objects.filter(
        conversation=conversation,
        slot=Slot.CONSENT,
        created_at__gt=timezone.now() - ASK_AGAIN,
    )
    return REFUSED if asked.exists() else ASK


def ask(conversation: Conversation, turn: Turn) -> Message:
    """Post the question and let the turn wait. The caller holds the conversation's lock."""
    labels = _labels(conversation)
    text = voices.voice().says(conversation.language, "consent")
    if conversation.channel != Channel.WIDGET:  # other clients may know no quick replies
        rows = (f"{number}. {label}" for number, label in enumerate(labels, start=1))
        text = "\n".join([text, "", *rows])
    message = Message.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        turn=turn,
        author=Author.BOT,
        text=text,
        slot=Slot.CONSENT,
        options=[{"label": label} for label in labels],
    )
    turn.state = TurnState.CONSENT
    turn.save(update_fields=["state"])
    Conversation.objects.filter(id=conversation.id).update(last_message_at=message.created_at)
    events.append(conversation, "message.posted", message_payload(message))
    return message


def _labels(conversation: Conversation) -> list[str]:
    voice = voices.voice()
    return [voice.says(conversation.language, key) for key in ("consent_yes", "consent_no")]


def question_open(conversation: Conversation) -> Message | None:
    """The question that waits for this visitor's word: the last thing said in the conversation."""
    last = Message.objects.filter(conversation=conversation).order_by("-created_at", "-id").first()
    return last if last is not None and last.slot == Slot.CONSENT else None


def as_written(asked: Message, text: str) -> int | None:
    """The number of the option that a visitor wrote in words: a number, a label, or its start."""
    said = " ".join(text.split()).strip(".!").casefold()
    for number, option in enumerate(asked.options, start=1):
        label = option["label"].casefold()
        if said in {str(number), label, label.partition(",")[0]}:
            return number
    return None


def record(conversation: Conversation, asked: Message, answer: Message) -> None:
    """Keep the visitor's word, with its time."""
    Consent.objects.create(
        workspace_id=conversation.workspace_id,
        contact_id=conversation.contact_id,
        message=answer,
        granted=answer.chosen == YES,
    )


def is_granted(conversation: Conversation) -> bool:
    """Whether there is a consent that could be withdrawn."""
    rows = Consent.objects.filter(contact_id=conversation.contact_id).order_by("-given_at")
    return bool(rows.values_list("granted", flat=True).first())


def is_withdrawal(text: str) -> bool:
    """Whether a visitor writes, and says nothing else, that it is taken back; in any language."""
    said = " ".join(text.split()).strip(".!").casefold()
    return said in WITHDRAWALS


def withdraw(conversation: Conversation, written: Message | None = None) -> Message | None:
    """From now on nothing of the visitor's is sent; None where nothing was granted.

    What waits to be sent is not sent: each call looks again. The caller holds the lock.
    """
    if not is_granted(conversation):
        return None
    Consent.objects.create(
        workspace_id=conversation.workspace_id,
        contact_id=conversation.contact_id,
        message=written,
        granted=False,
    )
    message = Message.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        author=Author.BOT,
        text=voices.voice().says(conversation.language, "consent_withdrawn"),
        slot=Slot.WITHDRAWN,
    )
    Conversation.objects.filter(id=conversation.id).update(last_message_at=message.created_at)
    events.append(conversation, "message.posted", message_payload(message))
    audit.record(
        "visitor",
        "consent.withdrawn",
        target_kind="contact",
        target_id=conversation.contact_id,
        conversation=str(conversation.id),
    )
    return message
