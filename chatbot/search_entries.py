"""Make what is said findable: one entry for each message and note, written with its event.

Whoever appends an event is in the same transaction, so nothing is found that was rolled back and
nothing that was said is missed. The text stays in the event; the entry has its words alone: as
they are, and stemmed as English and Russian, the languages that the service speaks.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from accounts.ids import uuid7
from chatbot.models import Event

NOTE = "note"
_INSERT = """
INSERT INTO chatbot_searchentry (id, workspace_id, conversation_id, event_id, author, at, vector)
VALUES (%s, %s, %s, %s, %s, %s, chatbot_search_vector(%s, %s))
"""


def said_in(event: Event) -> tuple[str, str]:
    """Who said what in this event; two empty texts where nobody said anything."""
    return said(event.kind, event.payload, event.staff_payload)


def said(kind: str, payload: Mapping[str, Any], staff: Mapping[str, Any]) -> tuple[str, str]:
    if kind == "message.posted":
        return str(payload.get("author", "")), str(payload.get("text", ""))
    if kind == "message.amended" and staff.get("text_before") is not None:
        return str(payload.get("author", "")), str(payload.get("text", ""))
    if kind == "note.added":
        return NOTE, str(staff.get("text", ""))
    return "", ""


def note(event: Event) -> None:
    """Write the entry of a new event, if something was said. In the caller's transaction."""
    author, text = said_in(event)
    if not text:
        return
    where = [event.workspace_id, event.conversation_id, event.id]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT, [uuid7(), *where, author, event.created_at, event.workspace_id, text]
        )
