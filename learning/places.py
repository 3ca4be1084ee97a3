"""Where an answer stands now, although its article was edited since it was written down.

A place is kept with its words. Where the text at its offsets is another one by now, the words are
looked for; of several occurrences the nearest one counts. What is not found any more is no place.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from knowledge.models import Article
from learning.matching import Span
from learning.models import GoldenQuestion
from learning.questions import Question

AT_ONCE = 200  # articles whose texts are read together


def published_texts(doc_ids: Collection[str]) -> dict[str, str]:
    """What these articles say now; those that say nothing are missing. Needs the scope."""
    wanted, found = sorted(doc_ids), dict[str, str]()
    for at in range(0, len(wanted), AT_ONCE):
        rows = Article.objects.filter(external_id__in=wanted[at : at + AT_ONCE])
        texts = rows.exclude(published_revision=None).values_list(
            "external_id", "published_revision__text"
        )
        found |= {doc_id: str(text) for doc_id, text in texts}
    return found


def words_at(span: Span, texts: Mapping[str, str]) -> str:
    """The words of a place; empty where the article is not there or is shorter."""
    text = texts.get(span.doc_id, "")
    return text[span.start : span.end] if 0 <= span.start < span.end <= len(text) else ""


def place_of(words: str, text: str, *, near: int = 0) -> tuple[int, int] | None:
    """Where these words stand in a text: of several places, the one nearest to an offset."""
    if not words:
        return None
    before = text.rfind(words, 0, near + len(words))
    after = text.find(words, near)
    found = [at for at in (before, after) if at >= 0]
    if not found:
        return None
    start = min(found, key=lambda at: abs(at - near))
    return start, start + len(words)


def as_of(row: GoldenQuestion, question: Question, texts: Mapping[str, str]) -> Question:
    """The question with the places that its answer has in these texts.

    Words that stand there no more count as an answer in words, so that a sentence that was
    rewritten a little is still recognised.
    """
    spans, words = [], []
    quotes = [*row.quotes, *[""] * len(question.spans)]
    for span, quote in zip(question.spans, quotes, strict=False):
        if not quote:  # nobody knows what stood there
            spans.append(span)
            continue
        place = place_of(quote, texts.get(span.doc_id, ""), near=span.start)
        if place is not None:
            spans.append(Span(span.doc_id, *place))
        else:
            words.append(quote)
    return replace(question, spans=tuple(spans), answers=(*question.answers, *words))
