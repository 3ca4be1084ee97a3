"""Embedder and reader of a workspace's own: what they learn from, and where their files lie.

Loaded where training happens alone. Nothing here is judged; learning.finetuning does that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
from django.conf import settings
from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot.answering.views import view_texts
from inference.embedder import Embedder
from inference.manifest import load_manifest
from inference.models import load_embedder
from inference.reader import question_with_history
from knowledge import artefacts, vector_sets
from knowledge.index import searched_text
from learning.training_data import Asked, Collected, Piece, heading
from tuning import hard_negatives
from tuning.finetune_embedder import carry_over, finetune_embedder
from tuning.finetune_reader import finetune_reader
from tuning.reading_examples import ReadingExample
from tuning.retrieval_pairs import RetrievalPair

NEGATIVES, OFFERED = 3, 12
MOST_MINED = 5_000  # passages that hard negatives are sought among
FEWEST_EXAMPLES = 40  # questions whose place is known
HELD_ENOUGH = 0.5  # of a gold span, in the piece that it is learned in
OnStep = Callable[[float], None]


def own_reader(
    collected: Collected, asked: Sequence[Asked], embedder: Embedder, work: Path, *,
    seconds: float, on_step: OnStep,
) -> dict[str, Path] | None:  # fmt: skip
    """None where too few questions have their place in a published passage."""
    placed = list(_placed(asked, collected.pieces))
    if len(placed) < FEWEST_EXAMPLES:
        return None
    examples = list(_reading(placed, collected.pieces, embedder))
    shipped = settings.MODELS_DIR / "reader"
    return {"reader": finetune_reader(examples, shipped, work, seconds=seconds, on_step=on_step)}


def own_embedder(
    collected: Collected, asked: Sequence[Asked], work: Path, *,
    seconds: float, on_step: OnStep,
) -> dict[str, Path] | None:  # fmt: skip
    """The embedder with the intent head for it; None where there is too little to learn from."""
    pairs = [*_pairs(list(_placed(asked, collected.pieces))), *_headings(collected.pieces)]
    shipped = settings.MODELS_DIR / "embedder"
    try:
        found = finetune_embedder(pairs, shipped, work, seconds=seconds, on_step=on_step)
    except ValueError:
        return None
    texts = [piece.text for piece in collected.pieces[:1_000]]
    texts += [one.question.question for one in asked]
    old = load_embedder(settings.MODELS_DIR)
    new = load_embedder(work)
    carry_over(settings.MODELS_DIR / "intent", old, new, texts, work / "intent")
    return {"embedder": found, "intent": work / "intent"}


def index_for(workspace_id: UUID, folder: Path, on_step: OnStep) -> str:
    """Embed every passage with this embedder; returns its fingerprint. Raises ModelUnavailable."""
    fingerprint = load_manifest(folder, kind="embedder").fingerprint
    files = artefacts.keep(workspace_id, folder)
    with workspace_scope(workspace_id):
        vector_sets.ask_for(workspace_id, fingerprint, files)
    after: UUID | None = None
    while not vector_sets.ready(workspace_id, fingerprint):
        after = vector_sets.step(workspace_id, fingerprint, after=after)
        made, needed = vector_sets.progress(workspace_id, fingerprint)
        on_step(made / max(1, needed))
        if after is None:
            break
    return fingerprint


def drop_index(workspace_id: UUID, fingerprint: str) -> None:
    """Its vectors are not wanted after all."""
    vector_sets.release(workspace_id, fingerprint, at=timezone.now())
    vector_sets.drop(workspace_id, fingerprint)


def _placed(
    asked: Sequence[Asked], pieces: Sequence[Piece]
) -> Iterator[tuple[Asked, Piece, int, int]]:
    """Each question with the piece that answers it, and where in the piece."""
    by_doc: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_doc.setdefault(piece.doc_id, []).append(piece)
    for one in asked:
        if one.question.answerable is not False:
            found = _span_in(one, by_doc) or _answer_in(one, by_doc)
            if found:
                yield one, *found


def _span_in(one: Asked, by_doc: Mapping[str, Sequence[Piece]]) -> tuple[Piece, int, int] | None:
    for span in one.question.spans:
        for piece in by_doc.get(span.doc_id, ()):
            start, end = max(span.start, piece.start), min(span.end, piece.end)
            if end - start >= HELD_ENOUGH * (span.end - span.start) and end > start:
                return piece, start - piece.start, end - piece.start
    return None


def _answer_in(one: Asked, by_doc: Mapping[str, Sequence[Piece]]) -> tuple[Piece, int, int] | None:
    doc_id = one.question.doc_id
    for answer in one.question.answers:
        places = [doc_id] if doc_id else list(by_doc)
        for piece in [piece for place in places for piece in by_doc.get(place, ())]:
            at = piece.text.find(answer)
            if at >= 0:
                return piece, at, at + len(answer)
    return None


def _reading(
    placed: Sequence[tuple[Asked, Piece, int, int]], pieces: Sequence[Piece], embedder: Embedder
) -> Iterator[ReadingExample]:
    """Each question with its passage, and those beside it that a retriever offers."""
    rng = np.random.default_rng(7)
    some = [pieces[at] for at in rng.permutation(len(pieces))[:MOST_MINED]]
    mined = [hard_negatives.Piece(_title(one), one.text, str(at)) for at, one in enumerate(some)]
    miner = hard_negatives.Miner(mined, embedder)
    texts = [
        question_with_history(one.question.question, one.question.history) for one, *_ in placed
    ]
    offered = miner.nearest(texts, count=OFFERED)
    for text, (one, gold, start, end), near in zip(texts, placed, offered, strict=True):
        group = one.question.id
        yield ReadingExample(text, _title(gold), gold.text, start, end, group)
        answer = gold.text[start:end].strip()
        wrong = [
            piece for piece in near if answer not in piece.text and piece.text not in gold.text
        ]
        for piece in [wrong[at] for at in rng.permutation(len(wrong))[:NEGATIVES]]:
            yield ReadingExample(text, piece.title, piece.text, None, None, group)


def _title(piece: Piece) -> str:
    """As inference.reader joins them."""
    return " > ".join(dict.fromkeys([piece.title, *piece.heading_path]))


def _pairs(placed: Sequence[tuple[Asked, Piece, int, int]]) -> Iterator[RetrievalPair]:
    for one, piece, start, end in placed:
        views = tuple(dict.fromkeys(view_texts(one.question.question, one.question.history)))
        text = searched_text(piece.title, piece.heading_path, piece.text)
        answer = piece.text[start:end]
        yield RetrievalPair("asked", piece.doc_id, views, text, answer, held_out=False)


def _headings(pieces: Sequence[Piece]) -> Iterator[RetrievalPair]:
    """A section's heading as a question; its passage without the heading."""
    for piece in pieces:
        asked = heading(piece)
        if asked and piece.heading_path:
            text = searched_text(piece.title, piece.heading_path[:-1], piece.text)
            yield RetrievalPair(
                "headings", piece.doc_id, (asked,), text, piece.text, held_out=False
            )
