"""Replay: real questions with something else supposed; nothing but its report is written."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.errors import Invalid, NotFound
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot.answering import pipeline
from chatbot.answering.contract import ANSWER, ESCALATE, AnswerRequest, Decision
from chatbot.escalation.prices import known_cost_usd
from chatbot.models import EgressEntry, Escalation, Message, Receipt
from knowledge.editing import Draft, save_draft
from learning import audits, erasing, replay_runs
from learning.errors import AlreadyRunning
from learning.models import ReplayChange, ReplayRun
from learning.replay import GAINED, LOST, REWORDED, Wanted
from learning.replay_figures import Tally
from learning.replay_prices import named
from learning.serving_models import ServingModels
from learning.tests.auditing import decision, drawn, new_visitor, say, set_share, work
from learning.tests.outcomes import by_large_model, verdict
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")


class Stated:
    """A calibration whose thresholds are written here. Confidence stays as it was stored."""

    def level(self, risk: float) -> float | None:
        return max((one for one in (0.01, 0.05, 0.2) if one <= risk + 1e-9), default=None)

    def threshold(self, risk: float) -> float | None:
        return {0.01: 0.9, 0.05: 0.5, 0.2: 0.2}.get(self.level(risk) or 0.0)


@pytest.fixture
def shop(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Two answered questions and one that went to people, all weighed by the serving models."""
    serving: Any = ServingModels("models-1", Stated())  # type: ignore[arg-type]  # a stand-in
    monkeypatch.setattr("learning.replay.serving_or_none", lambda workspace_id: serving)
    set_share(cast, 1.0)
    for text in ("May I return an anvil?", "An anvil, please?", "And a giraffe?"):
        say(cast, new_visitor(cast), text)
    return cast


def counted(cast: Cast, **wanted: Any) -> dict[str, Any]:
    return replay_runs.whole(cast.workspace.id, Wanted(**wanted))


def written(cast: Cast) -> list[list[Any]]:
    """All that a replay must leave as it is."""
    with workspace_scope(cast.workspace.id):
        tables = (Receipt, Message, Escalation, EgressEntry)
        return [list(table.objects.order_by("id").values()) for table in tables]


def started(cast: Cast, **wanted: Any) -> ReplayRun:
    """As the console starts it, until the worker has ended it."""
    run = replay_runs.start(cast.alice, Wanted(**wanted))
    work(cast.workspace.id)
    return replay_runs.run_of(cast.workspace.id, run.id)


def test_a_stricter_dial_loses_answers_and_sends_them_to_people(shop: Cast) -> None:
    before = written(shop)
    found = counted(shop, risk=0.01)
    assert found["questions"] == 3 and found["changes"] == {LOST: 2}
    answered, people = found["figures"]["answered"], found["figures"]["people"]
    assert (answered["was"], answered["now"]) == (2, 0)
    assert (people["was"], people["now"]) == (1, 3)
    assert answered["low"] <= -2 <= answered["high"] <= 0
    assert found["figures"]["minutes"]["now"] == 15 and not found["minutes_measured"]
    assert written(shop) == before


def test_a_looser_dial_gains_answers(shop: Cast) -> None:
    found = counted(shop, risk=0.2)
    assert found["changes"] == {GAINED: 1} and found["figures"]["people"]["now"] == 0


def test_the_dial_as_it_is_changes_nothing(shop: Cast) -> None:
    found = counted(shop, risk=0.05)
    assert found["changes"] == {} and found["figures"]["answered"]["high"] == 0


def test_verdicts_tell_right_answers_lost_from_wrong_ones_avoided(shop: Cast) -> None:
    for row, word in zip(drawn(shop), ("right", "wrong", "right"), strict=True):
        audits.judge(row.id, actor=shop.bob, verdict=word)
    strict, loose = counted(shop, risk=0.01), counted(shop, risk=0.2)
    assert strict["judged"] == 3
    assert strict["verdicts"] == {"right_lost": 1, "wrong_avoided": 1}
    assert loose["verdicts"] == {"right_gained": 1}


def test_without_large_models_their_questions_are_for_people(shop: Cast) -> None:
    by_large_model(shop, "A hippo, how?", cost_usd=0.5)
    found = counted(shop, provider="none")
    assert found["changes"] == {"rerouted": 1}
    usd, people = found["figures"]["usd"], found["figures"]["people"]
    assert (usd["was"], usd["now"]) == (0.5, 0) and people["now"] - people["was"] == 1


def test_another_large_model_costs_what_its_list_says(shop: Cast) -> None:
    by_large_model(shop, "A hippo, how?", cost_usd=0.5)
    found = counted(shop, provider="openai/gpt-4o-mini")
    assert 0 < found["figures"]["usd"]["now"] < 0.01
    assert found["answered_share"] == 1 and found["calls_known"] == 1
    with pytest.raises(Invalid):
        counted(shop, provider="openai/no-such-model-at-all")
    with pytest.raises(Invalid):
        counted(shop, provider="nobody")


def test_a_call_whose_tokens_are_known_is_priced_by_them(shop: Cast) -> None:
    conversation_id = by_large_model(shop, "A hippo, how?", cost_usd=0.5)
    with workspace_scope(shop.workspace.id):
        rows = Escalation.objects.filter(turn__conversation_id=conversation_id)
        rows.update(input_tokens=2_000_000, output_tokens=500_000)
        to = named(shop.workspace.id, "openai/gpt-4o-mini")
    found = counted(shop, provider="openai/gpt-4o-mini")
    known = known_cost_usd(to, 2_000_000, 500_000)
    assert found["figures"]["usd"]["now"] == pytest.approx(known, abs=0.001)  # others are estimated


