"""What calls of a supposed large model would have cost, and how many of them would have answered.

A call has the tokens that were counted, else those of the prompt that it would have been given.
That a supposed model answers as many of its questions as the large models of the span did is an
assumption, and stated as one; where there were none, none is taken to answer.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Avg, Count, Q

from accounts.errors import Invalid
from accounts.models import WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot.escalation import counterfactual
from chatbot.escalation.connections import NO_KEY, Connection, connections
from chatbot.escalation.prices import known_cost_usd
from chatbot.escalation.prompt import build
from chatbot.escalation.request import MOST_PASSAGES
from chatbot.escalation.vendors import VENDORS
from chatbot.models import Escalation, EscalationState, Kind, LedgerEntry, Receipt
from chatbot.turns import question_of

NONE = "none"
MINUTES_EACH = 5.0  # of a person's time for a conversation, where none was measured


@dataclass(frozen=True)
class Prices:
    """asks: whether a large model would be called at all. to: whose price; None: as it was.

    answered_share: of the calls, that were answered; calls: how many that is of. minutes_each: of
    a person; measured: whether it was. to_people: 0 where people are switched off.
    today: the same without what is supposed.
    """

    asks: bool
    to: Connection | None
    answered_share: float
    calls: int
    to_people: float
    minutes_each: float
    measured: bool
    today: "Prices | None" = None

    def call_usd(self, receipt: Receipt, call: Escalation | None) -> float:
        """Needs no scope of its caller; runs no model, asks no provider."""
        with workspace_scope(receipt.workspace_id):
            if self.to is None:
                if call is not None:
                    return call.cost_usd
                return counterfactual.what_asking_costs(receipt.turn, receipt.evidence).usd
            if call is not None and call.input_tokens:
                tokens = call.input_tokens, call.output_tokens
            else:
                tokens = _tokens(receipt)
        return known_cost_usd(self.to, *tokens) or 0.0


def _tokens(receipt: Receipt) -> tuple[int, int]:
    text = build(receipt.evidence[:MOST_PASSAGES], question_of(receipt.turn_id), mark="0" * 8).text
    return int(
        len(text) / counterfactual.CHARACTERS_PER_TOKEN
    ), counterfactual.TYPICAL_OUTPUT_TOKENS


def prices_of(workspace_id: UUID, provider: str, *, since: datetime, until: datetime) -> Prices:
    """Needs the scope. Raises Invalid for a large model that nobody knows a price of."""
    rows = Escalation.objects.filter(requested_at__gt=since, requested_at__lte=until)
    ended = rows.filter(state__in=[EscalationState.ANSWERED, EscalationState.FAILED])
    found = ended.aggregate(
        calls=Count("id"), answered=Count("id", filter=Q(state=EscalationState.ANSWERED))
    )
    spent = LedgerEntry.objects.filter(
        kind=Kind.PERSON, created_at__gt=since, created_at__lte=until, agent_s__isnull=False
    ).aggregate(each=Avg("agent_s"))["each"]
    row = WorkspaceSettings.objects.first() or WorkspaceSettings()
    today = Prices(
        asks=bool(connections(workspace_id)) and row.large_model_allowed,
        to=None,
        answered_share=found["answered"] / found["calls"] if found["calls"] else 0.0,
        calls=found["calls"],
        to_people=float(row.people_allowed),
        minutes_each=MINUTES_EACH if spent is None else spent / 60,
        measured=spent is not None,
    )
    if not provider:
        return today
    to = None if provider == NONE else named(workspace_id, provider)
    return replace(today, asks=to is not None, to=to, today=today)


def named(workspace_id: UUID, provider: str) -> Connection:
    """vendor/model, of the workspace's own or of the price list. Raises Invalid."""
    vendor, _, model = provider.partition("/")
    for one in connections(workspace_id):
        if one.vendor_name == vendor and model in {"", one.model}:
            return one
    if vendor not in VENDORS or not model:
        raise Invalid("A large model is named as vendor/model, or none")
    known = Connection(vendor, VENDORS[vendor].address, model, NO_KEY)
    if known_cost_usd(known, 1, 1) is None:
        raise Invalid(f"No price is known of {provider}")
    return known
