"""In which order a view shows its rows, and behind which place its next page begins.

A place is a text that sorts as the rows do, so the desk's scripts need know nothing of the order.
By moment: one indexed field, and the id. By urgency: the priority, when the first SLA clock is
due, the longest wait; only for those who wait, which are few enough to be sorted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from chatbot.models import Conversation, Priority, SlaClock

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # behind all that have a clock
FIRST = Priority.URGENT.value
JOINT = "_"
WEIGHTS = ("rank", "due", "queued_at", "id")

Rows = QuerySet[Conversation]


@dataclass(frozen=True)
class Order:
    """`read` adds to rows what the others need of them.

    `behind` raises ValueError for a text that is no place of this order.
    """

    read: Callable[[Rows], Rows]
    sorted: Callable[[Rows], Rows]
    behind: Callable[[Rows, str], Rows]
    stand: Callable[[Conversation], str]


def by_moment(field: str, *, oldest_first: bool) -> Order:
    side, names = ("gt", (field, "id")) if oldest_first else ("lt", (f"-{field}", "-id"))

    def behind(rows: Rows, after: str) -> Rows:
        moment, _, row_id = after.partition(JOINT)
        at, last = _read(moment), UUID(row_id)
        return rows.filter(**{f"{field}__{side}e": at}).filter(
            Q(**{f"{field}__{side}": at}) | Q(**{f"id__{side}": last})
        )

    return Order(
        read=lambda rows: rows,
        sorted=lambda rows: rows.order_by(*names),
        behind=behind,
        stand=lambda row: f"{_moment(getattr(row, field))}{JOINT}{row.id}",
    )


def by_urgency() -> Order:
    """Urgent before high before normal; then what is due first; then who has waited longest."""
    return Order(
        read=_weighed,
        sorted=lambda rows: rows.order_by(*WEIGHTS),
        behind=_less_urgent,
        stand=_urgency,
    )


def _weighed(rows: Rows) -> Rows:
    running = SlaClock.objects.filter(conversation=OuterRef("pk"), stopped_at__isnull=True)
    due = running.order_by().values("conversation").annotate(first=Min("due_at")).values("first")
    return rows.annotate(
        rank=FIRST - Coalesce(F("placement__priority"), Value(0)),
        due=Coalesce(Subquery(due), Value(NEVER)),
    )


def _less_urgent(rows: Rows, after: str) -> Rows:
    rank, due, queued, row_id = after.split(JOINT)
    place = (int(rank), _read(due), _read(queued), UUID(row_id))
    behind = Q(pk__in=[])
    for number, name in enumerate(WEIGHTS):
        same = dict(zip(WEIGHTS[:number], place[:number], strict=True))
        behind |= Q(**same, **{f"{name}__gt": place[number]})
    return rows.filter(behind)


def _urgency(row: Any) -> str:
    """Of a row as `_weighed` reads it."""
    return JOINT.join([str(row.rank), _moment(row.due), _moment(row.queued_at), str(row.id)])


def _read(moment: str) -> datetime:
    at = datetime.fromisoformat(moment)
    if at.tzinfo is None:
        raise ValueError("a place has a time zone")
    return at


def _moment(at: datetime | None) -> str:
    """In one form, so that texts compare as times do."""
    return (
        (at or datetime.min.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")
    )
