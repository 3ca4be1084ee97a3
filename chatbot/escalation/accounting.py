"""The ledger's line of an escalation that has ended."""

from collections.abc import Mapping, Sequence
from typing import Any

from chatbot import ledger
from chatbot.escalation.counterfactual import what_asking_costs
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.vendors import LOCAL
from chatbot.ledger import Counterfactual
from chatbot.models import Escalation, EscalationPurpose, Kind, Turn


def record_escalation(
    escalation: Escalation,
    outcome: Outcome,
    *,
    answered: bool = False,
    cited: Sequence[Mapping[str, Any]] = (),
    turn: Turn | None = None,
) -> None:
    """In the caller's transaction; nothing where nobody was asked and nothing was spent, or where
    the conversation was erased meanwhile: the budget's counters keep what it did cost.

    turn: where the caller has it already, with its conversation.
    """
    cpu_s = sum(float(one.get("cpu_seconds", 0.0)) for one in outcome.attempts)
    used = outcome.cost_usd or outcome.input_tokens or outcome.output_tokens or cpu_s
    if not (answered or used):
        return
    if turn is None:
        turn = Turn.objects.select_related("conversation").filter(id=escalation.turn_id).first()
    if turn is None:
        return
    work = ledger.Work(
        _kind(escalation),
        tier=2,
        answered=answered,
        cpu_s=cpu_s,
        provider=escalation.provider,
        model=escalation.model,
        input_tokens=outcome.input_tokens,
        output_tokens=outcome.output_tokens,
        model_usd=outcome.cost_usd,
        counterfactual=_supposed(escalation, outcome) if answered else None,
    )
    found = [*cited, *escalation.evidence]
    ledger.record(turn.conversation, work, turn=turn, found=found)


def _kind(escalation: Escalation) -> Kind:
    if escalation.purpose == EscalationPurpose.VERIFY:
        return Kind.CHECK
    return Kind.LOCAL if escalation.provider == LOCAL else Kind.LARGE


def _supposed(escalation: Escalation, outcome: Outcome) -> Counterfactual:
    """Asked at once it would have cost the same. One in the house, or without a price, spares what
    another would have taken."""
    if outcome.cost_usd and escalation.provider != LOCAL:
        return Counterfactual(outcome.cost_usd, f"{escalation.provider}/{escalation.model}")
    return what_asking_costs(escalation.turn, escalation.evidence)
