"""A conversation as lines, and the visitor's newest words as a question."""

from dataclasses import dataclass
from uuid import UUID

from chatbot.assist.summary import Line
from chatbot.models import Author, Message, Slot
from chatbot.turns import NOT_SAID

MOST_MESSAGES = 80
MOST_HISTORY = 12


@dataclass(frozen=True)
class Dialogue:
    """`newest`: the visitor's last message. `question`: all they wrote since the last reply, or
    that message alone where it was answered."""

    newest: Message
    lines: tuple[Line, ...]
    question: str
    history: tuple[tuple[str, str], ...]


def newest_of(conversation_id: UUID) -> Message | None:
    """The visitor's newest message. Needs the scope."""
    rows = Message.objects.filter(conversation_id=conversation_id, author=Author.VISITOR)
    return rows.order_by("-created_at", "-id").first()


def dialogue_of(conversation_id: UUID) -> Dialogue | None:
    """The last 80 messages; None where the visitor wrote nothing. Needs the scope."""
    newest = newest_of(conversation_id)
    if newest is None:
        return None
    rows = Message.objects.filter(conversation_id=conversation_id).exclude(slot__in=NOT_SAID)
    rows = rows.exclude(chosen_from__slot=Slot.CONSENT).order_by("-created_at", "-id")
    said = list(rows[:MOST_MESSAGES])[::-1] or [newest]
    lines = tuple(Line(row.author == Author.VISITOR, row.text) for row in said)
    at = max((place for place, line in enumerate(lines) if line.by_visitor), default=0)
    first = at
    while first > 0 and lines[first - 1].by_visitor:
        first -= 1
    earlier = lines[max(0, first - MOST_HISTORY) : first]
    return Dialogue(
        newest=newest,
        lines=lines,
        question="\n".join(line.text for line in lines[first : at + 1]),
        history=tuple(("visitor" if line.by_visitor else "bot", line.text) for line in earlier),
    )
