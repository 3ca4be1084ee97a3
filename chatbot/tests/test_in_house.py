"""A model in the house answers as any other does, by its own worker, and nothing leaves."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import override_settings
from pytest_django import Settings

from accounts.errors import Invalid
from accounts.models import Member, Workspace, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import handoff, health
from chatbot.escalation import large_models, passing, trial, work
from chatbot.escalation.large_models import Wanted
from chatbot.local_models import store
from chatbot.local_models.engine import Engine
from chatbot.models import Author, CheckState, EscalationState, Kind, LargeModel, LedgerEntry, Owner
from chatbot.queues import staff
from chatbot.tests.conftest import new_visit
from chatbot.tests.escalating import KEY, Escalated, until
from chatbot.tests.in_house import added, heard, standing_in
from chatbot.tests.test_budgets import spend
from chatbot.tests.test_escalation_request import decide
from chatbot.tests.test_escalation_work import ANSWER, assert_handed_off
from chatbot.tests.test_verifying import SAME, Checked
from outbox import loop
from outbox.models import OutboxJob
from outbox.queue import claim
from outbox.tasks import run_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(
    escalated: Escalated, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    settings.LLM_ALLOWED_HOSTS = [f"127.0.0.1:{escalated.server.port}"]
    settings.LOCAL_GENERATOR_WAIT_S = 15.0
    monkeypatch.setattr(health, "is_alive", lambda part: part == "generator")
    work._slots.clear()
    for _ in standing_in(tmp_path, settings, monkeypatch):
        yield tmp_path


def chain(alice: Member, escalated: Escalated, *modes: str) -> None:
    """Modes of the stand-in; "remote" is the server."""
    for mode in modes:
        if mode == "remote":
            url = escalated.server.url
            large_models.add(alice, Wanted("compatible", "far", base_url=url, key=KEY))
        else:
            large_models.add(alice, Wanted("local", mode))


def job_on(
    escalated: Escalated, queue: str, *, kind: str = passing.KIND, of: UUID | None = None
) -> OutboxJob:
    """of: the escalation, where there are several."""
    with workspace_scope(escalated.visit.workspace_id):
        jobs = OutboxJob.objects.filter(kind=kind, queue=queue, state="ready")
        return jobs.get(payload__escalation_id=str(of)) if of else jobs.get()


def works_on(escalated: Escalated, queue: str, of: UUID | None = None) -> None:
    job = job_on(escalated, queue, of=of)
    leased = claim(escalated.visit.workspace_id, job.id, lease_s=30.0)
    assert leased
    escalated.works(leased)


def wait_ends(escalated: Escalated) -> None:
    """As if LOCAL_GENERATOR_WAIT_S had gone by."""
    job = job_on(escalated, "escalations", kind=passing.WAIT)
    with workspace_scope(escalated.visit.workspace_id):
        OutboxJob.objects.filter(id=job.id).update(available_at=job.created_at)
    run_job(str(job.workspace_id), str(job.id))


def test_it_answers_and_nothing_leaves(
    escalated: Escalated, house: Path, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "LLM_API_KEY", KEY)
    chain(alice, escalated, added(house, "good"))
    assert escalated.asks() is None
    works_on(escalated, "generator")
    (message,) = escalated.replies()
    assert (message.author, message.text) == (Author.MODEL, ANSWER)
    assert escalated.drafted() == ANSWER
    assert escalated.egress() == [] and escalated.server.requests == []
    row = escalated.escalation()
    assert (row.provider, row.model, row.cost_usd) == ("local", "good", 0.0)
    (call,) = row.attempts
    assert (call["input_tokens"], call["output_tokens"]) == (700, 40)
    assert call["cpu_seconds"] == 1.25
    (told,) = heard("good")
    assert "vera@example.org" not in told["data"] and "[EMAIL_1]" in told["data"]
    assert KEY not in str(told) and "LLM_API_KEY" not in told["environment"]
    assert not [name for name in told["environment"] if "SECRET" in name or "URL" in name]


def test_the_servers_settings_may_name_it(escalated: Escalated, house: Path) -> None:
    with override_settings(
        LLM_PROVIDER="local", LLM_BASE_URL="", LLM_MODEL=added(house, "good"), LLM_API_KEY=""
    ):
        escalated.asks()
        works_on(escalated, "generator")
    assert [message.text for message in escalated.replies()] == [ANSWER]


def test_it_goes_on_in_the_house_where_a_server_fails(
    escalated: Escalated, house: Path, alice: Member
) -> None:
    chain(alice, escalated, "remote", added(house, "good"))
    escalated.server.mode = "cut"
    escalated.asks()
    works_on(escalated, "escalations")
    assert escalated.replies() == []
    assert escalated.escalation().state == EscalationState.REQUESTED
    works_on(escalated, "generator")
    assert [message.text for message in escalated.replies()] == [ANSWER]
    row = escalated.escalation()
    assert (row.state, row.provider) == (EscalationState.ANSWERED, "local")
    assert [(one["model"], one["failure"]) for one in row.attempts] == [
        ("far", "provider_error"),
        ("good", ""),
    ]
    assert row.cost_usd == row.attempts[0]["cost_usd"]
    assert row.output_tokens == sum(one["output_tokens"] for one in row.attempts)
    assert [entry.destination for entry in escalated.egress()] == [escalated.server.url]
    wait_ends(escalated)  # it looks and finds the work done
    assert len(escalated.replies()) == 1 and escalated.handoffs() == []


@pytest.mark.parametrize(
    ("mode", "failure"),
    [
        ("crash", "cut"),
        ("cut", "cut"),
        ("not_loaded", "not_loaded"),
        ("too_long", "prompt_too_long"),
        ("hang", "timeout"),
    ],
)
def test_where_it_fails_the_next_server_answers(
    escalated: Escalated, house: Path, alice: Member, mode: str, failure: str
) -> None:
    chain(alice, escalated, added(house, mode), "remote")
    escalated.asks()
    with override_settings(LOCAL_GENERATOR_WAIT_S=1.0 if mode == "hang" else 15.0):
        works_on(escalated, "generator")
    works_on(escalated, "escalations")
    assert [message.text for message in escalated.replies()] == [ANSWER]
    row = escalated.escalation()
    assert [one["failure"] for one in row.attempts] == [failure, ""]
    assert len(escalated.egress()) == 1 and escalated.handoffs() == []


@pytest.mark.parametrize("begins", [True, False], ids=["fails", "no worker begins"])
def test_a_check_goes_on_to_the_next_server_as_well(
    escalated: Escalated, house: Path, alice: Member, *, begins: bool
) -> None:
    chain(alice, escalated, added(house, "crash"), "remote")
    escalated.server.answer = SAME
    checked = Checked(escalated)
    assert checked.asks()
    if begins:
        works_on(escalated, "generator")
    else:
        wait_ends(escalated)
    works_on(escalated, "escalations")
    assert checked.message().check_state == CheckState.CHECKED
    assert checked.visit.now().owner == Owner.BOT and escalated.handoffs() == []


def test_alone_and_broken_it_hands_over(escalated: Escalated, house: Path, alice: Member) -> None:
    chain(alice, escalated, added(house, "cut"))
    escalated.asks()
    works_on(escalated, "generator")
    assert_handed_off(escalated, "provider_error", "cut")
    (call,) = escalated.escalation().attempts  # what it had cost when its process ended
    assert (call["input_tokens"], call["output_tokens"], call["cpu_seconds"]) == (700, 40, 1.25)


def test_a_process_that_ends_leaves_none_of_its_questions_waiting(
    escalated: Escalated, house: Path, alice: Member, settings: Settings
) -> None:
    """One visitor's model takes it down while it answers another one."""
    settings.LOCAL_GENERATOR_CONCURRENCY = 2
    chain(alice, escalated, added(house, "hang"), "remote")
    other = Escalated(new_visit(alice.workspace_id), escalated.server, escalated.frames)
    assert escalated.asks() is None
    running = loop.submit(work.run_escalation(escalated.claims()))
    until((store.unpacked("hang") / "heard.jsonl").exists)
    first = large_models.listed(alice.workspace_id)[0]
    large_models.change(alice, first.id, Wanted("local", added(house, "crash")))
    assert other.asks() is None
    other.works()
    running.result(30)

    for one in (other, escalated):
        with workspace_scope(alice.workspace_id):
            (row,) = one.turn().escalations.all()
        assert [call["failure"] for call in row.attempts] == ["cut"]
        works_on(one, "escalations", row.id)
        assert [message.text for message in one.replies()] == [ANSWER]
    assert escalated.handoffs() == [] and len(escalated.egress()) == 2


