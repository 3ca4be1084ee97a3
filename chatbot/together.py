"""Write what one transaction does to many conversations with few statements.

When a large model's server dies, hundreds of conversations are handed over at once, each by the
code that hands over one. Inside `writing_together` that code's rows are added at the end, in one
INSERT for a table, and counters of conversations in one UPDATE; and what the transaction has locked
already is not read again. Nobody else changes locked rows, and who reads them here gets them as
this transaction has left them. If anything cannot be written, nothing is.

Outside of it each function does its work at once.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model

from chatbot.models import Conversation, Event, Turn

Row = TypeVar("Row", bound=Model)
_COUNT = """
UPDATE chatbot_conversation AS one
SET staff_seq = new.staff_seq, visitor_seq = new.visitor_seq,
    visitor_wrote_seq = new.visitor_wrote_seq, changed_at = new.changed_at
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])
    AS new(id, staff_seq, visitor_seq, visitor_wrote_seq, changed_at)
WHERE one.id = new.id
"""
_APPEND = """
INSERT INTO chatbot_event (id, workspace_id, conversation_id, staff_seq, visitor_seq, kind,
                           created_at, payload, staff_payload)
SELECT id, workspace_id, conversation_id, staff_seq, visitor_seq, kind, created_at,
       payload::jsonb, staff_payload::jsonb
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[], %s::text[],
            %s::timestamptz[], %s::text[], %s::text[])
    AS new(id, workspace_id, conversation_id, staff_seq, visitor_seq, kind, created_at,
           payload, staff_payload)
"""
_OF_EVENT = (
    "id", "workspace_id", "conversation_id", "staff_seq", "visitor_seq", "kind", "created_at",
)  # fmt: skip
_COUNTERS = ("id", "staff_seq", "visitor_seq", "visitor_wrote_seq", "changed_at")


@dataclass
class _Work:
    """`conversations`: as this transaction has left them. `counted`: whose counters have moved."""

    conversations: dict[UUID, Conversation]
    turns: dict[UUID, Turn]
    counted: set[UUID] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    rows: dict[type[Model], list[Model]] = field(default_factory=dict)
    last: dict[Hashable, Callable[[], object]] = field(default_factory=dict)


_work: ContextVar[_Work | None] = ContextVar("work", default=None)


@contextmanager
def writing_together(
    conversations: Iterable[Conversation], turns: Iterable[Turn]
) -> Iterator[None]:
    """To be opened inside a scope. conversations: locked by this transaction, and read since.

    turns: of these, read under the lock too.
    """
    work = _Work({one.id: one for one in conversations}, {one.id: one for one in turns})
    token = _work.set(work)
    try:
        yield
    finally:
        _work.reset(token)
    for model, rows in work.rows.items():
        model._default_manager.bulk_create(rows)
    _append(work.events)
    _count([work.conversations[one] for one in work.counted])
    for finish in work.last.values():
        finish()


def _append(events: list[Event]) -> None:
    """With the moments that they happened at: an INSERT of Django's would set its own."""
    columns = [[getattr(one, name) for one in events] for name in _OF_EVENT]
    columns += [[json.dumps(one.payload) for one in events]]
    columns += [[json.dumps(one.staff_payload) for one in events]]
    if events:
        with connection.cursor() as cursor:
            cursor.execute(_APPEND, columns)


def _count(conversations: list[Conversation]) -> None:
    columns = [[getattr(one, name) for one in conversations] for name in _COUNTERS]
    if conversations:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, columns)


def add(row: Row) -> Row:
    """A new row, which nobody needs to find in the database before the end."""
    work = _work.get()
    if work is None:
        row.save(force_insert=True)
    else:
        work.rows.setdefault(type(row), []).append(row)
    return row


def added(model: type[Row]) -> list[Row]:
    """The rows of this kind that are to be written yet."""
    work = _work.get()
    rows = work.rows.get(model, []) if work else []
    return [row for row in rows if isinstance(row, model)]


def takes(event: Event, conversation: Conversation) -> bool:
    """Whether the event and the conversation's counters are written at the end."""
    work = _work.get()
    if work is None or conversation.id not in work.conversations:
        return False
    work.events.append(event)
    event._state.adding, event._state.db = False, conversation._state.db
    work.conversations[conversation.id] = conversation
    work.counted.add(conversation.id)
    return True


def locked(conversation_id: UUID) -> Conversation | None:
    """As it is now, if this transaction has locked it for writing together."""
    work = _work.get()
    return work.conversations.get(conversation_id) if work else None


def turn(turn_id: UUID) -> Turn | None:
    """As `locked`."""
    work = _work.get()
    return work.turns.get(turn_id) if work else None


def moved(conversation: Conversation) -> None:
    """It has other values now."""
    work = _work.get()
    if work is not None and conversation.id in work.conversations:
        work.conversations[conversation.id] = conversation


def turns_changed(conversation_id: UUID) -> None:
    """By a statement: whoever wants one of its turns reads it anew."""
    work = _work.get()
    if work is not None:
        for one in [row for row in work.turns.values() if row.conversation_id == conversation_id]:
            del work.turns[one.id]


def at_the_end(what: Hashable, work_left: Callable[[], object]) -> None:
    """Once for all that asked for the same."""
    work = _work.get()
    if work is None:
        work_left()
    else:
        work.last.setdefault(what, work_left)
