"""Full-text search over conversations: visitors', the bot's and agents' words, and notes.

Under row-level security `@@` uses no index, since it is not leakproof, so entries are found by the
function chatbot_search of the database, which says the workspace itself; everything after that
goes through the walls. Newest first, a page behind a place, as in the inbox.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.errors import Invalid
from chatbot.inbox.listing import Filters, those
from chatbot.models import Event
from chatbot.search_entries import said_in
from chatbot.texts import storable

LONGEST = 200
MOST_WORDS = 12
PER_PAGE = 20
ENTRIES = 200  # looked at in one step
STEPS = 5  # of one page; where filters leave nothing, the next page looks further
OPEN, CLOSE = "\x02", "\x03"  # around what was found; no text can hold them
JOINER = "\u2060"  # a word joiner, which nobody sees
HEADLINE = (
    f"StartSel={OPEN}, StopSel={CLOSE}, MaxWords=24, MinWords=8, ShortWord=0, "
    'MaxFragments=2, FragmentDelimiter=" … "'
)
NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
_TOKEN = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
_WORD = re.compile(r"[^\W_]+")
_ENTRIES = (
    "SELECT id, event_id, conversation_id, author, at FROM chatbot_search({query}, %s, %s, %s)"
)
_HEADLINES = "SELECT ts_headline('russian', text, {query}, %s) FROM unnest(%s::text[]) text"


@dataclass(frozen=True)
class Query:
    """SQL of a tsquery with its parameters."""

    sql: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    id: UUID
    event_id: UUID
    conversation_id: UUID
    author: str
    at: datetime

    @property
    def place(self) -> tuple[datetime, UUID]:
        return self.at, self.id


def parse(text: str) -> Query:
    """All words, "phrases" as they stand, and none of the -words; a word may be only begun.

    Each is looked for as it is written and by its stem. Raises Invalid where there is nothing to
    look for, or far too much.
    """
    text = storable(text).strip()
    if len(text) > LONGEST:
        raise Invalid(f"At most {LONGEST} characters", code="text_too_long")
    wanted: list[Query] = []
    unwanted: list[Query] = []
    for minus, phrase, word in _TOKEN.findall(text):
        found = _phrase(phrase) if phrase else _word(word)
        if found is not None:
            (unwanted if minus else wanted).append(found)
    if not wanted:
        raise Invalid("Write what to look for", code="empty_text")
    parts = wanted + [Query(f"!! {one.sql}", one.values) for one in unwanted]
    if len(parts) > MOST_WORDS:
        raise Invalid(f"At most {MOST_WORDS} words", code="text_too_long")
    values = tuple(value for one in parts for value in one.values)
    return Query(f"({' && '.join(one.sql for one in parts)})", values)


def _word(word: str) -> Query | None:
    if not _WORD.search(word):
        return None
    stems = "plainto_tsquery('english', %s) || plainto_tsquery('russian', %s)"
    if _WORD.fullmatch(word):
        return Query(f"({stems} || to_tsquery('simple', %s))", (word, word, f"{word}:*"))
    return Query(f"({stems} || plainto_tsquery('simple', %s))", (word, word, word))


def _phrase(phrase: str) -> Query | None:
    if not _WORD.search(phrase):
        return None
    ways = [f"phraseto_tsquery('{name}', %s)" for name in ("english", "russian", "simple")]
    return Query(f"({' || '.join(ways)})", (phrase, phrase, phrase))


def find(member: Member, text: str, filters: Filters, *, after: str = "") -> dict[str, Any]:
    """Conversations in which something was said that fits, each with its newest such place.

    Raises Invalid, and ValueError for a place that is none.
    """
    query, place = parse(text), _place(after)
    hits: dict[UUID, Entry] = {}
    rows: dict[UUID, dict[str, Any]] = {}
    with workspace_scope(member.workspace_id):
        for _ in range(STEPS):
            entries = _entries(query, place)
            fresh = {one.conversation_id for one in entries} - set(hits)
            rows |= those(member, fresh, filters)
            for one in entries:
                place = one.place
                if one.conversation_id in rows:
                    hits.setdefault(one.conversation_id, one)
                if len(hits) == PER_PAGE:
                    break
            if len(hits) == PER_PAGE or len(entries) < ENTRIES:
                break
        more = len(hits) == PER_PAGE or len(entries) == ENTRIES
        snippets = _snippets(query, list(hits.values()))
    return {
        "rows": [rows[one.conversation_id] | snippets[one.event_id] for one in hits.values()],
        "next": f"{place[0].isoformat()}_{place[1]}" if more else None,
    }


def _place(after: str) -> tuple[datetime, UUID]:
    if not after:
        return NEWEST
    moment, _, entry_id = after.partition("_")
    return datetime.fromisoformat(moment), UUID(entry_id)


def _entries(query: Query, place: tuple[datetime, UUID]) -> list[Entry]:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES.format(query=query.sql), [*query.values, *place, ENTRIES])
        return [Entry(*row) for row in cursor.fetchall()]


def _snippets(query: Query, hits: Sequence[Entry]) -> Mapping[UUID, dict[str, Any]]:
    """By event: who said it when, and the words around what was found."""
    events = Event.objects.filter(id__in=[one.event_id for one in hits])
    texts = {event.id: _clean(said_in(event)[1]) for event in events}
    in_order = [texts.get(one.event_id, "") for one in hits]
    with connection.cursor() as cursor:
        sql = _HEADLINES.format(query=query.sql)
        cursor.execute(sql, [*query.values, HEADLINE, in_order])
        found = [row[0] for row in cursor.fetchall()]
    return {
        one.event_id: {
            "said_by": one.author,
            "said_at": one.at.isoformat(),
            "snippet": parts(headline),
        }
        for one, headline in zip(hits, found, strict=True)
    }


def _clean(text: str) -> str:
    """Without our own marks; and with no `<` that begins a tag, for headlines leave tags out."""
    return text.replace(OPEN, "").replace(CLOSE, "").replace("<", f"<{JOINER}")


def parts(headline: str) -> list[dict[str, Any]]:
    """Pieces of text, each marked as found or not, so that no page is built from a text."""
    pieces = re.split(f"{OPEN}(.*?){CLOSE}", headline, flags=re.DOTALL)
    pieces = [one.replace(JOINER, "") for one in pieces]
    marked = [{"text": one, "hit": number % 2 == 1} for number, one in enumerate(pieces)]
    return [one for one in marked if one["text"]]