def test_after_a_crash_its_process_starts_again(
    escalated: Escalated, house: Path, alice: Member
) -> None:
    chain(alice, escalated, added(house, "crash"), added(house, "good"))
    escalated.asks()
    works_on(escalated, "generator")  # the next one is its own worker's as well
    assert [message.text for message in escalated.replies()] == [ANSWER]


def test_a_text_cut_at_its_bound_is_no_answer(
    escalated: Escalated, house: Path, alice: Member
) -> None:
    chain(alice, escalated, added(house, "length"), "remote")
    escalated.asks()
    works_on(escalated, "generator")
    assert_handed_off(escalated, "unsupported", "too_long")
    assert escalated.egress() == []


@pytest.mark.parametrize("others", [(), ("remote",), ("cut", "remote")])
def test_a_question_that_no_worker_begins_goes_on(
    escalated: Escalated, house: Path, alice: Member, others: tuple[str, ...]
) -> None:
    names = [one if one == "remote" else added(house, one) for one in ("good", *others)]
    chain(alice, escalated, *names)  # a second one in the house would wait for the same worker
    escalated.asks()
    waiting = job_on(escalated, "generator")
    wait_ends(escalated)
    assert claim(escalated.visit.workspace_id, waiting.id, lease_s=30.0) is None
    if others:
        works_on(escalated, "escalations")
        assert [message.text for message in escalated.replies()] == [ANSWER]
        assert escalated.handoffs() == []
    else:
        assert escalated.handoffs() == ["timeout"] and escalated.replies() == []
        assert escalated.escalation().failure == "timeout"


