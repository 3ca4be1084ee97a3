"""What a call can cost is reckoned from above, by the bytes of what it is asked."""

import pytest

from chatbot.escalation import prices
from chatbot.escalation.connections import Connection


def test_a_call_costs_at_most_its_prompt_and_the_longest_answer() -> None:
    to = Connection("openai", "https://api.openai.com/v1", "m", "k", 1.0, 10.0)
    assert prices.most_cost_usd(to, "x" * 2_500) == pytest.approx(1_000e-6 + 10_000e-6)
    assert prices.most_cost_usd(to, "я" * 2_500) == pytest.approx(2_000e-6 + 10_000e-6)


def test_half_of_a_pair_is_counted_and_breaks_nothing() -> None:
    assert prices.tokens_in("ab\ud800") == 1
