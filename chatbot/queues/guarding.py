"""Two reasons to call a person that no model decides: words that the workspace keeps for people,
and answers that were called wrong again and again."""

import re
from collections.abc import Iterable

from chatbot.models import Conversation, DeskRules, Owner, Placement

UNSAFE, FAILED = "unsafe_topic", "repeated_failure"
WRONG_ANSWERS = 2
WORD = re.compile(r"[^\W_]+")
# Somebody who may be in danger gets a person in every workspace.
ALWAYS = (
    "kill myself", "suicide", "want to die", "hurt myself", "покончить с собой", "самоубийство",
    "убью себя", "не хочу жить",
)  # fmt: skip


def is_unsafe(text: str) -> bool:
    """Whether it has one of the words or phrases, as whole words. Needs a scope."""
    own = DeskRules.objects.values_list("unsafe_words", flat=True).first() or []
    return has_words(text, [*ALWAYS, *own])


def has_words(text: str, phrases: Iterable[str]) -> bool:
    said = _padded(text)
    return any(_padded(one) in said for one in phrases if _padded(one).strip())


def _padded(text: str) -> str:
    """Its words alone, each between spaces."""
    return f" {' '.join(WORD.findall(text.casefold()))} "


def failed_again(conversation: Conversation) -> bool:
    """Whether the visitor called enough answers wrong since the bot has the conversation.

    What was said before people had it does not count again: they have dealt with it.
    """
    if conversation.owner != Owner.BOT or Placement.objects.filter(conversation=conversation):
        return False
    moves = conversation.events.filter(kind="owner.changed").order_by("-staff_seq")
    last = moves.values_list("staff_seq", flat=True).first() or 0
    said = conversation.events.filter(kind="feedback.given").order_by("staff_seq")
    verdicts = {row.payload["message_id"]: row for row in said}
    posted = set(
        conversation.events.filter(kind="message.posted", staff_seq__gt=last).values_list(
            "payload__message_id", flat=True
        )
    )
    wrong = [
        one for one, row in verdicts.items() if row.payload["verdict"] == "wrong" and one in posted
    ]
    return len(wrong) >= WRONG_ANSWERS
