"""The statement's lines as the CSV holds them: on the page and from the command alike."""

from collections.abc import Iterator

from learning.statement import Row, Statement

COLUMNS = (
    "month", "topic", "tier", "answers", "questions", "escalated", "cpu_s", "cpu_usd",
    "input_tokens", "output_tokens", "model_usd", "cost_usd", "counterfactual_usd", "saved_usd",
    "agent_minutes", "agent_usd",
)  # fmt: skip


def rows(found: Statement) -> Iterator[list[object]]:
    """One for each topic and tier; their sums are the month's."""
    return (_cells(found, row) for row in found.cells)


def _cells(found: Statement, row: Row) -> list[object]:
    one = row.figures
    return [
        f"{found.month:%Y-%m}", row.topic, row.tier, one.answers, one.questions, one.escalated,
        round(one.cpu_s, 3), _usd(one.cpu_usd), one.input_tokens, one.output_tokens,
        _usd(one.model_usd), _usd(one.cost_usd), _usd(one.counterfactual_usd), _usd(one.saved_usd),
        round(one.agent_minutes, 1), "" if one.agent_usd is None else _usd(one.agent_usd),
    ]  # fmt: skip


def _usd(value: float) -> float:
    return round(value, 6)
