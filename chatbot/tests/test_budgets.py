"""Budgets by month, visitor and conversation: counted cheaply, held by two who ask at once."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot import erasing, events
from chatbot.escalation import budget
from chatbot.escalation.budget import allowance
from chatbot.models import Conversation, Escalation, SpentDay, Turn
from chatbot.tests.conftest import Visit, new_visit
from chatbot.tests.escalating import Escalated
from chatbot.tests.test_escalation_request import assert_refused, decide
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def spend(visit: Visit, usd: float, at: datetime | None = None) -> Escalation:
    """An escalation that did cost so much."""
    with workspace_scope(visit.workspace_id):
        conversation = Conversation.objects.get(id=visit.conversation_id)
        turn = Turn.objects.create(
            workspace_id=visit.workspace_id,
            conversation=conversation,
            number=1 + Turn.objects.filter(conversation=conversation).count(),
        )
        row = Escalation.objects.create(
            workspace_id=visit.workspace_id, turn=turn, turn_revision=1, reason="x", cost_usd=usd
        )
        if at:
            Escalation.objects.filter(id=row.id).update(requested_at=at)
    return row


def spent(workspace: Workspace) -> dict[str, float]:
    with workspace_scope(workspace.id):
        return {str(day): usd for day, usd in SpentDay.objects.values_list("day", "cost_usd")}


def left(visit: Visit, *, of_visit: bool = True) -> float:
    with workspace_scope(visit.workspace_id):
        conversation = Conversation.objects.get(id=visit.conversation_id)
        return allowance(visit.workspace_id, conversation if of_visit else None).left_usd


def clone(escalated: Escalated, visit: Visit) -> Escalated:
    return Escalated(visit, escalated.server, escalated.frames)


@pytest.mark.parametrize(
    "limit",
    ["budget_usd_per_month", "budget_usd_per_visitor", "budget_usd_per_conversation"],
)
def test_each_limit_stops_and_sends_to_people(
    escalated: Escalated, acme: Workspace, limit: str
) -> None:
    decide(acme, **{limit: 0.0001})
    assert_refused(escalated, "budget")


def test_a_month_is_one_of_the_calendar_in_utc(vera: Visit, acme: Workspace) -> None:
    now = timezone.now()
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    decide(acme, budget_usd_per_month=4.0)
    with override_settings(LLM_BUDGET_USD_PER_DAY=100.0):
        spend(vera, 1.0, first)
        assert left(vera) == pytest.approx(3.0)
        spend(vera, 2.0, first - timedelta(microseconds=1))
        assert left(vera) == pytest.approx(3.0)


def test_a_visitors_day_is_theirs_alone_and_ends_at_midnight(vera: Visit, acme: Workspace) -> None:
    decide(acme, budget_usd_per_visitor=1.0)
    spend(vera, 0.4)
    spend(vera, 0.5, timezone.now() - timedelta(days=1))
    spend(new_visit(acme.id), 0.9)
    assert left(vera) == pytest.approx(0.6)


def test_a_conversation_has_one_budget_for_all_its_days(vera: Visit, acme: Workspace) -> None:
    decide(acme, budget_usd_per_conversation=1.0)
    spend(vera, 0.4)
    spend(vera, 0.5, timezone.now() - timedelta(days=40))
    spend(new_visit(acme.id), 0.9)
    assert left(vera) == pytest.approx(0.1)
    assert left(vera, of_visit=False) > 1.0


def test_the_counter_follows_every_change_of_a_cost(vera: Visit, acme: Workspace) -> None:
    row, today = spend(vera, 0.4), str(timezone.now().date())
    yesterday = timezone.now() - timedelta(days=1)
    with workspace_scope(acme.id):
        rows = Escalation.objects.filter(id=row.id)
        rows.update(cost_usd=0.25, model="m")
        assert spent(acme) == {today: pytest.approx(0.25)}
        rows.update(model="n")
        rows.update(requested_at=yesterday)
    found = spent(acme)
    assert found[today] == pytest.approx(0.0)
    assert found[str(yesterday.date())] == pytest.approx(0.25)


def test_what_is_erased_was_spent_in_the_month_too(vera: Visit, acme: Workspace) -> None:
    decide(acme, budget_usd_per_month=3.0)
    spend(vera, 1.0)
    before = left(vera, of_visit=False)
    with workspace_scope(acme.id):
        erasing.erase([vera.conversation_id])
        assert not Escalation.objects.exists()
        assert allowance(acme.id).left_usd == before == pytest.approx(2.0)


def test_an_allowance_reads_no_escalation_of_the_workspace(vera: Visit, acme: Workspace) -> None:
    """However many there are: a day's and a month's costs are read from counters by an index."""
    decide(acme, budget_usd_per_month=100.0)
    for _ in range(20):
        spend(vera, 0.01)
    with workspace_scope(acme.id):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            allowance(acme.id)
        sums = [one["sql"] for one in asked if "chatbot_" in one["sql"]]
        assert len(asked) == 3 and len(sums) == 1 and "chatbot_escalation" not in sums[0]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sums[0]}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "spent_day_once" in plan and "Seq Scan" not in plan


def test_an_allowance_is_read_by_one_at_a_time(acme: Workspace) -> None:
    def looks() -> None:
        with workspace_scope(acme.id):
            rows = Workspace.objects.select_for_update(no_key=True, skip_locked=True)
            free.append(rows.filter(id=acme.id).first() is not None)

    free: list[bool] = []
    with workspace_scope(acme.id):
        allowance(acme.id)
        together(looks)
    together(looks)
    assert free == [False, True]


def test_two_who_ask_at_once_never_spend_more_than_there_is(
    escalated: Escalated, acme: Workspace
) -> None:
    assert escalated.asks() is None
    most = escalated.escalation().cost_usd
    others = [clone(escalated, new_visit(acme.id)) for _ in range(3)]
    decide(acme, budget_usd_per_month=most * 2.5)  # for one more
    ended = together(*(one.asks for one in others))
    assert sorted(ended, key=str) == [None, "budget", "budget"]
    assert sum(spent(acme).values()) == pytest.approx(2 * most)


def test_two_questions_of_a_visitor_at_once_share_one_budget(
    escalated: Escalated, acme: Workspace
) -> None:
    assert escalated.asks() is None
    most = escalated.escalation().cost_usd
    with workspace_scope(acme.id):
        contact = escalated.visit.contact_id
        rows = [
            Conversation.objects.create(workspace=acme, channel="api", contact_id=contact)
            for _ in range(2)
        ]
    decide(acme, budget_usd_per_visitor=most * 2.5)
    others = [clone(escalated, Visit(acme.id, row.id, contact)) for row in rows]
    ended = together(*(one.asks for one in others))
    assert sorted(ended, key=str) == [None, "budget"]


def test_another_workspaces_spending_counts_for_nothing(
    vera: Visit, acme: Workspace, other: Workspace
) -> None:
    decide(acme, budget_usd_per_month=1.0)
    spend(new_visit(other.id), 5.0)
    assert left(vera) == pytest.approx(1.0)
    assert len(spent(acme)) == 0 and len(spent(other)) == 1


def test_the_limit_that_leaves_least_is_named_first(vera: Visit, acme: Workspace) -> None:
    decide(acme, budget_usd_per_month=2.0, budget_usd_per_conversation=0.5)
    spend(vera, 0.4)
    with workspace_scope(acme.id):
        found = allowance(acme.id, events.lock(vera.conversation_id))
    names = [one.of for one in found.spent]
    assert names == [budget.CONVERSATION, "month", "day"]
    assert found.share == pytest.approx(0.2)
