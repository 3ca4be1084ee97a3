"""The lead's report: the figures agree with what happened, and only leads see it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.inbox import tags
from chatbot.models import Handoff
from chatbot.tests.test_inbox import to_people, visit
from learning.desk_report import report
from learning.intervals import quantile, spread
from tests.cast import Cast, make_member

PAGE = "/console/acme/desk-report/"
MONDAY = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
FILL = """
INSERT INTO chatbot_handoff (id, workspace_id, conversation_id, reason, requested_at, claimed_by_id,
    claimed_at, replied_at, ended_at, outcome)
SELECT gen_random_uuid(), %(workspace)s, %(conversation)s, 'low_confidence', at, %(member)s,
    at + interval '1 minute', at + interval '2 minutes', at + interval '9 minutes', 'resolve'
FROM (SELECT now() - n * interval '20 s' AS at FROM generate_series(1, 100000) n) made
"""


def shift(cast: Cast, name: str, *, wait_s: int, reply_s: int, at: datetime = MONDAY) -> None:
    """A conversation that waited so long for Bob, who replied and resolved it ten minutes on."""
    one = to_people(cast, visit(cast, name))
    handoff.claim(cast.bob, one)
    handoff.reply(cast.bob, one, client_id="r", text="Good day")
    handoff.resolve(cast.bob, one)
    tags.add(cast.bob, one, "Billing")
    with workspace_scope(cast.workspace.id):
        Handoff.objects.filter(conversation_id=one).update(
            requested_at=at,
            claimed_at=at + timedelta(seconds=wait_s),
            replied_at=at + timedelta(seconds=reply_s),
            ended_at=at + timedelta(seconds=wait_s + 600),
        )


def test_figures_agree_with_what_happened(client: Client, cast: Cast) -> None:
    for number, wait in enumerate((30, 60, 90)):
        shift(cast, str(number), wait_s=wait, reply_s=wait + 30)
    shift(cast, "next day", wait_s=600, reply_s=700, at=MONDAY + timedelta(days=1))
    handoff.take_over(cast.alice, visit(cast, "nobody waited"))
    with workspace_scope(cast.workspace.id):
        Handoff.objects.filter(claimed_by=cast.alice).update(requested_at=MONDAY)

    found = report(cast.workspace.id, MONDAY.date(), MONDAY.date() + timedelta(days=1))

    assert found.total.handoffs == 5
    assert found.total.wait and found.total.wait.count == 4
    assert found.days[0].figures.wait and found.days[0].figures.wait.median.value == 60
    assert found.total.handle and found.total.handle.median.value == 600
    assert (found.total.resolved, found.total.ended) == (4, 4)
    assert [(row.label, row.figures.handoffs) for row in found.agents] == [("Bob", 4), ("Alice", 1)]
    assert [(row.label, row.figures.handoffs) for row in found.tags] == [("Billing", 4)]
    assert (found.load[0][9], found.load[1][9], sum(map(sum, found.load))) == (4, 1, 5)

    client.force_login(cast.alice.user)
    days = {"first": "2026-11-16", "last": "2026-11-17"}
    page = client.get(PAGE, days)
    assert page.status_code == 200
    for words in ("5 times a conversation came to people", "Bob", "Billing", "100% (51–100%)"):
        assert words in page.text
    for table, part in (("agents", "Bob,4,90"), ("tags", "Billing,4"), ("days", "2026-11-16,4"),
                        ("hours", "1,0,0")):  # fmt: skip
        assert part in client.get(f"{PAGE}export/{table}.csv", days).text
    assert client.get(f"{PAGE}export/visitors.csv", days).status_code == 404


def test_an_empty_span_and_a_wrong_one_are_said(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice.user)

    assert "No conversation came to people" in client.get(PAGE).text
    wrong = client.get(PAGE, {"first": "2026-11-17", "last": "2026-11-16"})
    assert wrong.status_code == 400 and "The last day is before the first." in wrong.text
    assert client.get(f"{PAGE}export/days.csv", {"first": "x"}).status_code == 400


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}export/agents.csv"])
def test_the_report_is_for_leads_alone(path: str, client: Client, cast: Cast) -> None:
    assert client.get(path).status_code == 302
    for who, status in (
        (cast.charlie, 404),
        (cast.bob, 403),
        (make_member(cast.acme, "erin", role=Role.EDITOR), 403),
        (make_member(cast.acme, "anna", role=Role.ANALYST), 200),
    ):
        client.force_login(who.user)
        assert client.get(path).status_code == status


def test_a_report_counts_100_000_handoffs(cast: Cast) -> None:
    one = visit(cast, "one")
    with workspace_scope(cast.workspace.id), connection.cursor() as cursor:
        given = {"workspace": cast.workspace.id, "conversation": one, "member": cast.bob.id}
        cursor.execute(FILL, given)
    today = timezone.now().date()

    found = report(cast.workspace.id, today - timedelta(days=27), today)

    assert found.total.handoffs == 100_000


def test_intervals_of_quantiles_by_hand() -> None:
    values = [float(number) for number in range(1, 101)]

    median = quantile(values, 0.5)  # ranks 50 ± 1.96 · √(100 · ¼) = 50 ± 9.8

    assert (median.value, median.low, median.high) == (51.0, 41.0, 61.0)
    few = spread([3.0, 1.0])
    assert few and (few.p90.value, few.p90.low, few.p90.high) == (3.0, 1.0, 3.0)
    assert spread([]) is None
