"""What the large model cost, and what it would have cost had it answered every question.

The second is the number of questions times what one answer costs: the mean cost of the span's
answered escalations; without any, the price of the configured model for the prompt that it would
have been given (the mean of the newest questions' prompts, by the ledger's low estimate, and an
answer as long as those of tier 1). Where no price is known it is unknown, not nought.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from accounts.scope import workspace_scope
from chatbot.answering.contract import ANSWER
from chatbot.escalation import prices, prompt
from chatbot.escalation.connections import connections
from chatbot.escalation.counterfactual import CHARACTERS_PER_TOKEN
from chatbot.escalation.request import MOST_PASSAGES
from chatbot.models import Receipt
from chatbot.turns import questions_of
from learning.outcomes import Figures

SAMPLE = 20  # questions
Basis = Literal["answers", "price", "unknown"]


@dataclass(frozen=True)
class Cost:
    """In US dollars. each: one answer of the large model; answers: how many that is the mean of."""

    spent: float
    questions: int
    basis: Basis
    each: float | None
    answers: int

    @property
    def everything(self) -> float | None:
        return None if self.each is None else self.each * self.questions


def cost_of(workspace_id: UUID, found: Figures) -> Cost:
    """Runs no model and asks no provider."""
    basis: Basis = "unknown"
    each: float | None = None
    if found.model_answers_usd > 0:
        basis, each = "answers", found.model_answers_usd / found.model_answers
    elif priced := _priced(workspace_id):
        basis, each = "price", priced
    return Cost(found.cost_usd, found.questions, basis, each, found.model_answers)


def _priced(workspace_id: UUID) -> float:
    """0 where there is no question to go by, no large model, or no price is known."""
    with workspace_scope(workspace_id):
        chain = connections(workspace_id)
        if not chain:
            return 0.0
        rows = Receipt.objects.filter(tier=1).exclude(text="").order_by("-id")
        fields = ("turn_id", "evidence", "text", "decision")
        newest = list(rows.values_list(*fields)[:SAMPLE])
        if not newest:
            return 0.0
        asked = questions_of([turn_id for turn_id, *_rest in newest])
    prompts = [
        len(prompt.build(evidence[:MOST_PASSAGES], asked.get(turn_id, "")).text)
        for turn_id, evidence, _text, _decision in newest
    ]
    texts = [len(text) for *_rest, text, decision in newest if decision == ANSWER]
    texts = texts or [len(text) for *_rest, text, _decision in newest]
    characters = sum(prompts) / len(prompts), sum(texts) / len(texts)
    tokens = [round(one / CHARACTERS_PER_TOKEN) for one in characters]
    return prices.cost_usd(chain[0], *tokens)
