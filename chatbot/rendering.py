"""A message as events and sockets carry it."""

from typing import Any

from chatbot import attachments
from chatbot.models import Author, Message
from knowledge.rendering import render_html

WITH_FILES = {Author.VISITOR, Author.MEMBER}
AUTHOR_NAMES = {Author.BOT: "", Author.MODEL: "", Author.VISITOR: ""}


def message_payload(message: Message) -> dict[str, Any]:
    """The payload of message.posted; `html` is sanitised, and there for replies alone."""
    is_visitor = message.author == Author.VISITOR
    return {
        "message_id": str(message.id),
        "turn_id": str(message.turn_id) if message.turn_id else None,
        "author": message.author,
        "author_name": message.member.display_name if message.member else None,
        "text": message.text,
        "html": None if is_visitor else render_html(message.text),
        "slot": message.slot,
        "client_id": message.client_id,
        "citations": message.citations,
        "options": options_of(message),
        "choice": choice_of(message),
        "attachments": attachments.parts(message) if message.author in WITH_FILES else [],
        "repeated": message.repeated,
        "created_at": message.created_at.isoformat(),
    }


def options_of(message: Message) -> list[dict[str, Any]]:
    """What a clarifying question offers: number and label, plain text."""
    return [
        {"number": number, "label": option["label"]}
        for number, option in enumerate(message.options, start=1)
    ]


def choice_of(message: Message) -> dict[str, Any] | None:
    """Which option of which question the visitor chose."""
    if message.chosen_from_id is None:
        return None
    return {"message_id": str(message.chosen_from_id), "option": message.chosen}
