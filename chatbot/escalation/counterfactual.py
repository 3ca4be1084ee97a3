"""What asking the large model would have cost for a question that was answered without it.

The prompt is the one that it would have been given, the answer as long as such answers are. Both
are counted rather too low, so that what the ledger calls saved is not too much. The price is that
of the first of the workspace's large models that has one, else that of a named reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from chatbot.escalation import prompt
from chatbot.escalation.connections import connections
from chatbot.escalation.dialogue import history_before
from chatbot.escalation.prices import known_cost_usd
from chatbot.escalation.request import MOST_PASSAGES
from chatbot.ledger import Counterfactual
from chatbot.models import Turn
from chatbot.turns import question_of

CHARACTERS_PER_TOKEN = 4.0  # of English; other languages have fewer, so this counts too low
TYPICAL_OUTPUT_TOKENS = 80  # the prompt asks for one to five plain sentences
REFERENCE = "reference"


def what_asking_costs(turn: Turn, evidence: Sequence[Mapping[str, Any]]) -> Counterfactual:
    """evidence: rows of Evidence.as_json(), nearest first. Needs the scope; asks no provider."""
    text = prompt.build(
        evidence[:MOST_PASSAGES], question_of(turn.id), history_before(turn), mark="00000000"
    ).text
    tokens = int(len(text) / CHARACTERS_PER_TOKEN), TYPICAL_OUTPUT_TOKENS
    for one in connections(turn.workspace_id):
        if usd := known_cost_usd(one, *tokens):
            return Counterfactual(usd, f"{one.vendor_name}/{one.model}")
    return Counterfactual(_of_reference(*tokens), f"{REFERENCE}/{settings.REFERENCE_MODEL}")


def _of_reference(input_tokens: int, output_tokens: int) -> float:
    price_in = settings.REFERENCE_PRICE_INPUT_PER_MTOK
    price_out = settings.REFERENCE_PRICE_OUTPUT_PER_MTOK
    return float(input_tokens * price_in + output_tokens * price_out) / 1_000_000
