"""The model card of a workspace's version: what it is, made from what, measured how. Markdown."""

from collections import Counter
from typing import Any

from learning.models import ModelVersion


def card(version: ModelVersion) -> str:
    """Written once, when the version is registered; inside the scope."""
    rows = Counter(version.rows.values_list("source_kind", flat=True))
    lines = [
        f"# Model version {version.number}",
        "",
        f"Own parts: {', '.join(sorted(version.parts))}. The shipped models are the rest.",
        "",
        *_table(("part", "fingerprint"), sorted(version.fingerprints.items())),
        *_table(("shipped part", "fingerprint"), sorted(version.base.items())),
        "## Trained on",
        "",
        *_table(("source", "rows"), sorted(rows.items())),
        "## Measured",
        "",
        *_figures(version.evaluation.get("figures", [])),
        f"The gate was {'passed' if version.evaluation.get('passed') else 'not passed'}.",
        "",
    ]
    return "\n".join(lines)


def _figures(figures: list[dict[str, Any]]) -> list[str]:
    head = ("measure", "before", "after", "difference, 95% interval", "questions")
    return _table(head, [_figure(one) for one in figures])


def _figure(one: dict[str, Any]) -> tuple[object, ...]:
    return (
        one.get("measure", ""),
        one.get("before", "–"),
        one.get("after", "–"),
        f"{one['low']} to {one['high']}" if "low" in one and "high" in one else "–",
        one.get("questions", "–"),
    )


def _table(head: tuple[str, ...], rows: Any) -> list[str]:
    if not rows:
        return []
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines), ""]
