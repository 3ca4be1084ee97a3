"""A decision as text for a terminal, and as JSON: the answer and the receipt."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from chatbot.answering.contract import ANSWER, ESCALATE, Decision, Evidence

EVIDENCE_SHOWN = 5
QUOTE = 160


def as_json(question: str, decision: Decision) -> dict[str, Any]:
    """Everything that the decision holds. An escalation's text is what would have been shown."""
    return {"question": question, **asdict(decision)}


def explained(decision: Decision) -> list[str]:
    """Lines: what was decided and why, the answer with its citations, the evidence, the time."""
    return [
        *_verdict(decision),
        *_answer(decision),
        *_evidence(decision),
        *_receipt(decision),
    ]


def _verdict(decision: Decision) -> Iterator[str]:
    reason = f" ({decision.reason})" if decision.reason else ""
    yield f"Decision    {decision.kind}{reason}"
    bound = "no threshold keeps this risk"
    if decision.threshold is not None:
        bound = f"answers from {decision.threshold:.3f}"
    if decision.certified:
        bound += ", by the workspace's own audits"
    at_risk = f", {bound} at risk {decision.risk:g}" if decision.risk is not None else ""
    yield f"Confidence  {decision.confidence:.3f}{at_risk}"


def _answer(decision: Decision) -> Iterator[str]:
    if not decision.text:
        return
    yield ""
    if decision.kind == ESCALATE:
        yield "Not shown, as the confidence is too low:"
    yield decision.text
    for citation in decision.citations:
        place = " > ".join(part for part in (citation.title, citation.heading) if part)
        yield f"[{citation.number}] {place}  {citation.url}"
        if decision.kind == ANSWER and citation.quote:
            yield f"    {_short(citation.quote)}"


def _evidence(decision: Decision) -> Iterator[str]:
    if not decision.evidence:
        return
    yield ""
    yield f"Evidence (best {min(EVIDENCE_SHOWN, len(decision.evidence))} of what was found)"
    for rank, row in enumerate(decision.evidence[:EVIDENCE_SHOWN], start=1):
        read = f"relevance {row.relevance:.3f}" if row.relevance is not None else "not read"
        place = " > ".join(dict.fromkeys([row.title, *row.heading_path]))
        yield f"{rank:>2}. {place}  ({row.doc_id}, {row.start} to {row.end}, {read})"
        yield f"    {_short(_words(row))}"


def _words(row: Evidence) -> str:
    """The answer where one was read inside the passage, else how the passage begins."""
    if row.answer_start is None or row.answer_end is None:
        return row.text
    return row.text[max(0, row.answer_start - row.start) : row.answer_end - row.start] or row.text


def _receipt(decision: Decision) -> Iterator[str]:
    if decision.features:
        yield ""
        yield "Features"
        for name, value in decision.features.items():
            yield f"  {name:<18}{value:>9.3f}"
    yield ""
    yield "Time        " + ", ".join(f"{k} {v:.0f} ms" for k, v in decision.stages_ms.items())
    if decision.models_version:
        yield f"Models      {decision.models_version}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTE else line[: QUOTE - 1] + "…"
