"""A question as its visitor would ask it, put to tier 1 without a conversation.

For workers: whoever calls `asked` runs the models of this process.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from accounts.scope import workspace_scope
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.asking import allowed
from inference.errors import ModelUnavailable
from knowledge.retrieval import seen_by
from knowledge.unpublished import Unpublished
from learning.questions import Question

if TYPE_CHECKING:
    from inference.models import Models

UNAVAILABLE = "model_unavailable"  # Decision.reason; nothing was weighed then


class ModelsMissing(Exception):
    """No model of tier 1 can be used now."""


def request_of(
    workspace_id: UUID,
    question: Question,
    *,
    language: str = "en",
    draft: Unpublished | None = None,
) -> AnswerRequest:
    """With the workspace's own settings, as a visitor's first question of its turn."""
    with workspace_scope(workspace_id):
        clarify, decline = allowed()
    return AnswerRequest(
        workspace_id=workspace_id,
        question=question.question,
        history=question.history,
        language=language,
        audiences=seen_by(question.audience),
        clarify=clarify,
        decline=decline,
        draft=draft,
    )


def asked(
    workspace_id: UUID,
    question: Question,
    *,
    language: str = "en",
    draft: Unpublished | None = None,
) -> Decision:
    """What tier 1 decides. Raises ModelsMissing."""
    from chatbot.answering import pipeline  # loads the models' runtime

    request = request_of(workspace_id, question, language=language, draft=draft)
    decision = pipeline.answer(request)
    if decision.reason == UNAVAILABLE:
        raise ModelsMissing
    return decision


def reaches(workspace_id: UUID, question: Question, draft: Unpublished) -> bool:
    """Whether the draft's article, as drafted or as published, is among the question's candidates.

    Cost: an embedder run and a search, twice where the draft is not. Raises ModelsMissing.
    """
    from chatbot.answering import pipeline

    models = models_of(workspace_id)
    for tried in (draft, None):
        request = request_of(workspace_id, question, draft=tried)
        found = pipeline.candidates_of(models, request)
        if any(one.article_id == draft.text.article_id for one in found):
            return True
    return False


def models_of(workspace_id: UUID) -> "Models":
    """Those that answer the workspace's next question. Raises ModelsMissing."""
    from chatbot.answering import serving

    try:
        return serving.choose(workspace_id, None).models
    except ModelUnavailable as error:
        raise ModelsMissing from error
