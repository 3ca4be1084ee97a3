"""How busy the agents are: waits, replies, handling, resolution, and the hours that are full."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.errors import NotFound
from accounts.models import Member
from console.csvs import csv_file
from console.desk_plots import days_of, handed_off, waits
from console.gate import DIAL_READERS, for_roles, page
from console.report_forms import DaysForm, spans, with_days
from learning.desk_report import Figures, Report, Row, report
from learning.intervals import Spread, wilson

LEVELS = 5  # of shading in the table of hours
HEAD = (
    "key", "name", "handoffs", "wait_median_s", "wait_p90_s", "first_reply_median_s",
    "first_reply_p90_s", "handling_median_s", "handling_p90_s", "ended", "resolved", "ratings",
    "satisfied",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """An hour of a weekday: how many, and how dark from 0 to LEVELS."""

    count: int
    level: int


@require_safe
@for_roles(DIAL_READERS)
def show(request: HttpRequest, member: Member) -> HttpResponse:
    form = DaysForm(with_days(request.GET))
    given: dict[str, Any] = {"form": form, "spans": spans()}
    if not form.is_valid():
        return page(request, member, "desk_report.html", status=400, **given)
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    found = report(member.workspace_id, first, last)
    days = days_of(found.days, first, last)
    slug = member.workspace.slug
    return page(
        request,
        member,
        "desk_report.html",
        found=found,
        times=_times(found.total),
        resolved=share(found.total.resolved, found.total.ended),
        satisfied=share(found.total.satisfied, found.total.ratings),
        handed_off=handed_off(days),
        waits=waits(days),
        tables=[(_("By agent"), _("Agent"), found.agents), (_("By tag"), _("Tag"), found.tags)],
        load=_shaded(found),
        hours=range(24),
        csvs=[
            (words, f"{reverse('console-desk-csv', args=[slug, name])}?first={first}&last={last}")
            for name, words in (("days", _("Days")), ("agents", _("Agents")), ("tags", _("Tags")),
                                ("hours", _("Hours")))
        ],
        **given,
    )  # fmt: skip


def share(count: int, whole: int) -> str:
    """As "80% (70–88%)"; empty where nothing was counted."""
    found = wilson(count, whole)
    if found is None:
        return ""
    return f"{100 * count / whole:.0f}% ({100 * found[0]:.0f}–{100 * found[1]:.0f}%)"


def _times(total: Figures) -> list[tuple[str, Spread]]:
    rows = (
        (_("Wait until an agent takes it"), total.wait),
        (_("From the request to the first reply"), total.reply),
        (_("Handling, from taking it until it ends"), total.handle),
    )
    return [(words, found) for words, found in rows if found is not None]


def _shaded(found: Report) -> list[tuple[str, list[Cell]]]:
    most = max((count for row in found.load for count in row), default=0)
    return [
        (str(WEEKDAYS_ABBR[number]), [Cell(one, -(-LEVELS * one // most) if most else 0)
                                      for one in row])
        for number, row in enumerate(found.load)
    ]  # fmt: skip


@require_safe
@for_roles(DIAL_READERS)
def export(request: HttpRequest, member: Member, table: str) -> HttpResponse:
    """One table as CSV: days, agents, tags or hours."""
    form = DaysForm(with_days(request.GET))
    if not form.is_valid():
        given: dict[str, Any] = {"form": form, "spans": spans()}
        return page(request, member, "desk_report.html", status=400, **given)
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    found = report(member.workspace_id, first, last)
    name = f"desk-{table}-{first}-{last}.csv"
    tables = {"days": found.days, "agents": found.agents, "tags": found.tags}
    if table == "hours":
        rows = [(day + 1, *counts) for day, counts in enumerate(found.load)]
        return csv_file(name, ("weekday", *(f"{hour:02}" for hour in range(24))), rows)
    if table not in tables:
        raise NotFound("no such table")
    return csv_file(name, HEAD, [_cells(row) for row in tables[table]])


def _cells(row: Row) -> Sequence[object]:
    one = row.figures
    times = [
        round(part.value, 1) if part else ""
        for spread in (one.wait, one.reply, one.handle)
        for part in ((spread.median, spread.p90) if spread else (None, None))
    ]
    return (row.key, row.label, one.handoffs, *times, one.ended, one.resolved, one.ratings,
            one.satisfied)  # fmt: skip
