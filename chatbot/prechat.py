"""What a workspace asks before the first message: name, e-mail, a topic of a list, one free line.

The setting is {"fields": {name: "optional" or "required"}, "topics": {language: [words]},
"note_label": {language: words}}; a field that is not named is not asked. Asked once for each
conversation of the widget, and never what the company's server has signed already.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import WorkspaceSettings
from chatbot import events, mailing
from chatbot.errors import Conflict, Invalid
from chatbot.models import Channel, Contact, Conversation, PrechatAnswer
from chatbot.texts import storable

NAMES = ("name", "email", "topic", "note")
REQUIRED, OPTIONAL = "required", "optional"
LONGEST = {"name": 120, "email": 254, "topic": 80, "note": 500}
MOST_TOPICS = 20
Setting = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """`options`: what a topic is chosen from, else empty."""

    name: str
    label: str
    required: bool
    options: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def setting() -> Setting:
    """Of the scope's workspace."""
    return WorkspaceSettings.objects.values_list("prechat", flat=True).first() or {}


def form(language: str, *, known: frozenset[str] = frozenset()) -> tuple[Field, ...]:
    """The fields in this language, without those that are known. Needs the scope."""
    chosen = setting()
    with translation.override(language):
        found = [
            Field(name, _label(chosen, name, language), mode == REQUIRED, options)
            for name in NAMES
            if (mode := chosen.get("fields", {}).get(name)) in {REQUIRED, OPTIONAL}
            and name not in known
            for options in [_topics(chosen, language) if name == "topic" else ()]
        ]
    return tuple(field for field in found if field.name != "topic" or field.options)


def _label(chosen: Setting, name: str, language: str) -> str:
    words = {"name": _("Name"), "email": _("E-mail"), "topic": _("What is it about?")}
    own = chosen.get("note_label", {})
    return words.get(name) or own.get(language) or next(iter(own.values()), "") or _("More")


def _topics(chosen: Setting, language: str) -> tuple[str, ...]:
    """In the language, else in whichever there is."""
    topics = chosen.get("topics", {})
    return tuple(topics.get(language) or next(iter(topics.values()), ()))


def missing(conversation: Conversation, contact: Contact) -> tuple[Field, ...]:
    """What is to be asked before anything is said; empty where it was, or nothing is wanted."""
    if conversation.channel != Channel.WIDGET or conversation.visitor_seq:
        return ()
    signed = contact.identified_at is not None
    known = {name for name in ("name", "email") if signed and getattr(contact, name)}
    return form(conversation.language, known=frozenset(known))


def check(conversation: Conversation) -> None:
    """Raises Invalid where a message comes first and the workspace requires the form."""
    if conversation.visitor_seq:
        return
    if any(field.required for field in missing(conversation, conversation.contact)):
        raise Invalid("Fill in the form first", code="prechat_required")


def submit(conversation: Conversation, contact: Contact, given: Mapping[str, str]) -> None:
    """Keep what was filled in; the caller holds the conversation's lock.

    Raises Invalid naming the field, and Conflict where it is not asked (any more).
    """
    fields = missing(conversation, contact)
    if not fields:
        raise Conflict("This conversation has no form to fill in")
    answers = {field.name: _checked(field, given.get(field.name, "")) for field in fields}
    PrechatAnswer.objects.create(
        workspace_id=conversation.workspace_id, conversation=conversation, **answers
    )
    if contact.identified_at is None:
        contact.name = answers.get("name") or contact.name
        contact.email = answers.get("email") or contact.email
        contact.save(update_fields=["name", "email"])
    payload = {name: answers.get(name, "") for name in NAMES}
    events.append(conversation, "prechat.given", payload)


def _checked(field: Field, value: str) -> str:
    value = " ".join(storable(value).split())
    if not value and field.required:
        raise Invalid(f"{field.name}: is required", code="bad_frame")
    if len(value) > LONGEST[field.name]:
        raise Invalid(f"{field.name}: too long", code="text_too_long")
    if value and field.name == "email":
        return mailing.checked_address(value)
    if value and field.options and value not in field.options:
        raise Invalid("topic: is none of those offered")
    return value