def test_where_its_worker_does_not_live_the_next_server_is_asked_at_once(
    escalated: Escalated, house: Path, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "is_alive", lambda part: False)
    chain(alice, escalated, added(house, "good"), "remote")
    escalated.asks()
    works_on(escalated, "escalations")
    assert [message.text for message in escalated.replies()] == [ANSWER]
    assert [one["model"] for one in escalated.escalation().attempts] == ["far"]


def test_the_look_leaves_a_question_that_is_being_answered(
    escalated: Escalated, house: Path, alice: Member
) -> None:
    chain(alice, escalated, added(house, "slow"), "remote")
    escalated.asks()
    job = job_on(escalated, "generator")
    leased = claim(escalated.visit.workspace_id, job.id, lease_s=30.0)
    assert leased
    running = loop.submit(work.run_escalation(leased))
    until(lambda: bool(escalated.frames))
    wait_ends(escalated)
    running.result(30)
    assert [message.text for message in escalated.replies()] == [ANSWER]
    assert escalated.egress() == [] and escalated.handoffs() == []


def test_who_waits_too_long_for_a_place_goes_on(
    escalated: Escalated, house: Path, alice: Member
) -> None:
    chain(alice, escalated, added(house, "good"), "remote")
    escalated.asks()

    async def take_the_only_place() -> None:
        await work._slot("generator").acquire()

    loop.submit(take_the_only_place()).result(5)
    with override_settings(LOCAL_GENERATOR_WAIT_S=0.2):
        works_on(escalated, "generator")
    work._slots.clear()
    works_on(escalated, "escalations")
    assert [message.text for message in escalated.replies()] == [ANSWER]
    assert escalated.escalation().attempts[0]["model"] == "far"


