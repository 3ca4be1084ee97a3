"""What a conversation's day counts as: who answered, what was said of it, when and at what cost."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot.models import Conversation
from learning import audits
from learning.conversation_days import days_of
from learning.conversation_facts import facts_of
from learning.models import ConversationDay, ReviewProgress
from learning.reviewing import OVERLAP
from learning.tests.auditing import drawn, new_visitor, say, set_share
from learning.tests.outcomes import (
    ANSWERED,
    answered,
    by_large_model,
    days,
    replied,
    resolve_and_return,
    review,
    shift,
    verdict,
)
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")


def test_a_shown_answer_is_tier_1_and_unconfirmed_until_somebody_says_so(cast: Cast) -> None:
    visitor = answered(cast)
    (row,) = days(cast, visitor.conversation_id)
    assert (row.tier, row.questions, row.helped, row.wrong) == (1, 1, False, False)
    assert row.first_answer_s is not None and 0 <= row.first_answer_s < 60
    assert row.article_id and (row.escalated, row.handed_off) == ("", "")
    verdict(cast, visitor, "helped")
    (row,) = days(cast, visitor.conversation_id)
    assert row.helped and not row.wrong
    verdict(cast, visitor, "wrong")
    (row,) = days(cast, visitor.conversation_id)
    assert (row.helped, row.wrong) == (False, True)


def test_an_audit_confirms_and_has_the_last_word(cast: Cast) -> None:
    set_share(cast, 1.0)
    visitor = answered(cast)
    verdict(cast, visitor, "wrong")
    audits.judge(drawn(cast)[0].id, actor=cast.bob, verdict="right")
    (row,) = days(cast, visitor.conversation_id)
    assert (row.helped, row.wrong) == (True, False)


def test_a_verdict_has_its_conversation_counted_anew(cast: Cast) -> None:
    set_share(cast, 1.0)
    visitor = answered(cast)
    review(cast)
    before = _changed_at(cast, visitor.conversation_id)
    audits.judge(drawn(cast)[0].id, actor=cast.bob, verdict="unclear")
    assert _changed_at(cast, visitor.conversation_id) > before
    (row,) = days(cast, visitor.conversation_id)
    assert (row.helped, row.wrong) == (False, False)


def _changed_at(cast: Cast, conversation_id: UUID) -> datetime:
    with workspace_scope(cast.workspace.id):
        return Conversation.objects.get(id=conversation_id).changed_at


def test_people_and_the_large_model_are_the_higher_tiers(cast: Cast) -> None:
    (row,) = days(cast, replied(cast))
    assert (row.tier, row.handed_off, row.escalated) == (3, "no_provider", "")
    (row,) = days(cast, by_large_model(cast, "Does it float?"))
    assert (row.tier, row.handed_off, row.escalated) == (2, "", "low_confidence")
    assert (row.model_answers, row.model_answers_usd, row.cost_usd) == (1, 0.02, 0.02)


def test_who_waits_was_answered_by_nobody(cast: Cast) -> None:
    say(cast, cast.vera, "And a giraffe?")
    (row,) = days(cast, cast.conversation_id)
    assert (row.tier, row.first_answer_s, row.handed_off) == (None, None, "no_provider")


def test_a_conversation_counts_on_each_day_on_which_its_visitor_wrote(cast: Cast) -> None:
    visitor = answered(cast)
    shift(cast, visitor.conversation_id, timedelta(days=3))
    say(cast, visitor, "And a giraffe?")
    first, second = days(cast, visitor.conversation_id)
    assert second.day - first.day == timedelta(days=3)
    assert (first.tier, second.tier) == (1, None)
    assert (first.handed_off, second.handed_off) == ("", "no_provider")


def test_an_answer_after_midnight_belongs_to_yesterdays_question(cast: Cast) -> None:
    conversation_id = replied(cast)
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    with workspace_scope(cast.workspace.id):
        (facts,) = facts_of([Conversation.objects.get(id=conversation_id)])
    moments = [midnight - timedelta(seconds=60), midnight + timedelta(seconds=40)]
    said = [
        replace(one, at=at)
        for one, at in zip((facts.said[0], facts.said[-1]), moments, strict=True)
    ]
    (row,) = days_of(replace(facts, said=tuple(said)))
    assert (row.day, row.tier, row.first_answer_s) == (moments[0].date(), 3, 100.0)


def test_who_comes_back_after_it_was_closed_reopens_it(cast: Cast) -> None:
    visitor = answered(cast)
    assert not days(cast, visitor.conversation_id)[0].reopened
    resolve_and_return(cast, visitor, cast.bob)
    assert days(cast, visitor.conversation_id)[0].reopened
    with workspace_scope(cast.workspace.id):
        (facts,) = facts_of([Conversation.objects.get(id=visitor.conversation_id)])
    late = replace(facts, resolved=tuple(at - timedelta(days=8) for at in facts.resolved))
    assert not days_of(late)[0].reopened  # another matter by then


def test_the_review_counts_what_changed_and_twice_is_harmless(cast: Cast) -> None:
    visitor = answered(cast)
    review(cast)
    rows = _rows(cast)
    assert [row["tier"] for row in rows] == [1]
    review(cast)
    assert _rows(cast) == rows
    say(cast, visitor, "And a giraffe?")
    review(cast)
    assert [row["handed_off"] for row in _rows(cast)] == ["no_provider"]
    with workspace_scope(cast.workspace.id):
        progress = ReviewProgress.objects.get()
    assert progress.reviewed_at and progress.changed_at
    assert progress.reviewed_at - progress.changed_at >= OVERLAP


def test_the_review_goes_on_in_steps(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("learning.reviewing.STEP", 2)
    for _ in range(5):
        say(cast, new_visitor(cast), ANSWERED)
    review(cast)
    assert len(_rows(cast)) == 5


def test_the_review_sees_its_own_workspace_alone(cast: Cast) -> None:
    answered(cast)
    review(cast)
    with workspace_scope(cast.other.workspace.id):
        assert not ConversationDay.objects.exists() and not ReviewProgress.objects.exists()


def _rows(cast: Cast) -> list[dict[str, object]]:
    with workspace_scope(cast.workspace.id):
        fields = [one.name for one in ConversationDay._meta.fields if one.name != "id"]
        return [dict(row) for row in ConversationDay.objects.order_by("day").values(*fields)]
