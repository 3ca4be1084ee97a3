"""What the service itself says to a visitor, in the visitor's language and the workspace's tone.

Both tones are polite; in Russian both say "вы". chatbot.wordings has the words.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from chatbot.wordings import WORDINGS, Wording

FRIENDLY = "friendly"
NOT_SURE = {
    "low_confidence", "unsupported", "revision_gone", "colleague_silent", "agent_free",
    "short_wait",
}  # fmt: skip
NO_PROVIDER = {"no_provider", "not_allowed", "budget"}
KNOWN = {
    "asked_for_person", "complaint", "compact_off", "no_consent", "unsafe_topic",
    "repeated_failure",
}  # fmt: skip


def handoff(language: str, reason: str, *, tone: str = FRIENDLY) -> str:
    """The line that tells a visitor why a person will take over."""
    return _say(language, _wording(tone).handoff[_why(reason)])


def away(language: str, reason: str, *, back: datetime | None, tone: str = FRIENDLY) -> str:
    """Outside of business hours: why a person is needed, and when one is back.

    `back` is local to the workspace; None where no hours lie ahead.
    """
    wording = _wording(tone)
    lead = _say(language, wording.lead[_why(reason)])
    if back is None:
        return _joined(lead, _say(language, wording.fixed["away"]))
    return _joined(lead, _say(language, wording.fixed["back"]) % {"when": when(language, back)})


def nobody(language: str, reason: str, *, tone: str = FRIENDLY) -> str:
    """Where people are switched off: why there is no answer, and that nobody will come."""
    wording = _wording(tone)
    lead = _say(language, wording.lead[_why(reason)])
    return _joined(lead, _say(language, wording.fixed["no_people"]))


def by_mail(language: str, email: str, *, tone: str = FRIENDLY) -> str:
    """The address is kept: where the answer will be found."""
    return _say(language, _wording(tone).fixed["by_mail"]) % {"email": email}


def owner(
    language: str, transition: str, *, name: str = "", tone: str = FRIENDLY, people: bool = True
) -> str:
    words = _wording(tone).owner
    return _say(language, _choice(words, transition, people=people)) % {"name": name}


def status(language: str, value: str, *, tone: str = FRIENDLY) -> str:
    words: Mapping[str, str] = _wording(tone).status
    return _say(language, words[value]) if value in words else ""


def fixed(language: str, key: str, *, tone: str = FRIENDLY, people: bool = True) -> str:
    """Without `people` nothing is said of a person who could take over."""
    return _say(language, _choice(_wording(tone).fixed, key, people=people))


def when(language: str, at: datetime) -> str:
    """A day and a time in words, with the time zone, as the visitor may live elsewhere."""
    with translation.override(language):
        month_day = formats.get_format("MONTH_DAY_FORMAT").replace("F", "E")  # the form in a date
        day = formats.date_format(at, f"l, {month_day}")
        zone = timezone.get_current_timezone_name() if at.tzinfo is None else str(at.tzinfo)
        hour = formats.date_format(at, "H:i")
        return _("%(day)s, %(hour)s (%(zone)s)") % {"day": day, "hour": hour, "zone": zone}


def _choice(words: Mapping[str, str], key: str, *, people: bool) -> str:
    return words[key] if people else words.get(f"{key}_alone", words[key])


def _why(reason: str) -> str:
    if reason in KNOWN:
        return reason
    if reason in NOT_SURE:
        return "not_sure"
    return "no_provider" if reason in NO_PROVIDER else "trouble"


def _wording(tone: str) -> Wording:
    return WORDINGS.get(tone, WORDINGS[FRIENDLY])


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _say(language: str, text: str) -> str:
    if not text:
        return ""
    with translation.override(language):
        return _(text)
