"""The large model or people: which of them a question goes to that tier 1 did not answer.

Pure: what is known in, a choice and its reason out. It only ever chooses between tiers 2 and 3, so
it never makes tier 1 answer more than the risk dial allows. As long as the budget is not scarce the
large model is asked, as it was ever. Then what is left of it is kept for the questions that nobody
is free for: at night, on holidays, and when the line is long.
"""

from dataclasses import asdict, dataclass
from typing import Any

MODEL, PEOPLE = "model", "people"
SHORT_WAIT_S = 60.0
AMPLE, AGENT_FREE, SHORT_WAIT = "budget_ample", "agent_free", "short_wait"
TO_PEOPLE = frozenset({AGENT_FREE, SHORT_WAIT})  # reasons


@dataclass(frozen=True)
class Situation:
    """`budget_share`: how much of the day's or month's budget is used, whichever is more; scarce
    from `scarce_from` on. `people_answer`: tier 3 is switched on; `people_here`: these are its
    hours. `free_agents`: available and with room, in the queue that it would go to; `waiting`: how
    many wait there. `wait_s`: the median of its latest waits; None with too few.
    """

    budget_share: float
    scarce_from: float
    people_answer: bool
    people_here: bool
    free_agents: int
    waiting: int
    wait_s: float | None = None


@dataclass(frozen=True)
class Choice:
    to: str
    reason: str
    situation: Situation

    @property
    def is_for_people(self) -> bool:
        return self.to == PEOPLE

    def as_json(self) -> dict[str, Any]:
        return {"to": self.to, "reason": self.reason, **asdict(self.situation)}


def choose(now: Situation) -> Choice:
    """Every reason but those of TO_PEOPLE means the large model."""
    reason = _reason(now)
    return Choice(PEOPLE if reason in TO_PEOPLE else MODEL, reason, now)


def _reason(now: Situation) -> str:
    short = now.wait_s is not None and now.wait_s <= SHORT_WAIT_S
    rules = (  # the first one that holds
        (now.budget_share < now.scarce_from, AMPLE),
        (not now.people_answer, "no_people"),
        (not now.people_here, "outside_hours"),
        (now.free_agents == 0, "nobody_free"),
        (now.free_agents > now.waiting, AGENT_FREE),
        (short, SHORT_WAIT),
    )
    return next((reason for holds, reason in rules if holds), "long_line")
