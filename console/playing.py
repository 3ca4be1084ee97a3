"""What the playground shows of an outcome: what would be said, and every candidate's scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatbot.pages.desk_texts import reason_texts
from console.asking_words import DECISION_WORDS, INTENT_WORDS, STAGE_WORDS, TIER_WORDS
from console.checking import marked
from knowledge.rendering import render_html

NONE = "–"


@dataclass(frozen=True)
class Row:
    """A candidate; scores as words, those of retrieval one for each view of the question."""

    title: str
    heading: str
    url: str
    passage: str  # safe HTML
    answers: bool
    drafted: bool
    dense: str
    lexical: str
    fused: str
    before: str
    relevance: str
    margin: str
    after: str


@dataclass(frozen=True)
class Outcome:
    """said, held_back: safe HTML; held_back is what was not sure enough to be said."""

    kind: str
    decision: str
    tier: str
    reason: str
    refused: str
    said: str
    held_back: str
    options: tuple[str, ...]
    citation: Mapping[str, Any]
    confidence: str
    threshold: str
    risk_percent: str
    certified: bool
    intent: str
    intent_percent: str
    stages: tuple[tuple[str, str], ...]
    total_ms: str
    models_version: str
    version_id: str
    rows: tuple[Row, ...]


def outcome(result: Mapping[str, Any]) -> Outcome | None:
    """None where nothing was asked."""
    if not result:
        return None
    kind, reasons = str(result["kind"]), reason_texts()
    citation: Mapping[str, Any] = next(iter(result["citations"]), {})
    held_back = result["text"] if kind not in {"answer", "smalltalk"} else ""
    threshold, risk = result["threshold"], result["risk"]
    return Outcome(
        kind=kind,
        decision=str(DECISION_WORDS[kind]),
        tier=str(TIER_WORDS[result["tier"]]),
        reason=reasons.get(result["reason"], result["reason"]),
        refused=reasons.get(result["refused"], result["refused"]),
        said=render_html(result["said"]),
        held_back=render_html(held_back),
        options=tuple(option["label"] for option in result["options"]),
        citation=citation,
        confidence=f"{result['confidence']:.3f}",
        threshold=NONE if threshold is None else f"{threshold:.3f}",
        risk_percent="" if risk is None else f"{100 * risk:g}",
        certified=bool(result["certified"]),
        intent=str(INTENT_WORDS.get(result["intent"], result["intent"])),
        intent_percent=f"{100 * result['intent_probability']:.0f}",
        stages=tuple(
            (str(words), f"{result['stages_ms'][name]:.0f}")
            for name, words in STAGE_WORDS.items()
            if name in result["stages_ms"]
        ),
        total_ms=f"{result['total_ms']:.0f}",
        models_version=result["models_version"],
        version_id=result["version_id"],
        rows=tuple(_rows(result)),
    )


def _rows(result: Mapping[str, Any]) -> list[Row]:
    evidence = result["evidence"]
    nothing: list[dict[str, Any]] = [{}] * len(evidence)
    ranked, found = result["ranked"] or nothing, result["found"] or nothing
    rows = zip(evidence, ranked, found, strict=True)
    answered = bool(result["citations"])
    return [
        _row(passage, seen, scores, result["draft_revision_id"], answers=answered and at == 0)
        for at, (passage, seen, scores) in enumerate(rows)
    ]


def _row(
    passage: Mapping[str, Any],
    seen: Mapping[str, Any],
    scores: Mapping[str, Any],
    draft_revision_id: str,
    *,
    answers: bool,
) -> Row:
    return Row(
        title=passage["title"],
        heading=passage["heading_path"][-1] if passage["heading_path"] else "",
        url=passage["url"],
        passage=render_html(marked(dict(passage))),
        answers=answers,
        drafted=bool(draft_revision_id) and passage["revision_id"] == draft_revision_id,
        dense=_views(scores.get("dense", ()), 3),
        lexical=_views(scores.get("lexical", ()), 1),
        fused=_number(passage["fused"], 4),
        before=_number(seen.get("before"), 2),
        relevance=_number(passage["relevance"], 3),
        margin=_number(passage["margin"], 2),
        after=_number(seen.get("after"), 2),
    )


def _views(scores: Sequence[float | None], digits: int) -> str:
    return " · ".join(_number(score, digits) for score in scores) or NONE


def _number(value: float | None, digits: int) -> str:
    return NONE if value is None else f"{value:.{digits}f}"
