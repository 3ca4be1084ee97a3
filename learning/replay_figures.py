"""What a replay adds up to, question by question in bounded memory, with paired intervals.

The intervals are those of a Poisson bootstrap (Hanley and MacGibbon 2006): in each of DRAWS
replicates a conversation counts as often as a Poisson variable of mean 1 says that is drawn from
its id, so the same questions give the same intervals in whatever steps they are added.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from chatbot.models import AnswerVerdict, Event, Receipt
from learning.models import Audit, Verdict
from learning.replay import Replayed, Side

DRAWS = 500
MEASURES = ("answered", "calls", "people", "usd")
RIGHT_LOST, RIGHT_GAINED, WRONG_AVOIDED, WRONG_GAINED = (
    "right_lost", "right_gained", "wrong_avoided", "wrong_gained",
)  # fmt: skip


@dataclass
class Tally:
    """drawn: (DRAWS, measures + 1) sums of differences, the last column of questions."""

    questions: int = 0
    other_models: int = 0
    was: Counter[str] = field(default_factory=Counter)
    now: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    judged: int = 0
    drawn: NDArray[np.float64] = field(default_factory=lambda: np.zeros((DRAWS, len(MEASURES) + 1)))

    def add(self, one: Replayed, right: bool | None) -> None:
        """right: what is known of the text that tier 1 had."""
        self.questions += 1
        self.other_models += one.other_models
        before, after = _values(one.was), _values(one.now)
        self.was.update(before)
        self.now.update(after)
        if one.change:
            self.changes[one.change] += 1
        self._judge(one, right)
        row = [after[name] - before[name] for name in MEASURES]
        weights = _weights(one.receipt.turn.conversation_id)
        self.drawn += weights[:, None] * np.array([*row, 1.0])

    def _judge(self, one: Replayed, right: bool | None) -> None:
        if right is None:
            return
        self.judged += 1
        text = one.receipt.text
        before = one.was.answered and one.was.text == text
        after = one.now.answered and one.now.text == text
        if before != after:
            words = (RIGHT_LOST, WRONG_AVOIDED) if before else (RIGHT_GAINED, WRONG_GAINED)
            self.verdicts[words[0] if right else words[1]] += 1

    def as_json(self) -> dict[str, Any]:
        return {
            "questions": self.questions, "other_models": self.other_models, "was": self.was,
            "now": self.now, "changes": self.changes, "verdicts": self.verdicts,
            "judged": self.judged, "drawn": np.round(self.drawn, 6).tolist(),
        }  # fmt: skip

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Tally":
        if not row:
            return cls()
        counters: dict[str, Any] = {
            name: Counter(row[name]) for name in ("was", "now", "changes", "verdicts")
        }
        found = cls(row["questions"], row["other_models"], **counters)
        found.judged, found.drawn = row["judged"], np.array(row["drawn"], np.float64)
        return found

    def report(self, *, minutes_each: float) -> dict[str, Any]:
        """For people: each measure as it was, as it would be, and the difference's 95% interval."""
        figures = {name: self._figure(at, name) for at, name in enumerate(MEASURES)}
        minutes = {name: value * minutes_each for name, value in figures["people"].items()}
        return {
            "questions": self.questions,
            "other_models": self.other_models,
            "figures": {**figures, "minutes": minutes},
            "changes": dict(self.changes),
            "verdicts": dict(self.verdicts),
            "judged": self.judged,
        }

    def _figure(self, at: int, name: str) -> dict[str, float]:
        counted = self.drawn[:, -1]
        shares = self.drawn[counted > 0, at] / counted[counted > 0] * self.questions
        low, high = np.quantile(shares, [0.025, 0.975]) if len(shares) else (0.0, 0.0)
        was, now = float(self.was[name]), float(self.now[name])
        return {"was": was, "now": now, "low": float(low), "high": float(high)}


def verdicts_of(receipts: Iterable[Receipt]) -> dict[UUID, bool]:
    """Receipt → whether its text was right: an audit's word, an agent's, else the visitor's.

    Needs the scope.
    """
    rows = list(receipts)
    shown = {str(row.message_id): row.id for row in rows if row.message_id}
    events = Event.objects.filter(
        kind="feedback.given", conversation_id__in={row.turn.conversation_id for row in rows}
    )
    found: dict[UUID, bool] = {}
    for one in events.order_by("staff_seq").values_list("payload", flat=True):
        if one["message_id"] in shown:
            found[shown[one["message_id"]]] = one["verdict"] == "helped"
    ids = [row.id for row in rows]
    said = AnswerVerdict.objects.filter(receipt_id__in=ids)
    found |= {key: word == "right" for key, word in said.values_list("receipt_id", "verdict")}
    judged = Audit.objects.filter(receipt_id__in=ids, verdict__in=[Verdict.RIGHT, Verdict.WRONG])
    pairs = judged.values_list("receipt_id", "verdict")
    return found | {key: word == Verdict.RIGHT for key, word in pairs}


def _values(side: Side) -> dict[str, float]:
    return {
        "answered": float(side.answered),
        "calls": float(side.calls),
        "people": side.people,
        "usd": side.usd,
    }


def _weights(conversation_id: UUID) -> NDArray[np.float64]:
    return np.random.default_rng(conversation_id.int).poisson(1.0, DRAWS).astype(np.float64)
