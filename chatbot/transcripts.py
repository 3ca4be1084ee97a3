"""A conversation to be read outside of the desk: what was said and by whom, and nothing else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot.models import Author, Conversation, Event, Message
from knowledge.rendering import render_html

MOST_MESSAGES = 500  # the newest


@dataclass(frozen=True)
class Line:
    """`html` is sanitised, and there for replies alone. `verdict`: helped, wrong or empty."""

    at: datetime
    author: str
    name: str
    text: str
    html: str
    verdict: str


@dataclass(frozen=True)
class Transcript:
    """Oldest first; `cut` where there is more before it."""

    id: UUID
    language: str
    channel: str
    status: str
    lines: tuple[Line, ...]
    cut: bool


def transcript(workspace_id: UUID, conversation_id: UUID) -> Transcript:
    """Raises NotFound."""
    with workspace_scope(workspace_id):
        row = Conversation.objects.filter(id=conversation_id).first()
        if row is None:
            raise NotFound("no such conversation")
        messages = Message.objects.filter(conversation=row).select_related("member")
        found = list(messages.order_by("-created_at", "-id")[: MOST_MESSAGES + 1])
        events = Event.objects.filter(conversation=row, kind="feedback.given")
        payloads = events.order_by("staff_seq").values_list("payload", flat=True)
        verdicts = {one["message_id"]: one["verdict"] for one in payloads}
    lines = [_line(one, verdicts.get(str(one.id), "")) for one in found[:MOST_MESSAGES][::-1]]
    return Transcript(
        row.id, row.language, row.channel, row.status, tuple(lines), len(found) > MOST_MESSAGES
    )


def _line(message: Message, verdict: str) -> Line:
    is_visitor = message.author == Author.VISITOR
    return Line(
        at=message.created_at,
        author=message.author,
        name=message.member.display_name if message.member else "",
        text=message.text,
        html="" if is_visitor else render_html(message.text),
        verdict=verdict,
    )
