"""Which passages are read, and which of them answers; without a ranker, by fitted weights."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.reader import Reading
from knowledge.retrieval import Candidate

# Without a ranker 3 passages read chose better than 5 or 8 (benchmarks/reading_order.py).
READ = 3
FUSED_WEIGHT, MARGIN_WEIGHT, RELEVANCE_WEIGHT = 4.35, 0.52, 2.39


@dataclass(frozen=True)
class Read:
    """A candidate with what the reader made of it. rank: place in the fused order, from 0."""

    candidate: Candidate
    reading: Reading
    rank: int

    @property
    def margin(self) -> float:
        """How much better the best span is than no answer, in logits."""
        return self.reading.span_score - self.reading.no_answer_score

    @property
    def has_words(self) -> bool:
        reading = self.reading
        return reading.start is not None and reading.end is not None and reading.end > reading.start

    def score(self, best_fused: float) -> float:
        """Fusion, and what the reader says: it decides between passages that fusion holds near."""
        fused = self.candidate.fused / max(best_fused, 1e-9)
        return (
            FUSED_WEIGHT * fused
            + MARGIN_WEIGHT * max(-10.0, min(10.0, self.margin))
            + RELEVANCE_WEIGHT * self.reading.relevance
        )


def best_first(read: Sequence[Read]) -> list[Read]:
    """By score; of equals, the one that fusion puts first."""
    best_fused = max((one.candidate.fused for one in read), default=0.0)
    return sorted(read, key=lambda one: (-one.score(best_fused), one.rank))
