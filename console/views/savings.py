"""Savings: the monthly statement, the same as CSV, and the answers behind each of its figures."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import ADMINS
from accounts.models import Member
from console import savings_rows
from console.csvs import csv_file
from console.gate import DIAL_READERS, for_roles, page
from console.plots import volumes
from console.savings_forms import AnswersForm, MonthForm, written
from console.savings_plot import bins, money
from learning import statement
from learning.statement import Row


@require_safe
@for_roles(DIAL_READERS)
def show(request: HttpRequest, member: Member) -> HttpResponse:
    form = MonthForm(_with_month(request.GET))
    if not form.is_valid():
        return page(request, member, "savings.html", status=400, form=form)
    month = form.cleaned_data["month"]
    found = statement.statement(member.workspace_id, month)
    return page(
        request,
        member,
        "savings.html",
        form=form,
        found=found,
        query=urlencode({"month": written(month)}),
        months=_months(month),
        is_open=statement.next_month(month) > timezone.now().date(),
        tiers=[(row, tier_words(row.tier), _query(month, row)) for row in found.tiers],
        topics=[(row, _query(month, row)) for row in found.topics],
        money=money(found.days, month),
        volumes=volumes(bins(found.days, month)),
        may_set=member.role in ADMINS,
    )


@require_safe
@for_roles(DIAL_READERS)
def export(request: HttpRequest, member: Member) -> HttpResponse:
    """By topic and tier."""
    form = MonthForm(_with_month(request.GET))
    if not form.is_valid():
        return page(request, member, "savings.html", status=400, form=form)
    found = statement.statement(member.workspace_id, form.cleaned_data["month"])
    name = f"savings-{found.month:%Y-%m}.csv"
    return csv_file(name, savings_rows.COLUMNS, savings_rows.rows(found))


@require_safe
@for_roles(DIAL_READERS)
def answers(request: HttpRequest, member: Member) -> HttpResponse:
    """Newest first, each with its cost and a link to its conversation."""
    form = AnswersForm(_with_month(request.GET))
    if not form.is_valid():
        given: dict[str, Any] = {"section": "savings", "form": form}
        return page(request, member, "savings_answers.html", status=400, **given)
    month, only = form.cleaned_data["month"], form.only()
    before = form.cleaned_data["before"]
    found = statement.page(member.workspace_id, month, only, before=before)
    query = form.query()
    return page(
        request,
        member,
        "savings_answers.html",
        form=form,
        found=found,
        most=statement.MOST_COUNTED,
        rows=[(one, tier_words(one.entry.tier)) for one in found.found],
        month=month,
        topic=only.topic,
        tier=None if only.tier is None else tier_words(only.tier),
        back=urlencode({"month": written(month)}),
        query=query,
        is_first=before is None,
        older=f"{query}&{urlencode({'before': _place(found.before)})}" if found.before else "",
    )


def tier_words(tier: int | None) -> str:
    words = {
        0: _("recognised, not searched: tier 0"),
        1: _("by the compact model: tier 1"),
        2: _("by the large model: tier 2"),
        3: _("by people: tier 3"),
    }
    return "" if tier is None else words.get(tier, str(tier))


def _with_month(given: Any) -> Any:
    """The query with the running month where it names none."""
    found = given.copy()
    found.setdefault("month", written(timezone.now().date()))
    return found


def _months(month: date) -> tuple[str, str]:
    """The queries of the month before and after; the latter is empty in the running month."""
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    after = statement.next_month(month)
    ahead = after > timezone.now().date()
    return (
        urlencode({"month": written(before)}),
        "" if ahead else urlencode({"month": written(after)}),
    )


def _query(month: date, row: Row) -> str:
    given = {"month": written(month)}
    if row.tier is not None:
        given["tier"] = str(row.tier)
    if row.topic is not None:
        given |= {"topic": row.topic} if row.topic else {"untagged": "1"}
    return urlencode(given)


def _place(before: tuple[datetime, UUID]) -> str:
    at, row_id = before
    return f"{at.isoformat()},{row_id}"
