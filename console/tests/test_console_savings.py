"""The savings page, its CSV and its command; and the banner while a budget runs out."""

import csv
import io
import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.ids import uuid7
from accounts.models import AuditEntry, Role, WorkspaceSettings
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import erasing
from chatbot.models import LedgerEntry, SpentDay
from console.savings_plot import bins, money
from console.savings_rows import COLUMNS
from console.tests.pages import BASE, log_in, member
from learning.statement import statement
from learning.tests.ledger_lines import month
from tests.cast import Cast

SAVINGS, SETTINGS = f"{BASE}savings/", f"{BASE}settings/"
JANUARY = {"month": "2026-01"}
EVIL = "=cmd|' /C calc'!A0"


@pytest.fixture
def shop(cast: Cast) -> Cast:
    month(cast.workspace, cast.conversation_id, topic=EVIL)
    month(cast.other.workspace, uuid7(), topic="theirs")
    return cast


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_an_analyst_reads_a_month(client: Client, shop: Cast) -> None:
    page = log_in(client, member(shop, Role.ANALYST)).get(SAVINGS, JANUARY)
    assert page.status_code == 200
    assert "$0.02" in page.text and "25%" in page.text and "5 min" in page.text
    assert "reference/gpt (2 answers)" in page.text and "escalated: 1 of 4 questions" in page.text
    assert page.text.count('<svg class="plot"') == 2 and page.text.count("<rect") == 4
    assert "theirs" not in page.text and "This month is not over" not in page.text
    assert "style=" not in page.text.replace("stylesheet", "")


def test_every_row_leads_to_as_many_answers(client: Client, shop: Cast) -> None:
    log_in(client, shop.alice)
    page = client.get(SAVINGS, JANUARY).text
    found = re.findall(r'href="([^"]+/answers/\?[^"]+)">[^<]*</a></th>\s*<td>(\d+)', page)
    assert len(found) == 6
    for path, count in found:
        assert client.get(unescape(path)).text.count('<td class="detail">') == int(count)


def test_an_answer_leads_to_its_conversation_until_it_is_erased(client: Client, shop: Cast) -> None:
    page = log_in(client, shop.alice).get(f"{SAVINGS}answers/", JANUARY | {"tier": "1"}).text
    assert f"conversations/{shop.conversation_id}/" in page
    with workspace_scope(shop.workspace.id):
        erasing.erase([shop.conversation_id])
    page = client.get(f"{SAVINGS}answers/", JANUARY | {"tier": "1"}).text
    assert str(shop.conversation_id) not in page and "(erased)" in page


def test_a_spreadsheet_computes_nothing_of_the_csv(client: Client, shop: Cast) -> None:
    answer = log_in(client, shop.alice).get(f"{BASE}savings.csv", JANUARY)
    assert answer["Content-Disposition"] == 'attachment; filename="savings-2026-01.csv"'
    head, *rows = table(answer.text)
    assert head == list(COLUMNS) and len(rows) == 5
    assert {row[1] for row in rows} == {"", f"'{EVIL}"}
    total = statement(shop.workspace.id, date(2026, 1, 1)).total
    assert sum(float(row[13]) for row in rows) == pytest.approx(total.saved_usd, abs=1e-5)


@pytest.mark.parametrize("path", ["savings/", "savings.csv", "savings/answers/"])
@pytest.mark.parametrize("given", ["2026", "2026-13", "x", "0001-01", "2026-01-01"])
def test_what_is_no_month_is_refused(client: Client, cast: Cast, path: str, given: str) -> None:
    answer = log_in(client, cast.alice).get(f"{BASE}{path}", {"month": given})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "given",
    [
        {"tier": "9"},
        {"before": "x,y"},
        {"before": "2026-01-01,1"},
        {"before": f"2026-01-01T00:00:00,{uuid7()}"},  # of which time zone?
    ],
)
def test_a_bad_filter_is_refused(client: Client, cast: Cast, given: dict[str, str]) -> None:
    answer = log_in(client, cast.alice).get(f"{SAVINGS}answers/", JANUARY | given)
    assert answer.status_code == 400 and 'role="alert"' in answer.text


def test_an_empty_month_says_so_and_is_the_running_one_at_first(client: Client, cast: Cast) -> None:
    page = log_in(client, cast.alice).get(SAVINGS)
    assert f'value="{timezone.now():%Y-%m}"' in page.text
    assert "Nothing was counted in this month." in page.text and 'rel="next"' not in page.text
    assert 'rel="next"' in client.get(SAVINGS, JANUARY).text


@pytest.mark.parametrize("role", [Role.EDITOR, Role.AGENT])
def test_lesser_roles_are_refused(client: Client, shop: Cast, role: Role) -> None:
    log_in(client, member(shop, role))
    for path in ("savings/", "savings.csv", "savings/answers/"):
        assert client.get(f"{BASE}{path}", JANUARY).status_code == 403


