"""`manage.py statement --workspace SLUG --month YYYY-MM`: what answers cost, and what was saved."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Workspace
from console import savings_rows
from console.csvs import csv_text
from learning.statement import Figures, Statement, statement

HEAD = ("", "answers", "cost", "large model", "saved")


class Command(BaseCommand):
    help = "Print a month's savings in US dollars, by tier and topic; as CSV too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--month", required=True, metavar="YYYY-MM")
        parser.add_argument("--csv", metavar="FILE", help="write topics and tiers to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError("There is no such workspace")
        found = statement(workspace.id, _month(options["month"]))
        for line in _lines(workspace.slug, found):
            self.stdout.write(line)
        if options["csv"]:
            text = csv_text(savings_rows.COLUMNS, savings_rows.rows(found))
            try:
                Path(options["csv"]).write_text(text, encoding="utf-8", newline="")
            except OSError as error:
                raise CommandError(f"{options['csv']}: {error.strerror}") from error


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise CommandError("A month is written YYYY-MM") from None


def _lines(slug: str, found: Statement) -> Iterable[str]:
    total = found.total
    yield f"{slug}, {found.month:%Y-%m} (UTC), US dollars"
    yield _row(HEAD)
    for row in found.tiers:
        yield _row((f"tier {row.tier}", *_cells(row.figures)))
    for row in found.topics:
        yield _row((row.topic or "(no tag)", *_cells(row.figures)))
    yield _row(("all", *_cells(total)))
    if total.escalated_share is not None:
        yield f"escalated: {total.escalated} of {total.questions} ({total.escalated_share:.0%})"
    money = "" if total.agent_usd is None else f", {total.agent_usd:.2f}"
    yield f"people's minutes: {total.agent_minutes:.0f}{money}"
    for name, count in found.priced_by:
        yield f"priced by {name}: {count}"


def _cells(one: Figures) -> tuple[str, ...]:
    money = (one.cost_usd, one.counterfactual_usd, one.saved_usd)
    return str(one.answers), *(f"{value:.4f}" for value in money)


def _row(cells: Iterable[str]) -> str:
    first, *others = cells
    return f"{first:<24}" + "".join(f"{cell:>14}" for cell in others)
