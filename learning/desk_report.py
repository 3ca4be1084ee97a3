"""How busy the agents are: waits, replies, handling and resolution, by agent, tag, day and hour.

One row is a handoff: from the request for people until they are done with it. A wait runs from the
request until an agent takes it; who takes over from the bot made nobody wait. Days and hours are
those of the workspace's time zone. One pass over the span's handoffs, whose index it reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    FloatField,
    Func,
    Q,
    QuerySet,
)

from accounts.models import Member, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot.models import Handoff, Tagging
from learning.desk_ratings import Rated, as_text, clock, rated
from learning.intervals import Spread, spread

WITHOUT_WAIT = frozenset({"take_over", "transfer_to_member", "merge", "unmerge"})
MOST_TAGS = 50


class Seconds(Func):
    """From the second moment to the first: told by the database, since reading moments is slow."""

    template = "EXTRACT(EPOCH FROM %(expressions)s)::float8"
    arg_joiner = " - "
    output_field = FloatField()


class Case(NamedTuple):  # 100,000 of them: made faster than frozen dataclasses
    """One handoff, by the workspace's clock. Seconds, None where it did not come to that.

    Ids are texts, which are compared faster than UUIDs.
    """

    conversation_id: str
    member_id: str | None
    day: str
    weekday: int
    hour: int
    wait_s: float | None
    reply_s: float | None
    handle_s: float | None
    ended: bool
    resolved: bool


@dataclass(frozen=True)
class Figures:
    """`resolved` of `ended` were closed by the agent; the others went back or on."""

    handoffs: int
    wait: Spread | None
    reply: Spread | None
    handle: Spread | None
    ended: int
    resolved: int
    ratings: int
    satisfied: int


@dataclass(frozen=True)
class Row:
    key: str
    label: str
    figures: Figures


@dataclass(frozen=True)
class Report:
    """`load`: for each weekday from Monday, how many were handed off in each of its 24 hours."""

    total: Figures
    days: tuple[Row, ...]
    agents: tuple[Row, ...]
    tags: tuple[Row, ...]
    load: tuple[tuple[int, ...], ...]
    zone: str


def report(workspace_id: UUID, first: date, last: date) -> Report:
    """Both days included."""
    with workspace_scope(workspace_id):
        name = WorkspaceSettings.objects.values_list("time_zone", flat=True).first() or "UTC"
        zone = ZoneInfo(name)
        begins = datetime.combine(first, time(), zone)
        ends = datetime.combine(last + timedelta(days=1), time(), zone)
        rows = Handoff.objects.filter(
            workspace_id=workspace_id, requested_at__gte=begins, requested_at__lt=ends
        )
        cases = _cases(rows, name)
        ratings = rated(workspace_id, begins, ends, zone=name)
        labels = _labels(workspace_id, rows)
        names = dict(Member.objects.values_list(as_text("id"), "display_name"))
    return Report(
        total=_figures(cases, ratings),
        days=_days(cases, ratings),
        agents=_agents(cases, ratings, names),
        tags=_tags(cases, ratings, labels),
        load=_load(cases),
        zone=name,
    )


def _cases(rows: "QuerySet[Handoff]", zone: str) -> list[Case]:
    found = rows.values_list(
        as_text("conversation_id"),
        as_text("claimed_by_id"),
        "reason",
        clock("requested_at", zone),
        Seconds("claimed_at", "requested_at"),
        Seconds("replied_at", "requested_at"),
        Seconds("ended_at", "claimed_at"),
        "outcome",
        ExpressionWrapper(Q(ended_at__isnull=False), BooleanField()),
    )
    return [
        Case(
            conversation_id,
            member_id,
            at[:10],
            int(at[11]) - 1,
            int(at[13:]),
            wait_s if reason not in WITHOUT_WAIT else None,
            reply_s,
            handle_s,
            ended,
            outcome == "resolve",
        )
        for (
            conversation_id, member_id, reason, at, wait_s, reply_s, handle_s, outcome, ended,
        ) in found.iterator(chunk_size=5_000)
    ]  # fmt: skip


def _labels(workspace_id: UUID, cases: "QuerySet[Handoff]") -> dict[str, set[str]]:
    """By tag's name: its conversations among these."""
    found: dict[str, set[str]] = defaultdict(set)
    rows = Tagging.objects.filter(workspace_id=workspace_id)
    rows = rows.filter(conversation_id__in=cases.values("conversation_id"))
    for name, one in rows.values_list("tag__name", as_text("conversation_id")):
        found[name].add(one)
    return found


def _figures(cases: Sequence[Case], ratings: Sequence[Rated]) -> Figures:
    return Figures(
        handoffs=len(cases),
        wait=spread([one.wait_s for one in cases if one.wait_s is not None]),
        reply=spread([one.reply_s for one in cases if one.reply_s is not None]),
        handle=spread([one.handle_s for one in cases if one.handle_s is not None]),
        ended=sum(one.ended for one in cases),
        resolved=sum(one.resolved for one in cases),
        ratings=len(ratings),
        satisfied=sum(one.is_satisfied for one in ratings),
    )


def _days(cases: Sequence[Case], ratings: Sequence[Rated]) -> tuple[Row, ...]:
    by_day: dict[str, list[Case]] = defaultdict(list)
    for one in cases:
        by_day[one.day].append(one)
    said: dict[str, list[Rated]] = defaultdict(list)
    for rating in ratings:
        said[rating.day].append(rating)
    return tuple(
        Row(day, day, _figures(by_day[day], said[day])) for day in sorted({*by_day, *said})
    )


def _agents(
    cases: Sequence[Case], ratings: Sequence[Rated], names: Mapping[str, str]
) -> tuple[Row, ...]:
    held: dict[str, list[Case]] = defaultdict(list)
    for one in cases:
        if one.member_id:
            held[one.member_id].append(one)
    said: dict[str, list[Rated]] = defaultdict(list)
    for rating in ratings:
        if rating.member_id:
            said[rating.member_id].append(rating)
    rows = [Row(one, names.get(one, ""), _figures(held[one], said[one])) for one in {*held, *said}]
    return tuple(sorted(rows, key=lambda row: (-row.figures.handoffs, row.label, row.key)))


def _tags(
    cases: Sequence[Case], ratings: Sequence[Rated], labels: Mapping[str, set[str]]
) -> tuple[Row, ...]:
    rows = []
    for name, ids in labels.items():
        mine = [one for one in cases if one.conversation_id in ids]
        said = [one for one in ratings if one.conversation_id in ids]
        rows.append(Row(name, name, _figures(mine, said)))
    return tuple(sorted(rows, key=lambda row: (-row.figures.handoffs, row.label))[:MOST_TAGS])


def _load(cases: Iterable[Case]) -> tuple[tuple[int, ...], ...]:
    hours = [[0] * 24 for _ in range(7)]
    for one in cases:
        hours[one.weekday][one.hour] += 1
    return tuple(tuple(row) for row in hours)
