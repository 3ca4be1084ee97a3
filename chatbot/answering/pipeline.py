"""Tier 0 and 1: understand, retrieve, read, decide. No transaction is open, nothing is written.

Invariant: the text of an `answer` is a piece of a revision that was published when it was found;
who records it checks again. Whatever cannot be decided becomes `escalate`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chatbot import phrases
from chatbot.answering import clarify, models, sections, serving
from chatbot.answering.choose import Read
from chatbot.answering.contract import (
    ANSWER,
    CLARIFY,
    COMPACT_OFF,
    DECLINE,
    ESCALATE,
    HANDOFF,
    SMALLTALK,
    AnswerRequest,
    Decision,
    Evidence,
    Found,
)
from chatbot.answering.dial import dial
from chatbot.answering.features import features, ranking_features
from chatbot.answering.ranking import Ranked, read_and_order, read_the_rest
from chatbot.answering.scripts import readable
from chatbot.answering.shown import shown
from chatbot.answering.stages import Stages
from chatbot.answering.views import view_texts
from inference.errors import ModelUnavailable
from inference.intent import Intent
from inference.models import Models
from knowledge.dense import Vector
from knowledge.retrieval import Candidate, Filters, View, search
from knowledge.unpublished import search_as_if

CANDIDATES = 30
PERSON = "person"
QUESTION, COMPLAINT, OUT_OF_SCOPE = "question", "complaint", "out_of_scope"
READ_FOR = {QUESTION, COMPLAINT, OUT_OF_SCOPE}  # the knowledge base may have an answer


def answer(request: AnswerRequest) -> Decision:
    """With the models that serve this conversation; a version that fails gives way to the shipped.

    Cost: one embedder run a view, one search, a reader run for each passage that is read.
    """
    try:
        chosen = serving.choose(request.workspace_id, request.conversation_id)
    except ModelUnavailable:
        return _without_models(request, Stages())
    if chosen.version_id is None:
        return answer_with(chosen.models, request)
    try:
        decision = answer_with(chosen.models, request)
    except Exception as error:  # a part that loads may still not fit this pipeline
        serving.failed(request.workspace_id, chosen.version_id, error)
        return answer_with(models.loaded(), request)
    return replace(decision, version_id=str(chosen.version_id))


def answer_with(loaded: Models, request: AnswerRequest) -> Decision:
    """What these models decide."""
    stages = Stages()
    texts = view_texts(request.question, request.history)
    if request.draft is not None:
        with stages.stage("draft"):
            request.draft.vectors(loaded.embedder)
    with stages.stage("embed"):
        vectors = loaded.embedder.encode(texts)
    with stages.stage("understand"):
        intent = loaded.intent.classify(vectors[:1])[0]
    views = _views(request, texts, vectors)
    decision = _understood(request, intent) or _looked_up(loaded, request, views, intent, stages)
    return replace(
        decision,
        stages_ms=dict(stages.ms),
        models_version=decision.models_version or loaded.version,
        intent=intent.label,
        intent_probability=intent.probability,
    )


def candidates_of(loaded: Models, request: AnswerRequest) -> list[Candidate]:
    """What would be ranked and read for the question. Cost: one embedder run, one search."""
    texts = view_texts(request.question, request.history)
    vectors = loaded.embedder.encode(texts)
    return _candidates(loaded, request, _views(request, texts, vectors))


def _views(request: AnswerRequest, texts: Sequence[str], vectors: Iterable[Vector]) -> list[View]:
    """Without vectors where the models cannot read the question: they would only mislead."""
    known = readable(request.question)
    return [
        View(text, vector if known else None) for text, vector in zip(texts, vectors, strict=True)
    ]


def _candidates(loaded: Models, request: AnswerRequest, views: Sequence[View]) -> list[Candidate]:
    filters = Filters(audiences=request.audiences)
    if request.draft is not None:
        return search_as_if(
            request.draft, loaded.embedder, views=views, filters=filters, k=CANDIDATES
        )
    return search(
        request.workspace_id,
        views=views,
        filters=filters,
        k=CANDIDATES,
        model_version=loaded.embedder.fingerprint,
    )


def _understood(request: AnswerRequest, intent: Intent) -> Decision | None:
    """What needs no search; None for a question."""
    if intent.label == PERSON:
        return Decision(HANDOFF, "asked_for_person", intent.probability)
    if intent.label not in READ_FOR:
        text = phrases.fixed(
            request.language, intent.label, tone=request.tone, people=request.people
        )
        return Decision(SMALLTALK, intent.label, intent.probability, text=text)
    return None


def _looked_up(
    loaded: Models, request: AnswerRequest, views: Sequence[View], intent: Intent, stages: Stages
) -> Decision:
    with stages.stage("retrieve"):
        candidates = _candidates(loaded, request, views)
    if not candidates:
        return _unanswered(loaded, request, Decision(ESCALATE, "no_evidence", 0.0), intent)
    if not readable(request.question):
        with stages.stage("decide"):
            return _unread_by_models(request, candidates)
    with stages.stage("read"):
        ranked = read_and_order(loaded, request, candidates)
    with stages.stage("decide"):
        return _decide(loaded, request, ranked, intent)


def _unread_by_models(request: AnswerRequest, candidates: Sequence[Candidate]) -> Decision:
    """What was found by words and headings: a section that is asked for, else for who can read."""
    chosen = sections.choose(request, candidates)
    if chosen is not None:
        others = [one for one in candidates if one.passage_id != chosen.candidate.passage_id]
        candidates = [chosen.candidate, *others]
    decision = Decision(
        ESCALATE,
        "low_confidence" if request.compact else COMPACT_OFF,
        0.0,
        evidence=_evidence(candidates, []),
        found=_found(candidates, []),
    )
    return sections.decided(request, chosen, decision) if chosen is not None else decision


def _without_models(request: AnswerRequest, stages: Stages) -> Decision:
    """Words alone still find evidence for who answers instead."""
    texts = view_texts(request.question, request.history)
    with stages.stage("retrieve"):
        candidates = search(
            request.workspace_id,
            views=[View(text, None) for text in texts],
            filters=Filters(audiences=request.audiences),
            k=CANDIDATES,
            model_version="",
        )
    return Decision(
        ESCALATE,
        "model_unavailable",
        0.0,
        evidence=_evidence(candidates, []),
        found=_found(candidates, []),
        stages_ms=dict(stages.ms),
    )


def _decide(loaded: Models, request: AnswerRequest, ranked: Ranked, intent: Intent) -> Decision:
    """Answer where the calibrated confidence reaches the threshold of the workspace's risk."""
    candidates, ordered = ranked.candidates, ranked.read
    seen = features(request.question, request.history, candidates, ordered)
    seen |= ranking_features(ranked.features)
    seen["question_probability"] = intent.question_probability
    allowed = dial(request, loaded.calibration, version=loaded.version)
    threshold = allowed.threshold
    confidence = loaded.calibration.confidence(seen)
    decision = Decision(
        ESCALATE,
        "low_confidence",
        confidence,
        evidence=_evidence(candidates, ordered),
        threshold=threshold,
        risk=allowed.risk,
        certified=allowed.certified,
        features=seen,
        ranked=ranked.features,
        found=_found(candidates, ordered),
    )
    if not ordered[0].has_words:
        decision = replace(decision, reason="no_words")
        return _unanswered(loaded, request, decision, intent)
    found = shown(request.workspace_id, ordered[0], draft=request.draft)
    if found is None:
        return replace(decision, reason="revision_gone")
    evidence = _placed(decision.evidence, found.start, found.end)
    decision = replace(decision, evidence=evidence, text=found.text, citations=(found.citation,))
    if request.compact and threshold is not None and confidence >= threshold:
        return replace(decision, kind=ANSWER, reason="")
    if request.clarify and threshold is not None:
        asked = _asking_back(loaded, request, ranked, decision)
        if asked is not None:
            return asked
    sure = allowed.checked is not None and confidence >= allowed.checked
    decision = replace(decision, provisional=request.compact and sure)
    return _unanswered(loaded, request, decision, intent)


