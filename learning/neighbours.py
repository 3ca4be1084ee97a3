"""Passages of other articles that say nearly what a draft says, and where they seem to differ.

Retrieval finds the nearest passages; then the words alone are compared, without titles and
headings, since a copy under another title is as far away as two articles on one subject. On our
own documentation no two passages of different articles come nearer than .79, and every copy with
another title, other numbers, a denial or a sentence more comes nearer than NEAR:
docs/decisions/0022-near-duplicates.md.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from knowledge import embedding
from knowledge.retrieval import Candidate
from knowledge.unpublished import Unpublished, nearest
from learning.contradictions import Hint, hints

if TYPE_CHECKING:
    from inference.embedder import Embedder

NEAR = 0.85  # cosine of the words of two passages
LOOKED_AT = 10  # nearest passages of each of the draft's, its own published ones included
MOST_PASSAGES = 100  # of a draft, from its beginning
MOST_FOUND = 30
AT_ONCE = 20
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")


@dataclass(frozen=True)
class Neighbour:
    """A passage of the draft, `mine`, and one of another article."""

    article_id: str
    title: str
    heading: str
    mine: str
    theirs: str
    cosine: float
    hints: tuple[Hint, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def neighbours(workspace_id: UUID, draft: Unpublished, embedder: "Embedder") -> list[Neighbour]:
    """Those that differ first, then the nearest. Cost: an exact scan of the workspace's vectors for
    each of at most MOST_PASSAGES, and an embedder run for each passage that is near."""
    texts = [_words(one.text) for one in draft.prepared.passages[:MOST_PASSAGES]]
    vectors = embedding.embed(texts, embedder=embedder)
    found: list[Neighbour] = []
    for at in range(0, len(texts), AT_ONCE):
        part = vectors[at : at + AT_ONCE]
        near = nearest(workspace_id, part, version=embedder.fingerprint, count=LOOKED_AT)
        others = [[one for one, _ in row if _is_another(one, draft)] for row in near]
        found += _near(texts[at : at + AT_ONCE], part, others, embedder)
    found.sort(key=lambda one: (not one.hints, -one.cosine))
    return found[:MOST_FOUND]


def _is_another(one: Candidate, draft: Unpublished) -> bool:
    return one.article_id != draft.text.article_id


def _near(
    texts: Sequence[str],
    vectors: embedding.Vectors,
    others: Sequence[Sequence[Candidate]],
    embedder: "Embedder",
) -> list[Neighbour]:
    """By the cosine of the words alone."""
    distinct = {one.passage_id: one for row in others for one in row}
    if not distinct:
        return []
    words = embedding.embed([_words(one.text) for one in distinct.values()], embedder=embedder)
    made = dict(zip(distinct, words, strict=True))
    return [
        _neighbour(text, one, cosine)
        for text, vector, row in zip(texts, vectors, others, strict=True)
        for one in row
        if (cosine := float(np.dot(vector, made[one.passage_id]))) >= NEAR
    ]


def _words(text: str) -> str:
    """A passage without its headings; as it is where it is nothing else."""
    lines = (line for line in text.split("\n") if not _HEADING.match(line))
    return "\n".join(lines).strip() or text


def _neighbour(mine: str, one: Candidate, cosine: float) -> Neighbour:
    return Neighbour(
        article_id=str(one.article_id),
        title=one.title,
        heading=one.heading_path[-1] if one.heading_path else "",
        mine=mine,
        theirs=one.text,
        cosine=round(cosine, 3),
        hints=tuple(hints(mine, _words(one.text))),
    )
