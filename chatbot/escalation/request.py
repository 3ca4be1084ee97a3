"""Hand a question to the large model, or say why not."""

from uuid import UUID

from accounts.scope import current_workspace_id, workspace_scope
from chatbot.answering.contract import Decision, Evidence
from chatbot.escalation import consent, passing, prompt
from chatbot.escalation.budget import Allowance, allowance
from chatbot.escalation.budget_warning import warn_if_due
from chatbot.escalation.connections import connections, leaves
from chatbot.escalation.dialogue import history_before
from chatbot.escalation.prices import most_cost_usd
from chatbot.escalation.weighing import keep, weigh
from chatbot.models import Conversation, Escalation, EscalationPurpose, Turn, TurnState
from chatbot.turns import question_of

MOST_PASSAGES = 6
SOME_TEXT = 1_000 * "x"  # to see whether a model has a price at all


def request_escalation(
    conversation: Conversation,
    turn: Turn,
    decision: Decision,
    *,
    purpose: EscalationPurpose = EscalationPurpose.ANSWER,
) -> str | None:
    """Write the escalation and its job in the caller's transaction; None when that is done.

    Else the reason of the refusal, and no escalation is written: `no_provider` where none is
    configured, `not_allowed` by the workspace, `unsupported` without any evidence, `budget` where
    the call could cost more than is left of a budget, `agent_free` or `short_wait` where the
    workspace keeps a scarce one for later, `no_consent` of the visitor, and consent.ASK where the
    visitor must be asked for it first. The turn waits for it, unless tier 1 has answered and is
    only to be checked.
    """
    chain = connections(conversation.workspace_id)
    if not chain:
        return "no_provider"
    evidence = [row.as_json() for row in _best(decision.evidence)]
    if not evidence:
        return "unsupported"
    text = prompt.build(evidence, question_of(turn.id), history_before(turn)).text
    at = passing.first_of(chain)
    cost_usd = most_cost_usd(chain[at], text)
    allowed = allowance(conversation.workspace_id, conversation)
    if refused := _refused(allowed, cost_usd):
        return refused
    weighs = bool(cost_usd) and purpose == EscalationPurpose.ANSWER
    choice = weigh(conversation, turn, allowed) if weighs else None
    to_people = choice is not None and choice.is_for_people
    asks = leaves(chain) and not to_people
    if asks and (lacks := consent.missing(conversation)):
        return lacks
    if choice:
        keep(conversation, turn, choice)
        if choice.is_for_people:
            return choice.reason
    escalation = Escalation.objects.create(
        workspace_id=conversation.workspace_id,
        turn=turn,
        turn_revision=turn.revision,
        purpose=purpose,
        reason=decision.reason,
        evidence=evidence,
        provider=chain[at].vendor_name,
        model=chain[at].model,
        cost_usd=cost_usd,
    )
    if purpose == EscalationPurpose.ANSWER:
        turn.state = TurnState.ESCALATED
        turn.save(update_fields=["state"])
    passing.send(escalation, chain[at], at)
    return None


def _refused(allowed: Allowance, cost_usd: float) -> str | None:
    """What the workspace and its budgets say."""
    if not allowed.allowed:
        return "not_allowed"
    if not allowed.holds(cost_usd):
        warn_if_due(current_workspace_id())
        return "budget"
    return None


def refusal(workspace_id: UUID, decision: Decision) -> str | None:
    """Why the large model would not be asked now, as `request_escalation` has it, or None.

    For whoever wants to know beforehand: what the call could cost is not reckoned.
    """
    with workspace_scope(workspace_id):
        chain = connections(workspace_id)
        allowed = allowance(workspace_id)
    if not chain:
        return "no_provider"
    if not decision.evidence:
        return "unsupported"
    if not allowed.allowed:
        return "not_allowed"
    is_free = most_cost_usd(chain[0], SOME_TEXT) == 0
    return "budget" if allowed.left_usd <= 0 and not is_free else None


def _best(evidence: tuple[Evidence, ...]) -> list[Evidence]:
    """The most relevant passages; those that were read go before those that were only found."""
    ranked = sorted(
        evidence, key=lambda row: (row.relevance is not None, row.relevance or 0.0, row.fused)
    )
    return ranked[: -MOST_PASSAGES - 1 : -1]
