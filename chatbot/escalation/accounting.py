"""The ledger's line of an escalation that has ended."""

from collections.abc import Mapping, Sequence
from typing import Any

from chatbot import ledger
from chatbot.escalation.counterfactual import what_asking_costs
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.vendors import LOCAL
from chatbot.ledger import Counterfactual
from chatbot.models import Escalation, Kind


def record_escalation(
    escalation: Escalation,
    outcome: Outcome,
    *,
    answered: bool = False,
    cited: Sequence[Mapping[str, Any]] = (),
) -> None:
    """In the caller's transaction; nothing where nobody was asked and nothing was spent."""
    if not (answered or outcome.cost_usd or outcome.input_tokens or outcome.output_tokens):
        return
    turn = escalation.turn
    work = ledger.Work(
        Kind.LOCAL if escalation.provider == LOCAL else Kind.LARGE,
        tier=2,
        answered=answered,
        cpu_s=outcome.cpu_seconds,
        provider=escalation.provider,
        model=escalation.model,
        input_tokens=outcome.input_tokens,
        output_tokens=outcome.output_tokens,
        model_usd=outcome.cost_usd,
        counterfactual=_supposed(escalation, outcome) if answered else None,
    )
    found = [*cited, *escalation.evidence]
    ledger.record(turn.conversation, work, turn=turn, found=found)


def _supposed(escalation: Escalation, outcome: Outcome) -> Counterfactual:
    """Asked at once it would have cost the same; a model without a price is no comparison."""
    if outcome.cost_usd:
        return Counterfactual(outcome.cost_usd, f"{escalation.provider}/{escalation.model}")
    return what_asking_costs(escalation.turn, escalation.evidence)