def _asking_back(
    loaded: Models, request: AnswerRequest, ranked: Ranked, decision: Decision
) -> Decision | None:
    """Which of two readings is meant. What was enough to decide on may lack the second one."""
    if ranked.unread and clarify.answers(decision.evidence[0]):
        others = _evidence(ranked.candidates, read_the_rest(loaded, request, ranked))[1:]
        decision = replace(decision, evidence=(decision.evidence[0], *others))
    options = clarify.readings(request.question, request.history, decision.evidence)
    if not options:
        return None
    return replace(decision, kind=CLARIFY, reason=clarify.REASON, options=options)


def _unanswered(
    loaded: Models, request: AnswerRequest, decision: Decision, intent: Intent
) -> Decision:
    """What a large model need not be asked: complaints are for people, other worlds for nobody.

    Only what nobody's customers ask, and this knowledge base has nothing about, is declined.
    """
    if intent.label == COMPLAINT:
        return replace(decision, kind=HANDOFF, reason=COMPLAINT)
    if not request.compact:
        return replace(decision, reason=COMPACT_OFF)
    if not request.decline or intent.label != OUT_OF_SCOPE or not decision.features:
        return decision
    if not loaded.calibration.is_out_of_scope(decision.features):
        return decision
    return replace(decision, kind=DECLINE, reason=OUT_OF_SCOPE)


def _evidence(candidates: Sequence[Candidate], ordered: Sequence[Read]) -> tuple[Evidence, ...]:
    """What was read, best first; then the others as they are ordered."""
    return (
        *(_row(one.candidate, one) for one in ordered),
        *(_row(one, None) for one in _unread(candidates, ordered)),
    )


def _found(candidates: Sequence[Candidate], ordered: Sequence[Read]) -> tuple[Found, ...]:
    """In the order of the evidence."""
    every = [*(one.candidate for one in ordered), *_unread(candidates, ordered)]
    return tuple(Found(one.dense, one.lexical) for one in every)


def _unread(candidates: Sequence[Candidate], ordered: Sequence[Read]) -> list[Candidate]:
    read = {one.candidate.passage_id for one in ordered}
    return [one for one in candidates if one.passage_id not in read]


def _row(candidate: Candidate, read: Read | None) -> Evidence:
    row = Evidence(
        passage_id=str(candidate.passage_id),
        revision_id=str(candidate.revision_id),
        article_id=str(candidate.article_id),
        doc_id=candidate.doc_id,
        title=candidate.title,
        heading_path=candidate.heading_path,
        url=candidate.url,
        start=candidate.start,
        end=candidate.end,
        text=candidate.text,
        fused=round(candidate.fused, 6),
    )
    if read is None:
        return row
    row = replace(row, relevance=round(read.reading.relevance, 5), margin=round(read.margin, 4))
    if not read.has_words:
        return row
    assert read.reading.start is not None and read.reading.end is not None
    return replace(
        row,
        answer_start=candidate.start + read.reading.start,
        answer_end=candidate.start + read.reading.end,
    )


def _placed(evidence: tuple[Evidence, ...], start: int, end: int) -> tuple[Evidence, ...]:
    """The first row with the offsets of the text that is shown."""
    return (replace(evidence[0], answer_start=start, answer_end=end), *evidence[1:])
