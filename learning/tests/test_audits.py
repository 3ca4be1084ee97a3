"""Turns are drawn at random, whatever became of them; one person judges each."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.errors import Invalid, NotFound
from accounts.ids import uuid7
from accounts.models import AuditEntry, Role
from accounts.scope import workspace_scope
from chatbot.models import Receipt, Turn
from chatbot.sampling import chance, draw_for_audit
from learning import audits
from learning.errors import AlreadyJudged
from learning.models import Audit
from learning.tests.auditing import PASSAGE, TEXT, drawn, new_visitor, rows, say, set_share, work
from outbox.models import OutboxJob
from tests.cast import Cast, make_member

pytestmark = pytest.mark.usefixtures("weighing")


@pytest.fixture
def audit(cast: Cast) -> Audit:
    """Of an answer that vera got."""
    set_share(cast, 1.0)
    say(cast, cast.vera, "May I return an anvil?")
    return drawn(cast)[0]


def test_shown_and_withheld_answers_are_both_drawn_with_what_was_read(cast: Cast) -> None:
    set_share(cast, 1.0)
    say(cast, cast.vera, "Hello there, anvil people")
    say(cast, cast.vera, "And a giraffe?")
    shown, withheld = drawn(cast)
    assert (shown.answered, shown.confidence, shown.threshold) == (True, 0.8, 0.5)
    assert (withheld.answered, withheld.confidence, withheld.share) == (False, 0.3, 1.0)
    assert shown.question == "Hello there, anvil people" and shown.history == []
    assert withheld.history == [["visitor", "Hello there, anvil people"], ["bot", TEXT]]
    assert withheld.text == TEXT and withheld.passage["text"] == PASSAGE
    assert withheld.citations[0]["title"] == "Returns"
    assert (withheld.features, withheld.models_version) == ({"margin": 3.0}, "models-1")


def test_a_share_of_nothing_draws_nothing(cast: Cast) -> None:
    set_share(cast, 0.0)
    say(cast, cast.vera, "anvil")
    assert drawn(cast) == []


def test_chance_is_uniform_and_stays_with_the_turn(cast: Cast) -> None:
    turns = [UUID(int=number) for number in range(4_000)]
    chances = [chance(turn) for turn in turns]
    assert chances == [chance(turn) for turn in turns] and max(chances) < 1
    # binomial, n = 4,000, p = .05: five standard deviations are 69
    assert abs(sum(one < 0.05 for one in chances) - 200) < 69


def test_a_turn_is_drawn_once_and_its_job_may_run_twice(cast: Cast, audit: Audit) -> None:
    with workspace_scope(cast.workspace.id):
        jobs = OutboxJob.objects.filter(kind="draw_audit")
        draw_for_audit(audit.receipt)
        assert jobs.count() == 1
        jobs.update(state="ready")
    work(cast.workspace.id)
    assert [one.id for one in drawn(cast)] == [audit.id]


def test_a_text_that_no_threshold_lets_through_is_not_drawn(cast: Cast, audit: Audit) -> None:
    with workspace_scope(cast.workspace.id):
        for name, value in (("text", ""), ("features", {})):
            receipt = Receipt.objects.get(id=audit.receipt_id)
            setattr(receipt, name, value)
            assert not draw_for_audit(receipt)


def test_an_extended_turn_has_the_audit_of_its_last_weighing(cast: Cast, audit: Audit) -> None:
    with workspace_scope(cast.workspace.id):
        receipt = Receipt.objects.get(id=audit.receipt_id)
        receipt.pk, receipt.turn_revision, receipt.text = uuid7(), 2, "Another text."
        receipt.save(force_insert=True)
        assert audits.draw(receipt.id, share=1.0)
        assert audits.draw(audit.receipt_id, share=1.0) is None
    assert [one.text for one in drawn(cast)] == ["Another text."]


def test_an_audit_goes_with_its_turn(cast: Cast, audit: Audit) -> None:
    with workspace_scope(cast.workspace.id):
        Turn.objects.get(id=audit.turn_id).delete()
        assert audits.draw(audit.receipt_id, share=1.0) is None
    assert drawn(cast) == []


def test_two_agents_get_different_audits_and_one_gets_their_own_again(
    cast: Cast, audit: Audit
) -> None:
    say(cast, new_visitor(cast), "Another anvil")
    first, second = audits.claim_next(cast.alice), audits.claim_next(cast.bob)
    assert first and second and {first.id, second.id} == {one.id for one in drawn(cast)}
    assert audits.claim_next(cast.bob) == second
    carol = make_member(cast.acme, "carol", role=Role.AGENT)
    assert audits.claim_next(carol) is None
    with workspace_scope(cast.workspace.id):
        Audit.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert audits.claim_next(carol) == first


def test_of_two_verdicts_the_second_is_told(cast: Cast, audit: Audit) -> None:
    audits.claim_next(cast.alice)
    before = rows(cast)
    with pytest.raises(AlreadyJudged):
        audits.judge(audit.id, actor=cast.bob, verdict="wrong")
    assert rows(cast) == before
    audits.judge(audit.id, actor=cast.alice, verdict="right")
    before = rows(cast)
    with pytest.raises(AlreadyJudged):
        audits.judge(audit.id, actor=cast.bob, verdict="wrong")
    audits.judge(audit.id, actor=cast.alice, verdict="right")  # a second click
    assert rows(cast) == before


def test_a_verdict_is_corrected_and_the_log_remembers(cast: Cast, audit: Audit) -> None:
    audits.judge(audit.id, actor=cast.bob, verdict="wrong")
    audits.give_reason(audit.id, actor=cast.bob, reason="outdated")
    audits.judge(audit.id, actor=cast.alice, verdict="right", seen=1)
    row = drawn(cast)[0]
    assert (row.verdict, row.reason, row.verdict_by_id) == ("right", "", cast.alice.id)
    with workspace_scope(cast.workspace.id):
        entries = AuditEntry.objects.filter(target_id=str(audit.id)).order_by("id")
        said = [(one.action, one.actor_id, one.detail) for one in entries]
    assert said == [
        ("audit.judged", str(cast.bob.id), {"verdict": "wrong", "reason": ""}),
        (
            "audit.corrected",
            str(cast.bob.id),
            {"verdict": "wrong", "reason": "outdated", "before": "wrong"},
        ),
        (
            "audit.corrected",
            str(cast.alice.id),
            {"verdict": "right", "reason": "", "before": "wrong outdated"},
        ),
    ]
    with pytest.raises(AlreadyJudged):
        audits.give_reason(audit.id, actor=cast.bob, reason="words")
    assert audits.counts(cast.workspace.id) == {"right": 1}
    assert [one.id for one in audits.judged_last(cast.workspace.id)] == [audit.id]


@pytest.mark.parametrize(
    "given", [{"verdict": "good"}, {"verdict": ""}, {"verdict": "right", "reason": "words"},
              {"verdict": "wrong", "reason": "mood"}],
)  # fmt: skip
def test_what_is_no_verdict_changes_nothing(
    cast: Cast, audit: Audit, given: dict[str, Any]
) -> None:
    before = rows(cast)
    with pytest.raises(Invalid):
        audits.judge(audit.id, actor=cast.bob, **given)
    assert rows(cast) == before


def test_a_stranger_finds_no_audit(cast: Cast, audit: Audit) -> None:
    before = rows(cast)
    assert audits.claim_next(cast.charlie) is None
    with pytest.raises(NotFound):
        audits.judge(audit.id, actor=cast.charlie, verdict="wrong")
    with pytest.raises(NotFound):
        audits.give_reason(audit.id, actor=cast.charlie, reason="words")
    with pytest.raises(NotFound):
        audits.audit_of(cast.other.workspace.id, audit.id)
    assert audits.counts(cast.other.workspace.id) == {}
    assert rows(cast) == before


def test_an_unsure_text_of_a_withdrawn_passage_is_not_kept(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatbot import tasks

    monkeypatch.setattr(tasks, "still_published", lambda ids, *, filters: set())
    set_share(cast, 1.0)
    say(cast, cast.vera, "And a giraffe?")
    with workspace_scope(cast.workspace.id):
        assert Receipt.objects.get().text == ""
    assert drawn(cast) == []
