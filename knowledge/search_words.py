"""The words of an article that the console's list finds it by: of its title, its id, its draft.

They lie in a table of their own, because under row-level security a LIKE or an array reads every
row. The words of what is published are in the passage index. Changes come from the functions that
write titles and drafts, in their transaction and inside their scope.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import connection

LONGEST = 40
MOST = 2_000  # different words of one article
_WORD = re.compile(r"[^\W_]+")

_FORGET = "DELETE FROM knowledge_articleword WHERE workspace_id = %s AND article_id = ANY(%s)"
_KEEP = """
INSERT INTO knowledge_articleword (workspace_id, word, article_id)
SELECT %s, word, article_id FROM unnest(%s::text[], %s::uuid[]) AS new (word, article_id)
ON CONFLICT DO NOTHING
"""
_TEXTS = """
SELECT a.id, a.title, a.external_id, coalesce(r.title, ''), coalesce(r.text, '')
FROM knowledge_article a LEFT JOIN knowledge_revision r ON r.id = a.draft_revision_id
WHERE a.workspace_id = %s AND a.id = ANY(%s)
"""


def words_of(text: str) -> list[str]:
    """Each word once, in order, folded: case and compatibility forms make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    found = dict.fromkeys(one[:LONGEST] for one in _WORD.findall(folded))
    return list(found)[:MOST]


def note(workspace_id: UUID, article_ids: Collection[UUID]) -> None:
    """Bring the words of these articles up to date."""
    if not article_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [workspace_id, list(article_ids)])
        pairs = [(word, row[0]) for row in cursor.fetchall() for word in _words(row[1:])]
        cursor.execute(_FORGET, [workspace_id, list(article_ids)])
        words, ids = [one for one, _ in pairs], [one for _, one in pairs]
        cursor.execute(_KEEP, [workspace_id, words, ids])


def _words(texts: Iterable[str]) -> list[str]:
    return words_of(" ".join(texts))
