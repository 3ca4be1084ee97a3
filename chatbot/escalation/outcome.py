"""How an escalation ended: its last call, and what all of them did cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatbot.escalation.agreement import Agreement
from chatbot.escalation.verification import Checked

GONE = "revision_gone"  # a failure: what the answer cites was withdrawn or changed meanwhile

# What the visitor and the desk are told; anything else counts as trouble of the provider.
_REASONS = {
    "timeout": "timeout",
    "refused": "unsupported",
    "unsupported": "unsupported",
    "too_long": "unsupported",
    "prompt_too_long": "unsupported",
    "no_provider": "no_provider",
    "not_allowed": "not_allowed",
    "budget": "budget",
    "no_consent": "no_consent",
    "worker_failed": "worker_failed",
    GONE: GONE,
}


@dataclass(frozen=True)
class Outcome:
    """`failure` is empty for an answer. `said`: the sentences that passed; `removed`: how many were
    left out. `agreement`: with the answer that was to be checked.

    `attempts`: a row for each call, as Escalation keeps them; tokens, cost and CPU are their sums.
    `goes_to`: the place in the chain that another worker goes on from.
    """

    failure: str = ""
    text: str = ""
    said: tuple[Checked, ...] = ()
    removed: int = 0
    agreement: Agreement | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    cpu_seconds: float = 0.0
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    attempts: tuple[Mapping[str, str | int | float], ...] = ()
    goes_to: int | None = None

    @property
    def weakest(self) -> Checked | None:
        """The sentence that passed with least to spare."""
        return min(self.said, key=lambda one: one.support - one.threshold, default=None)

    @property
    def handoff_reason(self) -> str:
        """`unsupported:number` and its like are one reason for a handoff."""
        return _REASONS.get(self.failure.partition(":")[0], "provider_error")