def test_it_is_broken_off_when_a_person_takes_over(
    escalated: Escalated, house: Path, alice: Member, bob: Member
) -> None:
    chain(alice, escalated, added(house, "slow"))
    escalated.asks()
    job = job_on(escalated, "generator")
    leased = claim(escalated.visit.workspace_id, job.id, lease_s=30.0)
    assert leased
    running = loop.submit(work.run_escalation(leased))
    until(lambda: bool(escalated.frames))
    handoff.take_over(bob, escalated.visit.conversation_id)
    running.result(30)
    assert escalated.escalation().state == EscalationState.CANCELLED
    until(lambda: [told["op"] for told in heard("slow")] == ["ask", "stop"])
    assert escalated.replies() == []


def test_visitors_are_asked_for_consent_only_where_something_may_leave(
    escalated: Escalated, house: Path, alice: Member
) -> None:
    with workspace_scope(alice.workspace_id):
        WorkspaceSettings.objects.update_or_create(
            workspace_id=alice.workspace_id, defaults={"consent_required": True}
        )
    chain(alice, escalated, added(house, "good"))
    assert escalated.asks() is None
    works_on(escalated, "generator")
    assert [message.text for message in escalated.replies()] == [ANSWER]
    chain(alice, escalated, "remote")
    assert escalated.asks("And how long is shipping?") == "consent"


def test_only_an_added_model_is_chosen_and_it_has_no_address(alice: Member, house: Path) -> None:
    added(house, "good")
    for wanted, said in (
        (Wanted("local", "other"), "There are: good"),
        (Wanted("local", "../good"), "There are: good"),
        (Wanted("local", "good", base_url="http://127.0.0.1:1/v1"), "no address and no key"),
        (Wanted("local", "good", key="secret"), "no address and no key"),
    ):
        with pytest.raises(Invalid, match=said):
            large_models.add(alice, wanted)
    assert large_models.listed(alice.workspace_id) == []


def test_a_trial_is_its_workers_and_says_when_there_is_none(
    escalated: Escalated, house: Path, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = large_models.add(alice, Wanted("local", added(house, "good")))
    with monkeypatch.context() as patched:
        patched.setattr(health, "is_alive", lambda part: False)
        assert trial.ask_for(alice, row.id)
    assert result(alice) == "no_worker"
    assert trial.ask_for(alice, row.id)
    job = job_on(escalated, "generator", kind=trial.KIND)
    leased = claim(alice.workspace_id, job.id, lease_s=30.0)
    assert leased
    loop.submit(trial.run(leased)).result(30)
    assert result(alice) == "ok" and escalated.egress() == []


def result(alice: Member) -> str:
    with workspace_scope(alice.workspace_id):
        return LargeModel.objects.get().check_result


def test_an_engine_that_was_closed_ends_its_process(house: Path) -> None:
    mine, came = Engine(), list[dict[str, Any]]()
    folder = store.unpacked(added(house, "hang"))
    mine.ask(folder, "i", "d", most_tokens=5, hear=came.append)
    process = mine._process
    assert process
    mine.close()
    until(lambda: bool(came))
    assert process.returncode is not None and came == [{**came[0], "end": "gone"}]


def test_it_needs_no_budget_and_costs_cpu_seconds(
    escalated: Escalated, house: Path, alice: Member, acme: Workspace
) -> None:
    chain(alice, escalated, added(house, "good"))
    decide(acme, budget_usd_per_day=1.0, weigh_people=True)
    spend(new_visit(acme.id), 2.0)  # more than there is
    staff.heartbeat(alice)  # who is free, and need not be asked
    assert escalated.asks() is None
    works_on(escalated, "generator")
    assert [message.text for message in escalated.replies()] == [ANSWER]
    with workspace_scope(acme.id):
        row = LedgerEntry.objects.get()
    assert (row.kind, row.tier, row.answered, row.model) == (Kind.LOCAL, 2, True, "good")
    assert (row.cpu_s, row.model_usd, row.input_tokens) == (1.25, 0.0, 700)
    assert row.cpu_usd > 0 and row.priced_by.startswith("reference/")
    assert row.counterfactual_usd is not None and row.counterfactual_usd > 0
