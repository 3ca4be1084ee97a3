"""What the service itself says to a visitor, in the visitor's language."""

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

HANDOFF = {
    "asked_for_person": gettext_noop("I am passing you to a person. Please wait a moment."),
    "complaint": gettext_noop(
        "I am sorry to hear that. I am passing you to a person. Please wait a moment."
    ),
    "not_sure": gettext_noop(
        "I am not sure about this one, so I am passing you to a person. Please wait a moment."
    ),
    "no_provider": gettext_noop(
        "I did not find a safe answer, so I am passing you to a person. Please wait a moment."
    ),
    "trouble": gettext_noop("Something did not work on our side, so I am passing you to a person."),
}
OWNER = {
    "claim": gettext_noop("%(name)s has joined and will answer you."),
    "take_over": gettext_noop("%(name)s has joined and will answer you."),
    "transfer_to_member": gettext_noop("%(name)s will answer you now."),
    "give_back": gettext_noop("Automatic answers are back. Ask for a person at any time."),
    "release": gettext_noop("Your question is with our team again. Please wait a moment."),
    "agent_silent": gettext_noop("We are looking for another colleague. Please wait a moment."),
    "cancel_wait": gettext_noop("You are no longer waiting. How else can I help?"),
    "nobody_there": gettext_noop("Nobody can answer right now. Please leave your message."),
}
STATUS = {
    "resolved": gettext_noop("This conversation is closed. Write again at any time."),
}
FIXED = {
    "escalation": gettext_noop("I am looking into this further…"),
    "greeting": gettext_noop("Hello! What would you like to know?"),
    "thanks": gettext_noop("You are welcome! Is there anything else?"),
    "goodbye": gettext_noop("Goodbye! Write again at any time."),
    "smalltalk": gettext_noop("I am the automatic help of this site. Ask me a question about it."),
    "disclosure": gettext_noop(
        "You are talking to a machine. It answers from our help pages, and a person can take over."
    ),
    "out_of_scope": gettext_noop(
        "That is outside of what I can help with here. If I misunderstood you, ask in other words, "
        "or ask for a person."
    ),
    "clarify": gettext_noop("I found more than one possible answer. Which one do you mean?"),
}
NOT_SURE = {"low_confidence", "unsupported"}
NO_PROVIDER = {"no_provider", "not_allowed", "budget"}


def handoff(language: str, reason: str) -> str:
    """The line that tells a visitor why a person will take over."""
    if reason in {"asked_for_person", "complaint"}:
        key = reason
    elif reason in NOT_SURE:
        key = "not_sure"
    elif reason in NO_PROVIDER:
        key = "no_provider"
    else:
        key = "trouble"
    return _say(language, HANDOFF[key])


def owner(language: str, transition: str, *, name: str = "") -> str:
    return _say(language, OWNER[transition]) % {"name": name}


def status(language: str, value: str) -> str:
    return _say(language, STATUS[value]) if value in STATUS else ""


def fixed(language: str, key: str) -> str:
    return _say(language, FIXED[key])


def _say(language: str, text: str) -> str:
    with translation.override(language):
        return _(text)
