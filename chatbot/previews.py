"""The newest words of a conversation in one line: what lists, notices and mails show of it.

Replies are Markdown and shown as words alone; what a visitor typed stays as it was typed. A
message that is only files shows their names.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from chatbot.models import Attachment, Author, Message
from knowledge.plain_text import plain_text

READ = 4_000  # characters of a message: a preview shows far fewer
FILE = "📎 "


def said(author: str, text: str) -> str:
    """In one line."""
    words = text[:READ] if author == Author.VISITOR else plain_text(text[:READ])
    return " ".join(words.split())


def of_messages(messages: Iterable[Message], *, longest: int) -> dict[UUID, str]:
    """By message, one query for the files of them all. Needs the scope."""
    words = {row.id: said(row.author, row.text) for row in messages}
    silent = [message_id for message_id, text in words.items() if not text]
    words |= _files(silent) if silent else {}
    return {message_id: text[:longest] for message_id, text in words.items()}


def newest(conversation_ids: Collection[UUID], *, longest: int) -> dict[UUID, str]:
    """By conversation, of its last message; two queries however many. Needs the scope."""
    rows = list(
        Message.objects.filter(conversation_id__in=conversation_ids)
        .order_by("conversation_id", "-created_at", "-id")
        .distinct("conversation_id")
        .only("id", "conversation_id", "author", "text")
    )
    words = of_messages(rows, longest=longest)
    return {row.conversation_id: words[row.id] for row in rows}


def _files(message_ids: Collection[UUID]) -> dict[UUID, str]:
    found: dict[UUID, list[str]] = {}
    rows = Attachment.objects.filter(message_id__in=message_ids).order_by("id")
    for message_id, name in rows.values_list("message_id", "name"):
        if message_id is not None:
            found.setdefault(message_id, []).append(name)
    return {message_id: FILE + ", ".join(names) for message_id, names in found.items()}
