"""The words that the widget's scripts show, in the language that is active.

`{name}` and the like are filled in by the scripts.
"""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chatbot.filing.words import LARGEST


def frame_texts(bot_name: str, *, people: bool = True) -> dict[str, Any]:
    """Without `people` nothing is said of a person who could help."""
    return _conversation(bot_name) | _feedback(people=people) | _waiting() | _panels()


def _conversation(bot_name: str) -> dict[str, Any]:
    return {
        "bot": bot_name,
        "you": _("You"),
        "tag_bot": _("Automatic answer from our help pages"),
        "tag_notice": _("Automatic answer"),
        "tag_model": _("Large model, checked"),
        "tag_again": _("Large model, checked; an earlier answer"),
        "tag_member": _("Our team"),
        "presence_bot": _("Automatic help"),
        "presence_queue": _("Waiting for a person"),
        "presence_member": _("You are talking to {name}"),
        "presence_resolved": _("Conversation closed"),
        "offline": _("No connection. Your messages will be sent when it is back."),
        "refused": _("This chat is not available here."),
        "thinking": _("Looking for an answer…"),
        "drafting": _("Writing an answer…"),
        "typing": _("{name} is typing…"),
        "sending": _("Sending…"),
        "waits": _("Waits for the connection"),
        "failed": _("Not sent."),
        "too_fast": _("You are writing very fast. Sending in a moment…"),
        "trouble": _("Something went wrong. Please try again."),
        "bad_email": _("This is no e-mail address."),
        "prechat_required": _("Please fill in the form first."),
        "file_large": _("The file is larger than %(most)s MB.") % {"most": LARGEST // 1_000_000},
        "rated": _("Thank you. Your rating: {score} of 5."),
        "transcript_sent": _("The conversation is on its way to {email}."),
        "transcript_confirm": _("Open the link that we have sent to {email}; then it comes."),
        "too_long": _("Characters too many: {count}"),
        "characters_left": _("Characters left: {count}"),
    }


def _feedback(*, people: bool) -> dict[str, Any]:
    """What a visitor may say of an answer that is wrong; their own words are welcome, too."""
    sorry = _("Thank you for telling us. A person can help you with this.")
    return {
        "helped_thanks": _("Thank you!"),
        "wrong_sorry": sorry if people else _("Thank you for telling us."),
        "reason_thanks": _("Thank you, we have your reason."),
        "wrong_reasons": [
            _("Not what I asked"),
            _("Out of date"),
            _("Something is missing"),
            _("Hard to understand"),
        ],
    }


def _waiting() -> dict[str, Any]:
    """Number forms as the language has them: a script chooses, by the same rules as gettext."""
    return {
        "queue_next": _("You are next."),
        "queue_place": _("You are number {number} in the queue."),
        "wait_soon": _("It should take about a minute."),
        "wait_minutes": {
            form: ngettext(
                "It should take about {count} minute.",
                "It should take about {count} minutes.",
                number,
            )
            for form, number in (("one", 1), ("few", 3), ("many", 5), ("other", 10))
        },
    }


def _panels() -> dict[str, Any]:
    return {
        "article": _("Help page"),
        "loading": _("Loading…"),
        "article_gone": _("This page is gone, or is for readers who have signed in."),
        "article_failed": _("The page could not be loaded."),
        "try_again": _("Try again"),
        "new_tab": _("Open in a new tab"),
        "updated": _("Updated on {date}"),
        "earlier": _("Earlier conversations"),
        "earlier_none": _("There are no earlier conversations."),
        "start_new": _("Start a new conversation"),
        "more": _("Show more"),
        "no_words": _("Without words"),
        "was_open": _("Open"),
        "was_resolved": _("Closed"),
    }
