"""After which passage enough was read.

For each number of passages read, logistic regression gives the probability that reading all of
them would put right what would be answered wrongly now. Where that is less than `least`, no
further one is read. Fitted for one pair of rankers, beside which it lies.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.errors import ModelUnavailable
from inference.logistic import probability


@dataclass(frozen=True)
class _Head:
    mean: Sequence[float]
    scale: Sequence[float]
    weights: Sequence[float]
    bias: float


class Steps:
    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.names = tuple(str(name) for name in raw["features"])
        self.least = float(raw["least"])
        self._heads = {int(one["read"]): self._head(one) for one in raw["steps"]}

    def _head(self, raw: Mapping[str, Any]) -> _Head:
        """Raises ValueError for other numbers than features: later it would end each answer."""
        mean, scale, weights = (
            [float(one) for one in raw[name]] for name in ("mean", "scale", "weights")
        )
        if {len(mean), len(scale), len(weights)} != {len(self.names)}:
            raise ValueError("not as many numbers as features")
        return _Head(mean, scale, weights, float(raw["bias"]))

    def gain(self, read: int, known: Mapping[str, float]) -> float | None:
        """The probability; None where nobody fitted it for so many passages.

        A feature that is missing raises KeyError.
        """
        head = self._heads.get(read)
        if head is None:
            return None
        return probability(known, self.names, head.mean, head.scale, head=(head.weights, head.bias))

    def is_enough(self, read: int, known: Mapping[str, float]) -> bool:
        found = self.gain(read, known)
        return found is not None and found < self.least


def load_steps(path: Path) -> Steps:
    """Raises ModelUnavailable for what is no such rule."""
    try:
        return Steps(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{path.name} is no rule ({type(error).__name__})") from None
