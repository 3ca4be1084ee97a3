"""The views of the inbox: pages by key and counts that stop, both read through indexes.

A page begins behind a place, which is the moment and the id of a row, so it costs the same at the
end as at the start of 100,000 conversations. Counts stop at MOST_COUNTED.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.inbox.ordering import Order, by_moment, by_urgency
from chatbot.inbox.rows import listed
from chatbot.models import Conversation, Owner, Status, Tagging

PER_PAGE = 40
MOST_COUNTED = 999
MOST_TOUCHED = 100
FEW = 1_000  # conversations of a tag that are looked for by their ids

Rows = QuerySet[Conversation]


def _waiting(rows: Rows, member: Member) -> Rows:
    return rows.filter(owner=Owner.QUEUE, status=Status.OPEN)


def _mine(rows: Rows, member: Member) -> Rows:
    return rows.filter(owner_member=member, status=Status.OPEN)


def _with_status(status: Status) -> Callable[[Rows, Member], Rows]:
    def chosen(rows: Rows, member: Member) -> Rows:
        return rows.filter(status=status, last_message_at__isnull=False)

    return chosen


def _mentioned(rows: Rows, member: Member) -> Rows:
    """By the newest of them, which are what an agent looks for."""
    named = (
        apps.get_app_config("chatbot")
        .models["mention"]
        ._default_manager.filter(workspace_id=member.workspace_id, member=member)
    )
    ids = list(named.order_by("-created_at").values_list("conversation_id", flat=True)[:FEW])
    return rows.filter(id__in=ids, last_message_at__isnull=False)


Chosen = Callable[[Rows, Member], Rows]
WAITING, MENTIONS = "waiting", "mentions"
BY_MESSAGE = by_moment("last_message_at", oldest_first=False)
VIEWS: Mapping[str, Chosen] = {
    WAITING: _waiting,
    "mine": _mine,
    "open": _with_status(Status.OPEN),
    "snoozed": _with_status(Status.SNOOZED),
    "resolved": _with_status(Status.RESOLVED),
}
UNCOUNTED = frozenset({"resolved"})  # grows for ever, and nobody has to do anything about it


def views() -> Mapping[str, Chosen]:
    """Those above, and the notes that name an agent where such notes are kept."""
    kept = "mention" in apps.get_app_config("chatbot").models
    return {**VIEWS, MENTIONS: _mentioned} if kept else VIEWS


@dataclass(frozen=True)
class Filters:
    """Which conversations of a view; what is empty filters nothing. Days are those of UTC.

    `agent`: a member's id, or "bot", or "queue".
    """

    channel: str = ""
    language: str = ""
    tag: UUID | None = None
    priority: int | None = None
    agent: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Wanted:
    """`oldest_first`: by the longest wait in `waiting`, by the last message elsewhere.

    `urgent_first`: in `waiting`, by priority, by what is due, and by the longest wait.
    """

    view: str
    filters: Filters = Filters()
    oldest_first: bool = False
    urgent_first: bool = False
    after: str = ""
    touched: tuple[UUID, ...] = ()


def page(member: Member, wanted: Wanted) -> dict[str, Any]:
    """Rows from the place on, where the next page begins, and how many each view has.

    `touched`: the rows among those ids that are in this view, wherever they stand. Raises
    ValueError for a place that is none.
    """
    order = order_of(wanted)
    with workspace_scope(member.workspace_id):
        every = views()[wanted.view](Conversation.objects.select_related("owner_member", "contact"),
                                   member)  # fmt: skip
        every = filtered(every, member.workspace_id, wanted.filters)
        every = order.read(every)
        rows = order.behind(every, wanted.after) if wanted.after else every
        found = list(order.sorted(rows)[: PER_PAGE + 1])
        touched = list(every.filter(id__in=wanted.touched[:MOST_TOUCHED])) if wanted.touched else []
        return {
            "rows": listed(found[:PER_PAGE], member, order.stand),
            "more": len(found) > PER_PAGE,
            "touched": listed(touched, member, order.stand),
            "counts": counts(member),
        }


def moment_of(view: str) -> str:
    """The field that a view is sorted by."""
    return "queued_at" if view == WAITING else "last_message_at"


def order_of(wanted: Wanted) -> Order:
    if wanted.urgent_first and wanted.view == WAITING:
        return by_urgency()
    return by_moment(moment_of(wanted.view), oldest_first=wanted.oldest_first)


def filtered(rows: Rows, workspace_id: UUID, filters: Filters) -> Rows:
    """Needs the scope."""
    if filters.channel:
        rows = rows.filter(channel=filters.channel)
    if filters.language:
        rows = rows.filter(language=filters.language)
    if filters.agent in {Owner.BOT, Owner.QUEUE}:
        rows = rows.filter(owner=filters.agent)
    elif filters.agent:
        rows = rows.filter(owner_member_id=UUID(filters.agent))
    if filters.priority is not None:
        rows = rows.filter(placement__priority=filters.priority)
    if filters.first:
        rows = rows.filter(last_message_at__gte=_midnight(filters.first))
    if filters.last:
        rows = rows.filter(last_message_at__lt=_midnight(filters.last + timedelta(days=1)))
    return _tagged(rows, workspace_id, filters.tag) if filters.tag else rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _tagged(rows: Rows, workspace_id: UUID, tag: UUID) -> Rows:
    """By their ids where a tag has few, so that a rare one needs no walk through all rows."""
    labels = Tagging.objects.filter(workspace_id=workspace_id, tag_id=tag)
    ids = list(labels.values_list("conversation_id", flat=True)[: FEW + 1])
    if len(ids) <= FEW:
        return rows.filter(id__in=ids)
    return rows.filter(Exists(labels.filter(conversation_id=OuterRef("pk"))))


def counts(member: Member) -> dict[str, int]:
    """How many each view has, MOST_COUNTED + 1 meaning more. Needs the scope."""
    return {
        name: counted(chosen(Conversation.objects.all(), member), moment_of(name)).count()
        for name, chosen in views().items()
        if name not in UNCOUNTED
    }


def counted(rows: Rows, field: str) -> "QuerySet[Conversation, Any]":
    """As many as are counted, in the order of the list, whose index is read then."""
    return rows.order_by(f"-{field}", "-id").values("id")[: MOST_COUNTED + 1]


def those(member: Member, ids: Collection[UUID], filters: Filters) -> dict[UUID, dict[str, Any]]:
    """Of these conversations the ones that fit the filters, as rows. Needs the scope."""
    rows = Conversation.objects.select_related("owner_member", "contact").filter(id__in=ids)
    found = list(filtered(rows, member.workspace_id, filters))
    return {UUID(row["id"]): row for row in listed(found, member, BY_MESSAGE.stand)}
