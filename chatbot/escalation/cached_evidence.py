"""What an answer of the large model rests on: the passages that it cites, by their words.

An edit gives every passage of an article another id. What counts is what the large model was shown:
title, headings and words. Where a published passage of the same article still has them, and the
visitor may read it, the answer stands; an edit elsewhere in the article changes nothing. So it is
for a new answer, which was written while somebody edited, and for one that was kept.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F

from chatbot.asking import audiences_of
from chatbot.models import Conversation
from knowledge.models import Passage

Row = dict[str, Any]
Entry = tuple[Sequence[Mapping[str, Any]], Sequence[str]]  # what it rests on; who may read it


def digest(row: Mapping[str, Any]) -> str:
    """Of the title, headings and words of a row of evidence."""
    shown = json.dumps([row["title"], list(row["heading_path"]), row["text"]], ensure_ascii=False)
    return hashlib.sha256(shown.encode()).hexdigest()


def rests_on(evidence: Sequence[Mapping[str, Any]]) -> list[Row]:
    """As an entry keeps it, without the words themselves."""
    kept = ("article_id", "revision_id", "passage_id", "title", "heading_path", "start", "end")
    return [{name: row[name] for name in kept} | {"digest": digest(row)} for row in evidence]


def stands(evidence: Sequence[Mapping[str, Any]], conversation: Conversation) -> bool:
    """Whether all of it is published yet in the same words, and its visitor may read it."""
    return live(rests_on(evidence), audiences_of(conversation)) is not None


def standing(evidence: Sequence[Row], conversation: Conversation) -> list[Row]:
    """Those that are published yet in the same words, and that its visitor may read."""
    audiences = audiences_of(conversation)
    found = live_each([([row], audiences) for row in rests_on(evidence)])
    return [row for row, now in zip(evidence, found, strict=True) if now is not None]


def live(kept: Sequence[Mapping[str, Any]], audiences: Sequence[str]) -> list[Row] | None:
    """The same passages as they are published now, in order, as rows of evidence.

    None where one was changed, is archived or unpublished, or may not be read by these. Needs the
    scope.
    """
    return live_each([(kept, audiences)])[0]


def live_each(entries: Sequence[Entry]) -> list[list[Row] | None]:
    """`live` of each. Cost: one query for all of them."""
    found: dict[tuple[str, str], tuple[str, Row]] = {}
    passages = Passage.objects.filter(
        article_id__in={row["article_id"] for kept, _ in entries for row in kept},
        revision_id=F("article__published_revision_id"),
        article__archived_at__isnull=True,
        article__audience__in={one for _, audiences in entries for one in audiences},
    ).select_related("article")
    for passage in passages.order_by("position"):
        row = _row(passage)
        key = row["article_id"], digest(row)
        found.setdefault(key, (passage.article.audience, row))
    return [_all_of(kept, audiences, found) for kept, audiences in entries]


def _all_of(
    kept: Sequence[Mapping[str, Any]],
    audiences: Sequence[str],
    found: Mapping[tuple[str, str], tuple[str, Row]],
) -> list[Row] | None:
    rows = []
    for one in kept:
        audience, row = found.get((one["article_id"], one["digest"]), ("", {}))
        if audience not in audiences:
            return None
        rows.append(row)
    return rows


def _row(passage: Passage) -> Row:
    article = passage.article
    return {
        "passage_id": str(passage.id),
        "revision_id": str(passage.revision_id),
        "article_id": str(article.id),
        "doc_id": article.external_id,
        "title": article.title,
        "heading_path": list(passage.heading_path),
        "url": article.url,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "fused": 0.0,
    }