def test_a_verdict_on_another_text_than_is_asked_today_says_nothing(
    shop: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for row in drawn(shop):
        audits.judge(row.id, actor=shop.bob, verdict="right")

    def answer_with(models: object, request: AnswerRequest) -> Decision:
        return decision(ESCALATE if request.draft else ANSWER, text="As it is said today.")

    monkeypatch.setattr(pipeline, "answer_with", answer_with)
    monkeypatch.setattr(replay_runs, "models_of", lambda workspace_id: object())
    save_draft(shop.alice, "zoo", Draft("Giraffes", "Giraffes may be returned."), base=0)
    found = counted(shop, doc_id="zoo")
    assert (found["changes"], found["judged"], found["verdicts"]) == ({LOST: 3}, 3, {})


def test_a_visitors_last_word_counts(shop: Cast) -> None:
    visitor = new_visitor(shop)
    say(shop, visitor, "An anvil for my aunt?")
    for word in ("wrong", "helped"):
        verdict(shop, visitor, word)
    found = counted(shop, risk=0.01)
    assert (found["judged"], found["verdicts"]) == (1, {"right_lost": 1})


def test_a_draft_is_asked_on_both_sides_with_the_dialogue_of_then(
    shop: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[AnswerRequest] = []

    def answer_with(models: object, request: AnswerRequest) -> Decision:
        asked.append(request)
        if "giraffe" in request.question:
            return decision(ANSWER if request.draft else ESCALATE)
        found = decision(ANSWER)
        return replace(found, text="Another text.") if request.draft else found

    monkeypatch.setattr(pipeline, "answer_with", answer_with)
    monkeypatch.setattr(replay_runs, "models_of", lambda workspace_id: object())
    save_draft(shop.alice, "zoo", Draft("Giraffes", "Giraffes may be returned."), base=0)
    found = counted(shop, doc_id="zoo")
    assert found["changes"] == {GAINED: 1, REWORDED: 2} and found["runs_models"]
    assert len(asked) == 6 and {one.audiences for one in asked} == {("public",)}
    assert {one.conversation_id for one in asked} == {None}
    with pytest.raises(NotFound):
        counted(shop, doc_id="no such article")


def test_a_model_version_that_is_not_there_is_refused(shop: Cast) -> None:
    with pytest.raises(NotFound):
        counted(shop, version=7)


def test_steps_count_as_one_piece_does(shop: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_runs, "BATCH", 1)
    run = started(shop, risk=0.01)
    assert run.ended_at and run.done == run.total == 3 and not run.problem
    assert run.report == json.loads(json.dumps(counted(shop, risk=0.01)))
    changes = replay_runs.changes_of(run)
    assert [one.kind for one in changes] == [LOST, LOST] and changes[0].was["text"]


def test_a_limit_takes_a_sample_that_its_seed_fixes(shop: Cast) -> None:
    for _again in range(2):
        assert started(shop, risk=0.01, limit=1, seed=3).done == 1
    assert counted(shop, risk=0.01, limit=2, seed=3) == counted(shop, risk=0.01, limit=2, seed=3)


def test_one_replay_at_a_time_and_it_can_be_stopped(shop: Cast) -> None:
    run = replay_runs.start(shop.alice, Wanted(risk=0.01))
    with pytest.raises(AlreadyRunning):
        replay_runs.start(shop.alice, Wanted(risk=0.2))
    replay_runs.stop(shop.workspace.id, run.id)
    replay_runs.stop(shop.workspace.id, run.id)
    work(shop.workspace.id)
    assert replay_runs.run_of(shop.workspace.id, run.id).done == 0
    with pytest.raises(NotFound):
        replay_runs.stop(shop.other.workspace.id, run.id)


def test_changes_go_with_an_erased_visitor(shop: Cast) -> None:
    run = started(shop, risk=0.01)
    with workspace_scope(shop.workspace.id):
        contact = ReplayChange.objects.select_related("conversation")[0].conversation.contact_id
    erasing.erase_visitor(shop.workspace.id, contact, actor=shop.alice)
    assert len(replay_runs.changes_of(run)) == 1


def test_other_workspaces_are_not_replayed(shop: Cast) -> None:
    assert replay_runs.whole(shop.other.workspace.id, Wanted(risk=0.01))["questions"] == 0


@pytest.mark.parametrize(
    "wanted", [{}, {"risk": 2.0}, {"risk": 0.1, "days": 0}, {"risk": 0.1, "limit": 99_999}]
)
def test_what_cannot_be_replayed_is_refused(shop: Cast, wanted: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        replay_runs.start(shop.alice, Wanted(**wanted))
    with workspace_scope(shop.workspace.id):
        assert not ReplayRun.objects.exists()


def test_a_tally_is_the_same_after_it_was_stored() -> None:
    assert Tally.of(json.loads(json.dumps(Tally().as_json()))).report(minutes_each=1)


def test_the_command_prints_and_writes_the_report(
    shop: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_settings(shop.workspace.id, actor=shop.alice, audit_share=0.0)
    path = tmp_path / "replay.json"
    call_command("replay", "--workspace", "acme", "--since", "4w", "--risk", "0.01",
                 "--json", str(path))  # fmt: skip
    said = capsys.readouterr().out
    assert "3 questions" in said and "lost 2" in said and "no model ran" in said
    found = json.loads(path.read_text())
    assert len(found["changed"]) == 2 and found["changed"][0]["question"]
    for wrong in (["--since", "x"], ["--risk", "7"], ["--model-version", "9"]):
        with pytest.raises(CommandError):
            call_command("replay", "--workspace", "acme", *wrong)
    with pytest.raises(CommandError):
        call_command("replay", "--workspace", "nobody", "--risk", "0.1")
