"""Texts of articles that may answer the visitor's newest message, for an agent to judge.

Read as tier 1 reads, but for every audience and whatever the confidence: it is a person who
decides. Which of them may go to a visitor is said with each.
"""

from dataclasses import dataclass, replace

from chatbot.answering import serving
from chatbot.answering.contract import AnswerRequest, Citation
from chatbot.answering.pipeline import READ_FOR, candidates_of
from chatbot.answering.ranking import read_and_order
from chatbot.answering.shown import shown
from inference.models import Models
from knowledge.models import Audience

MOST = 3
READ = 6  # passages: more than the bot reads, since an agent may choose among three


@dataclass(frozen=True)
class Suggested:
    """start, end: the shown text's place in the revision's text."""

    text: str
    citation: Citation
    article_id: str
    revision_id: str
    doc_id: str
    start: int
    end: int
    relevance: float


def models_for(request: AnswerRequest) -> Models:
    """Those that answer this conversation. Raises ModelUnavailable."""
    return serving.choose(request.workspace_id, request.conversation_id).models


def suggest(loaded: Models, request: AnswerRequest) -> list[Suggested]:
    """At most three, best first, of different places; none for a greeting or a thank-you.

    Cost: one embedder run a view, one search, six reader runs.
    """
    intent = loaded.intent.classify(loaded.embedder.encode([request.question]))[0]
    if intent.label not in READ_FOR and intent.label != "person":
        return []
    request = replace(request, audiences=tuple(Audience.values), read=READ)
    candidates = candidates_of(loaded, request)
    if not candidates:
        return []
    found: dict[str, Suggested] = {}
    for read in read_and_order(loaded, request, candidates).read:
        text = shown(request.workspace_id, read) if read.has_words else None
        if text is None or not text.text or text.text in found:
            continue
        found[text.text] = Suggested(
            text=text.text,
            citation=text.citation,
            article_id=str(read.candidate.article_id),
            revision_id=str(read.candidate.revision_id),
            doc_id=read.candidate.doc_id,
            start=text.start,
            end=text.end,
            relevance=round(read.reading.relevance, 5),
        )
        if len(found) == MOST:
            break
    return list(found.values())
