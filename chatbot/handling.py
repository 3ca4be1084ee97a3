"""How long an agent was busy with a conversation, for the ledger.

From the claim to the end, reply by reply; of a long silence only the first minutes count, since the
agent did something else. An agent who has several conversations at once is counted in each, so the
minutes are rather too many.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from chatbot import ledger
from chatbot.models import Author, Conversation, Handoff, Kind, Message, Receipt, Turn

LONGEST_STRETCH_S = 600.0


def record_handled(conversation: Conversation, handoffs: Iterable[Handoff], now: datetime) -> None:
    """A line for each handoff that ends now and that somebody had, in the caller's transaction."""
    for row in handoffs:
        if row.claimed_at is None:
            continue
        replies = Message.objects.filter(
            conversation=conversation, author=Author.MEMBER, created_at__gte=row.claimed_at
        )
        at = list(replies.order_by("created_at").values_list("created_at", flat=True))
        work = ledger.Work(
            Kind.PERSON, tier=3, answered=bool(at), agent_s=busy_s(row.claimed_at, *at, now)
        )
        ledger.record(conversation, work, turn=row.turn, found=_evidence(row.turn))


def busy_s(*moments: datetime) -> float:
    """Seconds from the first to the last, of each stretch between two at most LONGEST_STRETCH_S."""
    stretches = ((later - earlier).total_seconds() for earlier, later in pairwise(moments))
    return sum(min(one, LONGEST_STRETCH_S) for one in stretches)


def record_word(conversation: Conversation, turn: Turn) -> None:
    """A colleague's answer through the bot: a person's, whose time nobody knows."""
    work = ledger.Work(Kind.PERSON, tier=3, answered=True)
    ledger.record(conversation, work, turn=turn, found=_evidence(turn))


def _evidence(turn: Turn | None) -> list[dict[str, object]]:
    """What tier 1 had found for the question."""
    if turn is None:
        return []
    found = Receipt.objects.filter(turn=turn).order_by("created_at")
    return found.values_list("evidence", flat=True).first() or []
