"""Which section of an article a question names, by the words of headings, and what stands there.

For languages that no model reads. Words weigh by how rare they are in the workspace; a title counts
as the heading of its article's beginning. Nothing here says whether the section answers: that takes
a calibrated confidence.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.scope import workspace_scope
from knowledge import lexical
from knowledge.analysis import terms
from knowledge.extent import MOST
from knowledge.index import raw_cursor
from knowledge.passages import Block, blocks
from knowledge.retrieval import Candidate

CHOSEN_AMONG = 10  # candidates, best first


@dataclass(frozen=True)
class Named:
    """heading_path: down to the heading that the question names; empty for the title.

    cover, precise: the weighed share of the question's words that the heading has, and of the
    heading's that the question has. seen: what a calibration looks at.
    """

    candidate: Candidate
    heading_path: tuple[str, ...]
    seen: Mapping[str, float]


@dataclass(frozen=True)
class _Match:
    candidate: Candidate
    heading_path: tuple[str, ...]
    cover: float
    precise: float
    text_cover: float
    words: float  # BM25 for each unit of weight that the question has

    @property
    def heading(self) -> float:
        """The harmonic mean of both shares."""
        both = self.cover + self.precise
        return 2 * self.cover * self.precise / both if both else 0.0

    @property
    def score(self) -> float:
        return self.heading + self.text_cover + self.words


def named(workspace_id: UUID, question: str, candidates: Sequence[Candidate]) -> Named | None:
    """The section that fits the question best; None for a question without words.

    candidates: found by words, best first; their first lexical score is the question's own.
    Cost: one query for the frequencies of the words.
    """
    asked = set(terms(question))
    considered = candidates[:CHOSEN_AMONG]
    if not asked or not considered:
        return None
    headings = {part for one in considered for part in (one.title, *one.heading_path)}
    every = asked.union(*(terms(heading) for heading in headings))
    with workspace_scope(workspace_id):
        rarity = lexical.rarity(raw_cursor(), workspace_id, sorted(every))
    matches = [_match(one, asked, rarity.idf) for one in considered]
    best = max(matches, key=lambda one: one.score)
    return Named(best.candidate, best.heading_path, _seen(best, matches, asked, rarity))


def _seen(
    best: _Match, matches: Sequence[_Match], asked: Collection[str], rarity: lexical.Rarity
) -> dict[str, float]:
    others = [one for one in matches if one.candidate.article_id != best.candidate.article_id]
    unknown = sum(rarity.idf[term] for term in asked if term in rarity.unknown)
    return {
        "heading_cover": best.cover,
        "heading_precise": best.precise,
        "text_cover": best.text_cover,
        "words": best.words,
        "heading_lead": best.heading - max((one.heading for one in others), default=0.0),
        "words_lead": best.words - max((one.words for one in others), default=0.0),
        "score_lead": best.score - max((one.score for one in others), default=0.0),
        "asked_words": float(min(len(asked), 20)),
        "unknown": unknown / sum(rarity.idf[term] for term in asked),
    }


def _match(candidate: Candidate, asked: set[str], idf: Mapping[str, float]) -> _Match:
    """By the title or the heading of the path that fits best; the deepest of equals."""
    total = sum(idf[term] for term in asked)
    there = set(terms(" ".join([candidate.title, *candidate.heading_path, candidate.text])))
    path = candidate.heading_path
    levels = [((), candidate.title), *((path[: at + 1], path[at]) for at in range(len(path)))]
    lexical_score = candidate.lexical[0] if candidate.lexical else None
    matches = []
    for place, heading in levels:
        said = set(terms(heading))
        shared = sum(idf[term] for term in asked & said)
        matches.append(
            _Match(
                candidate,
                place,
                cover=shared / total,
                precise=shared / (sum(idf[term] for term in said) or 1.0),
                text_cover=sum(idf[term] for term in asked & there) / total,
                words=(lexical_score or 0.0) / total,
            )
        )
    return max(reversed(matches), key=lambda one: one.heading)


def section_of(text: str, path: Sequence[str], *, markdown: bool = True) -> tuple[int, int] | None:
    """(start, end) of the first words under a heading, whole blocks within MOST characters.

    path: the headings down to it; empty for what the text begins with. None where nothing stands
    there, or the first block alone is too long.
    """
    kept: tuple[int, int] | None = None
    for block in _under(list(blocks(text, markdown=markdown)), tuple(path)):
        start = kept[0] if kept else block.start
        if block.end - start > MOST:
            break
        kept = start, block.end
    return kept


def _under(found: Sequence[Block], path: tuple[str, ...]) -> Iterable[Block]:
    """The blocks between the heading at the end of a path and the next heading of any level.

    The heading of a text's first line is its title's: what follows it is the text's beginning.
    """
    stack: list[Block] = []
    inside = not path
    for at, block in enumerate(found):
        if block.kind != "heading":
            if inside:
                yield block
            continue
        if inside and not (not path and at == 0):
            return
        stack = [one for one in stack if one.level < block.level] + [block]
        inside = inside or tuple(one.title for one in stack if one.title) == path
