"""Hand a question to the large model, or say why not."""

from uuid import UUID

from accounts.scope import workspace_scope
from chatbot.answering.contract import Decision, Evidence
from chatbot.escalation import consent, prompt
from chatbot.escalation.budget import allowance
from chatbot.escalation.connections import connections
from chatbot.escalation.dialogue import history_before
from chatbot.escalation.prices import most_cost_usd
from chatbot.models import Conversation, Escalation, EscalationPurpose, Turn, TurnState
from chatbot.turns import question_of
from outbox.queue import enqueue

MOST_PASSAGES = 6


def request_escalation(
    conversation: Conversation,
    turn: Turn,
    decision: Decision,
    *,
    purpose: EscalationPurpose = EscalationPurpose.ANSWER,
) -> str | None:
    """Write the escalation and its job in the caller's transaction; None when that is done.

    Else the reason of the refusal, and nothing is written: `no_provider` where none is
    configured, `not_allowed` by the workspace, `unsupported` without any evidence, `budget` where
    the call could cost more than is left of the day's budget, `no_consent` of the visitor, and
    consent.ASK where the visitor must be asked for it first. The turn waits for it, unless tier 1
    has answered and is only to be checked.
    """
    chain = connections(conversation.workspace_id)
    if not chain:
        return "no_provider"
    evidence = [row.as_json() for row in _best(decision.evidence)]
    if not evidence:
        return "unsupported"
    allowed = allowance(conversation.workspace_id)
    if not allowed.allowed:
        return "not_allowed"
    text = prompt.build(evidence, question_of(turn.id), history_before(turn)).text
    cost_usd = most_cost_usd(chain[0], len(text))
    if cost_usd > allowed.left_usd:
        return "budget"
    if lacks := consent.missing(conversation):
        return lacks
    escalation = Escalation.objects.create(
        workspace_id=conversation.workspace_id,
        turn=turn,
        turn_revision=turn.revision,
        purpose=purpose,
        reason=decision.reason,
        evidence=evidence,
        provider=chain[0].vendor_name,
        model=chain[0].model,
        cost_usd=cost_usd,
    )
    if purpose == EscalationPurpose.ANSWER:
        turn.state = TurnState.ESCALATED
        turn.save(update_fields=["state"])
    enqueue(
        "escalate",
        workspace_id=conversation.workspace_id,
        payload={"escalation_id": str(escalation.id)},
        queue="escalations",
        dedup_key=str(escalation.id),
    )
    return None


def refusal(workspace_id: UUID, decision: Decision) -> str | None:
    """Why the large model would not be asked now, as `request_escalation` has it, or None.

    For whoever wants to know beforehand: what the call could cost is not reckoned.
    """
    with workspace_scope(workspace_id):
        configured = bool(connections(workspace_id))
        allowed = allowance(workspace_id)
    if not configured:
        return "no_provider"
    if not decision.evidence:
        return "unsupported"
    if not allowed.allowed:
        return "not_allowed"
    return "budget" if allowed.left_usd <= 0 else None


def _best(evidence: tuple[Evidence, ...]) -> list[Evidence]:
    """The most relevant passages; those that were read go before those that were only found."""
    ranked = sorted(
        evidence, key=lambda row: (row.relevance is not None, row.relevance or 0.0, row.fused)
    )
    return ranked[: -MOST_PASSAGES - 1 : -1]