def test_a_stranger_finds_nothing(client: Client, shop: Cast) -> None:
    log_in(client, shop.charlie)
    for path in ("savings/", "savings.csv", "savings/answers/"):
        assert client.get(f"{BASE}{path}", JANUARY).status_code == 404


def test_the_command_prints_and_writes_the_same(
    shop: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "january.csv"
    call_command("statement", workspace="acme", month="2026-01", csv=str(path))
    said = capsys.readouterr().out
    assert "escalated: 1 of 4 (25%)" in said and "priced by reference/gpt: 2" in said
    assert "people's minutes: 5, 2.50" in said and "theirs" not in said
    rows = table(path.read_text(encoding="utf-8"))
    assert len(rows) == 6 and rows[0] == list(COLUMNS)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"workspace": "nobody"}, "no such workspace"),
        ({"month": "January"}, "YYYY-MM"),
        ({"csv": "/nowhere/at/all.csv"}, "/nowhere"),
    ],
)
def test_the_command_says_what_is_wrong(shop: Cast, given: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("statement", **({"workspace": "acme", "month": "2026-01"} | given))


def test_plots_add_up_day_by_day(shop: Cast) -> None:
    found = statement(shop.workspace.id, date(2026, 1, 1))
    drawn = money(found.days, found.month)
    assert len(drawn.spent.split()) == len(drawn.instead.split()) == 31
    assert drawn.instead.endswith(",12.0")  # the most of the month is at the top
    heights = [point.split(",")[1] for point in drawn.spent.split()]
    assert heights[0] != heights[14] == heights[-1]  # what was spent once stays spent
    counted = bins(found.days, found.month)
    assert counted[14].counts["conversations"] == 5 and counted[13].counts["conversations"] == 0


def spend(cast: Cast, usd: float) -> None:
    with workspace_scope(cast.workspace.id):
        SpentDay.objects.update_or_create(
            workspace=cast.workspace, day=timezone.now().date(), defaults={"cost_usd": usd}
        )


def test_administrators_read_that_a_budget_runs_out(client: Client, cast: Cast) -> None:
    change_settings(cast.workspace.id, actor=cast.alice, budget_usd_per_day=2.0)
    log_in(client, cast.alice)
    spend(cast, 1.5)
    assert "budget for large models" not in client.get(SAVINGS).text
    spend(cast, 1.7)
    page = client.get(SAVINGS).text
    assert "85% of today's budget" in unescape(page) and "$1.70 of $2.00" in page
    spend(cast, 2.0)
    assert "used up: people answer instead" in client.get(SAVINGS).text
    analyst = log_in(Client(), member(cast, Role.ANALYST))
    assert "used up" not in analyst.get(SAVINGS).text


def test_budgets_are_set_and_logged(client: Client, cast: Cast) -> None:
    given = {
        "budget_usd_per_day": "3", "budget_usd_per_month": "40", "budget_usd_per_visitor": "0.5",
        "budget_usd_per_conversation": "0.25", "budget_warning_percent": "70",
        "weigh_people": "on", "agent_usd_per_hour": "24",
    }  # fmt: skip
    log_in(client, cast.alice)
    for _ in range(2):
        assert client.post(SETTINGS, given).status_code == 302
    with workspace_scope(cast.workspace.id):
        row = WorkspaceSettings.objects.get()
        entry = AuditEntry.objects.get(action="settings.changed")
    assert (row.budget_usd_per_month, row.budget_usd_per_visitor) == (40.0, 0.5)
    assert (row.budget_usd_per_conversation, row.budget_warning_share) == (0.25, 0.7)
    assert (row.weigh_people, row.agent_usd_per_hour) == (True, 24.0)
    assert entry.detail["after"]["budget_usd_per_month"] == 40.0
    page = client.get(SETTINGS).text
    assert 'value="70.0"' in page or 'value="70"' in page
    client.post(SETTINGS, {})
    with workspace_scope(cast.workspace.id):
        row = WorkspaceSettings.objects.get()
    assert (row.budget_usd_per_month, row.budget_warning_share, row.weigh_people) == (
        None, 0.8, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {"budget_usd_per_month": "-1"}, {"budget_usd_per_visitor": "nan"},
        {"budget_usd_per_conversation": "much"}, {"budget_warning_percent": "0"},
        {"budget_warning_percent": "101"}, {"agent_usd_per_hour": "inf"},
    ],
)  # fmt: skip
def test_bad_budgets_are_refused(client: Client, cast: Cast, given: dict[str, str]) -> None:
    answer = log_in(client, cast.alice).post(SETTINGS, given)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    with workspace_scope(cast.workspace.id):
        assert not AuditEntry.objects.filter(action="settings.changed").exists()
        assert not LedgerEntry.objects.exists()
