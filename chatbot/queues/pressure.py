"""How much a queue has to do now: who is free, who waits, and how long people waited lately."""

from dataclasses import dataclass

from django.utils import timezone

from chatbot.models import Conversation, Queue
from chatbot.queues import staff, waits


@dataclass(frozen=True)
class Pressure:
    """`wait_s`: the median of the latest waits; None with too few of them."""

    free_agents: int = 0
    waiting: int = 0
    wait_s: float | None = None


def pressure(queue: Queue) -> Pressure:
    """Reads and locks nothing. Needs the scope."""
    people = set(queue.people.values_list("member_id", flat=True))
    free = [
        one
        for one in staff.colleagues()
        if one.state == staff.AVAILABLE
        and one.load < one.capacity
        and (not people or one.id in people)
    ]
    waiting = Conversation.objects.waiting().filter(placement__queue=queue).count()
    return Pressure(len(free), waiting, waits.latest_wait_s(queue.id, timezone.now()))
