"""Figures and the conversations behind them are the same; money and intervals by hand."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot.models import ErasedDay
from learning import outcomes
from learning.intervals import wilson
from learning.outcome_cost import cost_of
from learning.outcomes import ANY, Only, Report, Span
from learning.tests.outcomes import (
    answered,
    by_large_model,
    replied,
    resolve_and_return,
    review,
    shift,
    verdict,
)
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")


def span(days: int = 1, language: str = "") -> Span:
    today = timezone.now().date()
    return Span(today - timedelta(days=days - 1), today, language)


@pytest.fixture
def week(cast: Cast) -> Cast:
    """Two answered (one confirmed, one called wrong), one by people, one by the large model."""
    verdict(cast, answered(cast), "helped")
    second = answered(cast)
    verdict(cast, second, "wrong")
    resolve_and_return(cast, second, cast.bob)
    replied(cast)
    shift(cast, by_large_model(cast, "Does it float?", cost_usd=0.03), timedelta(days=2))
    review(cast)
    return cast


def report(cast: Cast, wanted: Span) -> Report:
    return outcomes.report(cast.workspace.id, wanted)


def test_figures_say_who_answered_and_what_was_said_of_it(week: Cast) -> None:
    total = report(week, span(7)).total
    assert (total.conversations, total.tier1, total.tier2, total.people) == (4, 2, 1, 1)
    assert (total.bot, total.confirmed, total.wrong, total.unsaid) == (3, 1, 1, 1)
    assert (total.reopened, total.escalated, total.handed_off) == (1, 1, 2)
    assert total.cost_usd == pytest.approx(0.03)


def test_what_was_erased_is_told_and_not_mixed_with_what_is_kept(week: Cast) -> None:
    assert report(week, span(7)).erased is None
    today = timezone.now().date()
    with workspace_scope(week.workspace.id):
        for day in (today, today - timedelta(days=1), today - timedelta(days=30)):
            ErasedDay.objects.create(
                workspace=week.workspace, day=day, conversations=2, messages=9, cost_usd=0.5
            )
    found = report(week, span(7))
    assert found.erased is not None and found.total.conversations == 4
    assert (found.erased.conversations, found.erased.messages) == (4, 18)
    assert found.erased.cost_usd == pytest.approx(1.0) and found.erased.is_whole
    in_english = report(week, span(7, language="en")).erased
    assert in_english is not None and not in_english.is_whole


def test_each_figure_leads_to_its_conversations(week: Cast) -> None:
    total = report(week, span(7)).total
    for only, count in (
        (Only(), total.conversations), (Only(tier="1"), total.tier1), (Only(tier="3"), 1),
        (Only(tier="bot", said="confirmed"), total.confirmed), (Only(tier="bot", said="wrong"), 1),
        (Only(tier="bot", said="nothing"), total.unsaid), (Only(reopened=True), 1),
        (Only(escalated=ANY), 1), (Only(escalated="low_confidence"), 1),
        (Only(handed_off="no_provider"), 1), (Only(handed_off="take_over"), 1),
        (Only(tier="nobody"), 0), (Only(tier="0"), 0),
    ):  # fmt: skip
        found = outcomes.page(week.workspace.id, span(7), only)
        assert (len(found.found), found.count) == (count, count), only


def test_tables_and_filters_agree(week: Cast) -> None:
    found = report(week, span(7))
    assert [row.figures.conversations for row in found.days] == [1, 3]
    assert [(row.key, row.figures.conversations) for row in found.languages] == [("en", 4)]
    assert sum(row.figures.conversations for row in found.articles) == 4
    assert found.escalated == (("low_confidence", 1),)
    assert dict(found.handed_off) == {"no_provider": 1, "take_over": 1}
    assert found.times.every and found.times.bot and found.times.people
    assert report(week, span(1)).total.conversations == 3
    assert report(week, span(7, language="ru")).total.conversations == 0


def test_another_workspace_counts_its_own(week: Cast) -> None:
    other = week.other.workspace.id
    assert outcomes.report(other, span(7)).total.conversations == 0
    assert outcomes.page(other, span(7), Only()).found == ()


def test_pages_go_on_where_the_last_one_ended(week: Cast) -> None:
    seen, before = [], None
    while True:
        found = outcomes.page(week.workspace.id, span(7), Only(), before=before, size=2)
        seen += [one.row.id for one in found.found]
        before = found.before
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 4


def test_the_list_says_what_was_asked_first(week: Cast) -> None:
    found = outcomes.page(week.workspace.id, span(7), Only(tier="2"))
    assert [one.question for one in found.found] == ["Does it float?"]


def test_everything_by_a_large_model_costs_the_mean_of_its_answers(week: Cast) -> None:
    total = report(week, span(7)).total
    cost = cost_of(week.workspace.id, total)
    assert (cost.basis, cost.answers) == ("answers", 1)
    assert cost.each == pytest.approx(0.03)
    assert cost.everything == pytest.approx(0.03 * total.questions)


def test_without_its_answers_the_configured_price_counts_and_without_a_price_nothing(
    week: Cast,
) -> None:
    total = report(week, span(1)).total
    unknown = cost_of(week.workspace.id, total)
    assert (unknown.basis, unknown.each, unknown.everything) == ("unknown", None, None)
    prices = {"LLM_PRICE_INPUT_PER_MTOK": 1.0, "LLM_PRICE_OUTPUT_PER_MTOK": 10.0}
    with override_settings(LLM_MODEL="large", **prices):
        priced = cost_of(week.workspace.id, total)
    assert priced.basis == "price" and priced.each is not None
    # A prompt of our instructions and one short passage: between 300 and 1,000 tokens.
    assert 300e-6 < priced.each < 1_300e-6


def test_wilsons_interval_is_that_of_the_books() -> None:
    low, high = wilson(15, 50) or (0, 0)
    assert (round(low, 4), round(high, 4)) == (0.191, 0.4375)  # Newcombe 1998 gives 0.191–0.438
    assert wilson(0, 0) is None
    low, high = wilson(0, 10) or (1, 0)
    assert low == 0 and high == pytest.approx(0.2775, abs=1e-4)
