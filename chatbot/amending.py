"""Change what a reply says of its check, or its words, visibly: never without an event.

An amendment belongs to its message. It is made whoever has the conversation now, and says nothing
in anybody's name: a person who took over is not spoken over, and a visitor who wrote on is not
answered twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatbot import events, voices
from chatbot.models import Author, CheckState, Conversation, Message
from chatbot.rendering import check_of
from knowledge.rendering import render_html


@dataclass(frozen=True)
class Amendment:
    """text: the words that stand there from now on; None: the same as before."""

    state: CheckState
    text: str | None = None
    author: Author = Author.BOT
    citations: Sequence[Mapping[str, Any]] = ()


def amend(conversation: Conversation, message: Message, made: Amendment) -> None:
    """The caller holds the conversation's lock, and has seen that the check is pending."""
    before = message.text
    message.check_state = made.state
    if made.text is not None:
        message.text, message.author = made.text, made.author
        message.citations = [dict(row) for row in made.citations]
    message.save(update_fields=["check_state", "text", "author", "citations"])
    changed = made.text is not None
    line = voices.voice().says(conversation.language, f"line_{made.state}") if changed else ""
    payload = {
        "message_id": str(message.id),
        "author": message.author,
        "text": message.text,
        "html": render_html(message.text),
        "citations": message.citations,
        "line": line,
        **check_of(message, conversation.language),
    }
    staff = {"text_before": before if changed else None}
    events.append(conversation, "message.amended", payload, staff=staff)
