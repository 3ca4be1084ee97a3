"""What an answer of the compact model did cost: CPU seconds as they are measured, not those waited.

The worker of answers runs one turn at a time in a process, so what the process used meanwhile, all
its threads together, is the turn's: a model runs in several.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from chatbot import ledger
from chatbot.answering.contract import ANSWER, SMALLTALK, AnswerRequest, Decision
from chatbot.escalation import cache
from chatbot.escalation.counterfactual import what_asking_costs
from chatbot.models import Conversation, Kind, Turn


def measured(answer: Callable[[AnswerRequest], Decision], request: AnswerRequest) -> Decision:
    """What it decides, with the CPU seconds that it took."""
    before = time.process_time()
    decision = answer(request)
    return replace(decision, cpu_s=time.process_time() - before)


def measured_lookup(
    request: AnswerRequest, decision: Decision, turn_id: UUID
) -> tuple[Decision, cache.Hit | None]:
    """A kept answer, with the CPU seconds that the look took; a look in vain is the decision's."""
    before = time.process_time()
    hit = cache.lookup(request, decision, turn_id)
    cpu_s = time.process_time() - before
    if hit is None:
        return replace(decision, cpu_s=decision.cpu_s + cpu_s), None
    return decision, replace(hit, decision=replace(hit.decision, cpu_s=cpu_s))


def record_hit(conversation: Conversation, turn: Turn, decision: Decision) -> None:
    """The ledger's line of a kept answer that was given again, in the caller's transaction."""
    evidence = [row.as_json() for row in decision.evidence]
    work = ledger.Work(
        Kind.CACHE,
        tier=2,
        answered=True,
        model=decision.models_version,
        cpu_s=decision.cpu_s,
        counterfactual=what_asking_costs(turn, evidence),
    )
    cited = [citation.as_json() for citation in decision.citations]
    ledger.record(conversation, work, turn=turn, found=[*cited, *evidence])


def record_decision(conversation: Conversation, turn: Turn, decision: Decision) -> None:
    """The ledger's line of tier 0 or 1, in the caller's transaction."""
    small_talk, answered = decision.kind == SMALLTALK, decision.kind == ANSWER
    evidence = [row.as_json() for row in decision.evidence]
    work = ledger.Work(
        Kind.SMALL_TALK if small_talk else Kind.COMPACT,
        tier=0 if small_talk else 1,
        answered=small_talk or answered,
        cpu_s=decision.cpu_s,
        counterfactual=what_asking_costs(turn, evidence) if answered else None,
    )
    cited = [citation.as_json() for citation in decision.citations]
    ledger.record(conversation, work, turn=turn, found=[*cited, *evidence])
