"""Outcomes: what became of the conversations of a span of days, and the same as CSV."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.errors import NotFound
from accounts.models import Member
from chatbot import cached_answers
from chatbot.pages.desk_texts import reason_texts
from console.csvs import csv_file
from console.gate import DIAL_READERS, for_roles, page
from console.plots import binned, shares, volumes
from console.report_forms import SpanForm, spans, with_days
from learning import outcomes
from learning.gap_listing import topics
from learning.intervals import wilson
from learning.outcome_cost import cost_of
from learning.outcomes import Figures, Report, Row
from learning.review_jobs import ask_for_review
from learning.satisfaction import satisfaction


@dataclass(frozen=True)
class Figure:
    """`query` leads to its conversations; `share` is of `whole`, with its 95% interval."""

    words: str
    count: int
    query: str
    whole: int = 0

    @property
    def share(self) -> str:
        return f"{100 * self.count / self.whole:.0f}%" if self.whole else ""

    @property
    def interval(self) -> str:
        found = wilson(self.count, self.whole)
        return f"{100 * found[0]:.0f}–{100 * found[1]:.0f}%" if found else ""


@require_safe
@for_roles(DIAL_READERS)
def show(request: HttpRequest, member: Member) -> HttpResponse:
    """Figures, plots and tables; asks for what has changed meanwhile to be counted."""
    progress = ask_for_review(member.workspace_id)
    given: dict[str, Any] = {"progress": progress, "spans": spans()}
    form = SpanForm(with_days(request.GET))
    if not form.is_valid():
        return page(request, member, "outcomes.html", status=400, form=form, **given)
    found = outcomes.report(member.workspace_id, form.span())
    bins = binned(found.days, form.span())
    csat = satisfaction(member.workspace_id, form.span())
    return page(
        request,
        member,
        "outcomes.html",
        form=form,
        found=found,
        query=form.query(),
        topics=topics(member.workspace_id),
        languages=outcomes.languages_of(member.workspace_id, form.span(), found),
        article=_article(member, form.span().article_id),
        without_article=form.query(article=""),
        by_tier=_by_tier(found.total, form),
        by_verdict=_by_verdict(found.total, form),
        others=_others(found.total, form),
        times=_times(found),
        cost=cost_of(member.workspace_id, found.total),
        repeated=_repeated(member, form),
        csat=csat,
        csat_share=Figure("", csat.good, "", csat.ratings),
        volumes=volumes(bins),
        answered=shares(bins, "bot", "bot", "people", "nobody"),
        confirmed=shares(bins, "confirmed", "confirmed", "wrong"),
        escalated=_reasons(found.escalated, "escalated", form),
        handed_off=_reasons(found.handed_off, "handed_off", form),
        language_rows=[(row, form.query(language=row.key)) for row in found.languages],
        article_rows=[(row, form.query(article=row.key)) for row in found.articles],
        **given,
    )


def _repeated(member: Member, form: SpanForm) -> int:
    """Answers, not conversations: they are not known by language, article or topic."""
    span = form.span()
    if span != outcomes.Span(span.first, span.last):
        return 0
    return cached_answers.repeated(member.workspace_id, span.first, span.last)


def _article(member: Member, article_id: UUID | None) -> str:
    """The title of the one that is chosen, else its id; empty where none is."""
    if article_id is None:
        return ""
    return outcomes.title_of(member.workspace_id, article_id) or str(article_id)


def _by_tier(total: Figures, form: SpanForm) -> list[Figure]:
    rows = (
        (_("recognised, not searched: tier 0"), total.small_talk, "0"),
        (_("by the compact model: tier 1"), total.tier1, "1"),
        (_("by the large model: tier 2"), total.tier2, "2"),
        (_("by people: tier 3"), total.people, "3"),
        (_("by nobody yet"), total.nobody, "nobody"),
    )
    every = total.conversations
    return [Figure(words, count, form.query(tier=tier), every) for words, count, tier in rows]


def _by_verdict(total: Figures, form: SpanForm) -> list[Figure]:
    """Of what the bot answered alone: silence is shown as silence."""
    rows = (
        (_("confirmed by the visitor or an auditor"), total.confirmed, "confirmed"),
        (_("called wrong"), total.wrong, "wrong"),
        (_("nobody said"), total.unsaid, "nothing"),
    )
    return [
        Figure(words, count, form.query(tier="bot", said=said), total.bot)
        for words, count, said in rows
    ]


def _others(total: Figures, form: SpanForm) -> list[Figure]:
    every = total.conversations
    return [
        Figure(_("escalated"), total.escalated, form.query(escalated=outcomes.ANY), every),
        Figure(_("handed off"), total.handed_off, form.query(handed_off=outcomes.ANY), every),
        Figure(_("reopened"), total.reopened, form.query(reopened="1"), every),
    ]


def _times(found: Report) -> list[tuple[str, tuple[float, float]]]:
    rows = (
        (_("all conversations"), found.times.every),
        (_("answered by the bot"), found.times.bot),
        (_("answered by people"), found.times.people),
    )
    return [(words, pair) for words, pair in rows if pair is not None]


def _reasons(rows: Iterable[tuple[str, int]], field: str, form: SpanForm) -> list[Figure]:
    words = reason_texts()
    found = list(rows)
    whole = sum(count for _reason, count in found)
    return [
        Figure(words.get(reason, reason), count, form.query(**{field: reason}), whole)
        for reason, count in found
    ]


@require_safe
@for_roles(DIAL_READERS)
def export(request: HttpRequest, member: Member, table: str) -> HttpResponse:
    """One table as CSV: days, languages, articles or reasons."""
    form = SpanForm(with_days(request.GET))
    if not form.is_valid():
        return page(request, member, "outcomes.html", status=400, form=form)
    found = outcomes.report(member.workspace_id, form.span())
    tables: Mapping[str, tuple[Row, ...]] = {
        "days": found.days, "languages": found.languages, "articles": found.articles,
    }  # fmt: skip
    name = f"outcomes-{table}-{form.span().first}-{form.span().last}.csv"
    if table == "reasons":
        both = (("escalated", found.escalated), ("handed_off", found.handed_off))
        rows = [(kind, reason, count) for kind, reasons in both for reason, count in reasons]
        return csv_file(name, ("kind", "reason", "conversations"), rows)
    if table not in tables:
        raise NotFound("no such table")
    counted = tuple(Figures.__dataclass_fields__)
    return csv_file(
        name,
        (table.removesuffix("s"), "title", *counted)
        if table == "articles"
        else (table.removesuffix("s"), *counted),
        (_cells(row, counted, titled=table == "articles") for row in tables[table]),
    )


def _cells(row: Row, counted: tuple[str, ...], *, titled: bool) -> list[object]:
    title = [row.label] if titled else []
    return [row.key, *title, *(getattr(row.figures, name) for name in counted)]
