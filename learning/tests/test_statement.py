"""A month's statement: sums of the ledger, of one workspace, as they were written."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.scope import workspace_scope
from chatbot import erasing
from chatbot.models import Kind, LedgerEntry, Turn
from chatbot.sessions import start_session
from knowledge.models import Tag
from learning import statement
from learning.statement import Only, next_month
from learning.tests.auditing import say
from learning.tests.ledger_lines import JANUARY, line, month
from tests.cast import Cast

FIRST = date(2026, 1, 1)


def test_a_month_worked_by_hand(cast: Cast) -> None:
    month(cast.workspace)
    found = statement.statement(cast.workspace.id, FIRST)
    total = found.total
    assert (total.answers, total.questions, total.escalated) == (5, 4, 1)
    assert total.cost_usd == pytest.approx(0.0001 + 4 * 0.001 + 0.005)
    assert total.counterfactual_usd == pytest.approx(0.025)
    assert total.saved_usd == pytest.approx(0.025 - 0.0091)
    assert total.escalated_share == 0.25
    assert (total.agent_minutes, total.agent_usd) == (5.0, 2.5)
    assert found.priced_by == (("reference/gpt", 2), ("openai/gpt", 1))
    tiers = {row.tier: row.figures for row in found.tiers}
    assert [tiers[tier].answers for tier in (0, 1, 2, 3)] == [1, 2, 1, 1]
    assert tiers[2].saved_usd == pytest.approx(0.0)
    topics = {row.topic: row.figures for row in found.topics}
    assert topics[""].answers == 2 and topics["=1+1"].answers == 3


def test_cells_and_days_add_up_to_the_month(cast: Cast) -> None:
    month(cast.workspace)
    line(cast.workspace, Kind.COMPACT, 1, created_at=JANUARY + timedelta(days=3), cpu_usd=0.5)
    found = statement.statement(cast.workspace.id, FIRST)
    for rows in (found.tiers, found.topics, found.cells, found.days):
        assert sum(row.figures.answers for row in rows) == found.total.answers
        assert sum(row.figures.saved_usd for row in rows) == pytest.approx(found.total.saved_usd)
    assert {row.day for row in found.days} == {date(2026, 1, 15), date(2026, 1, 18)}


def test_a_month_is_one_of_utc_with_its_first_moment_and_without_the_next_ones(cast: Cast) -> None:
    ends = datetime(2026, 2, 1, tzinfo=UTC)
    for at in (datetime(2026, 1, 1, tzinfo=UTC), ends - timedelta(microseconds=1), ends):
        line(cast.workspace, Kind.COMPACT, 1, created_at=at)
    counts = [statement.statement(cast.workspace.id, one).total.answers
              for one in (date(2025, 12, 1), FIRST, date(2026, 2, 1))]  # fmt: skip
    assert counts == [0, 2, 1]
    assert next_month(date(2025, 12, 1)) == FIRST and next_month(FIRST) == date(2026, 2, 1)


def test_a_month_without_lines_is_empty(cast: Cast) -> None:
    found = statement.statement(cast.workspace.id, FIRST)
    assert (found.total.answers, found.total.escalated_share, found.first) == (0, None, None)
    assert (found.total.agent_usd, found.tiers, found.priced_by) == (None, (), ())


def test_no_line_of_another_workspace_is_counted(cast: Cast) -> None:
    month(cast.other.workspace)
    assert statement.statement(cast.workspace.id, FIRST).total.answers == 0
    assert statement.page(cast.workspace.id, FIRST, Only()).count == 0


@pytest.mark.usefixtures("weighing")
def test_prices_and_tags_of_later_and_erasing_change_no_month(cast: Cast) -> None:
    month(cast.workspace, cast.conversation_id)
    before = statement.statement(cast.workspace.id, FIRST)
    with workspace_scope(cast.workspace.id):
        Tag.objects.create(workspace=cast.workspace, name="later")
        erasing.erase([cast.conversation_id])
        assert not LedgerEntry.objects.filter(conversation_id=cast.conversation_id).exists()
    assert statement.statement(cast.workspace.id, FIRST) == before


@pytest.mark.usefixtures("weighing")
def test_an_answer_leads_to_its_question(cast: Cast) -> None:
    say(cast, cast.vera, "May I return an anvil?")
    today = datetime.now(UTC).date().replace(day=1)
    found = statement.page(cast.workspace.id, today, Only(tier=1))
    assert [one.question for one in found.found] == ["May I return an anvil?"]
    assert found.found[0].entry.conversation_id == cast.conversation_id
    with workspace_scope(cast.workspace.id):
        assert found.found[0].entry.turn_id == Turn.objects.get().id
        assert found.found[0].entry.cpu_s >= 0 and found.found[0].entry.counterfactual_usd


@pytest.mark.parametrize(
    ("only", "count"),
    [(Only(), 5), (Only(tier=1), 2), (Only(topic=""), 2), (Only("=1+1", 2), 1), (Only("x"), 0)],
)
def test_the_list_behind_a_figure_has_as_many_lines(cast: Cast, only: Only, count: int) -> None:
    month(cast.workspace)
    found = statement.page(cast.workspace.id, FIRST, only)
    assert found.count == len(found.found) == count and found.before is None


def test_pages_follow_one_another_without_gap(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "PER_PAGE", 2)
    month(cast.workspace)
    seen, before = [], None
    for _ in range(3):
        found = statement.page(cast.workspace.id, FIRST, Only(), before=before)
        seen += [one.entry.id for one in found.found]
        before = found.before
    assert len(set(seen)) == 5 and before is None


@pytest.mark.usefixtures("weighing")
def test_an_unsure_question_is_counted_and_not_as_answered(cast: Cast) -> None:
    visitor = start_session(cast.workspace.id, cast.acme.widget_key, token=None, language="en")
    say(cast, visitor, "And a giraffe?")
    today = datetime.now(UTC).date().replace(day=1)
    total = statement.statement(cast.workspace.id, today).total
    assert (total.answers, total.questions, total.escalated) == (0, 1, 0)
