"""The monthly statement: what answers did cost, and what the large model would have cost for them.

Sums of the ledger's lines, in the prices of their moment: a month that is over stays as it was,
whatever prices and tags do later, and whoever is erased. A month is one of UTC. What is saved is
the counterfactual of the bot's answers less everything that machines did cost, tries that failed
included. People's time is stated beside it and is no part of it: they would have been needed just
so. What they answered spared no call, and small talk is no question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.scope import workspace_scope
from chatbot.models import Author, Kind, LedgerEntry, Message

PER_PAGE = 25
MOST_COUNTED = 1_000
MOST_TOPICS = 200
TIERS = (0, 1, 2, 3)
ESCALATED = (Kind.LARGE, Kind.LOCAL)
SUMS = ("model_usd", "cpu_usd", "cpu_s", "input_tokens", "output_tokens", "counterfactual_usd",
        "agent_s", "agent_usd")  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """Money is US dollars. `questions`: those that tier 1 looked at; `escalated`: those for which a
    large model was asked. `agent_usd`: None where no hour had a price.
    """

    answers: int
    questions: int
    escalated: int
    model_usd: float
    cpu_usd: float
    cpu_s: float
    input_tokens: int
    output_tokens: int
    counterfactual_usd: float
    agent_s: float
    agent_usd: float | None

    @property
    def cost_usd(self) -> float:
        return self.model_usd + self.cpu_usd

    @property
    def agent_minutes(self) -> float:
        return self.agent_s / 60

    @property
    def saved_usd(self) -> float:
        return self.counterfactual_usd - self.cost_usd

    @property
    def escalated_share(self) -> float | None:
        return self.escalated / self.questions if self.questions else None


@dataclass(frozen=True)
class Row:
    """Of a topic, a tier, both, or a day: what it is not of is None. A topic of "" has no tag."""

    figures: Figures
    topic: str | None = None
    tier: int | None = None
    day: date | None = None


@dataclass(frozen=True)
class Statement:
    """`cells`: by topic and tier; `days`: by day and tier. `priced_by`: whose price the
    counterfactual is, and of how many answers. `first`, `last`: when the month's first and last
    line was written; None without any.
    """

    month: date
    total: Figures
    tiers: tuple[Row, ...]
    topics: tuple[Row, ...]
    cells: tuple[Row, ...]
    days: tuple[Row, ...]
    priced_by: tuple[tuple[str, int], ...]
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class Only:
    """Which lines of a month; None is all of them."""

    topic: str | None = None
    tier: int | None = None


@dataclass(frozen=True)
class Listed:
    """An answer, and what was asked; both empty where its visitor was erased."""

    entry: LedgerEntry
    question: str


@dataclass(frozen=True)
class Page:
    """count: None means more than MOST_COUNTED."""

    found: tuple[Listed, ...]
    count: int | None
    before: tuple[datetime, UUID] | None


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def statement(workspace_id: UUID, month: date) -> Statement:
    """month: its first day. Each table is one pass over the month's lines."""
    with workspace_scope(workspace_id):
        rows = _lines(workspace_id, month)
        ends = rows.aggregate(first=Min("created_at"), last=Max("created_at"))
        return Statement(
            month=month,
            total=_figures(rows.aggregate(**_counted())),
            tiers=_table(rows, "tier"),
            topics=_table(rows, "topic")[:MOST_TOPICS],
            cells=_table(rows, "topic", "tier"),
            days=_table(rows.annotate(day=TruncDate("created_at", tzinfo=UTC)), "day", "tier"),
            priced_by=_priced_by(rows),
            first=ends["first"],
            last=ends["last"],
        )


def page(
    workspace_id: UUID,
    month: date,
    only: Only,
    *,
    before: tuple[datetime, UUID] | None = None,
) -> Page:
    """The answers behind a figure, newest first."""
    with workspace_scope(workspace_id):
        rows = those(_lines(workspace_id, month), only).filter(answered=True)
        count = len(rows.values_list("id")[: MOST_COUNTED + 1])
        if before:
            at, row_id = before
            rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=row_id))
        found = list(rows.order_by("-created_at", "-id")[: PER_PAGE + 1])
        asked = _questions([row.turn_id for row in found if row.turn_id])
    shown = found[:PER_PAGE]
    return Page(
        found=tuple(Listed(row, asked.get(row.turn_id, "")) for row in shown),
        count=None if count > MOST_COUNTED else count,
        before=(shown[-1].created_at, shown[-1].id) if len(found) > PER_PAGE else None,
    )


def those(rows: QuerySet[LedgerEntry], only: Only) -> QuerySet[LedgerEntry]:
    if only.topic is not None:
        rows = rows.filter(topic=only.topic)
    return rows if only.tier is None else rows.filter(tier=only.tier)


def _lines(workspace_id: UUID, month: date) -> QuerySet[LedgerEntry]:
    begins, ends = (datetime.combine(day, time(), UTC) for day in (month, next_month(month)))
    return LedgerEntry.objects.filter(
        workspace_id=workspace_id, created_at__gte=begins, created_at__lt=ends
    )


def _counted() -> dict[str, Any]:
    return {
        "answers": Count("id", filter=Q(answered=True)),
        "questions": Count("id", filter=Q(kind=Kind.COMPACT)),
        "escalated": Count("id", filter=Q(kind__in=ESCALATED)),
        **{f"sum_{name}": Sum(name) for name in SUMS},
    }


def _figures(found: Mapping[str, Any]) -> Figures:
    sums = {name: found[f"sum_{name}"] or 0 for name in SUMS if name != "agent_usd"}
    counts = {name: found[name] for name in ("answers", "questions", "escalated")}
    return Figures(**counts, **sums, agent_usd=found["sum_agent_usd"])


def _table(rows: QuerySet[LedgerEntry], *fields: str) -> tuple[Row, ...]:
    """By these, in their order."""
    found = rows.values(*fields).annotate(**_counted()).order_by(*fields)
    return tuple(Row(_figures(one), **{name: one[name] for name in fields}) for one in found)


def _priced_by(rows: QuerySet[LedgerEntry]) -> tuple[tuple[str, int], ...]:
    known = rows.filter(counterfactual_usd__isnull=False).values("priced_by")
    found = known.annotate(count=Count("id")).order_by("-count", "priced_by")
    return tuple((one["priced_by"], one["count"]) for one in found)


def _questions(turn_ids: list[UUID]) -> dict[UUID | None, str]:
    """By turn: what its visitor wrote first."""
    said = Message.objects.filter(turn_id__in=turn_ids, author=Author.VISITOR)
    rows = said.order_by("-created_at", "-id").values_list("turn_id", "text")
    return dict(rows)  # the earliest comes last, and stays
