"""A workspace's large models are asked in order, and who fails is left alone for a while."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import override_settings

from accounts.errors import Invalid, NotFound
from accounts.models import AuditEntry, Member, Workspace, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.escalation import breaker, failover, large_models, signs, watching, work
from chatbot.escalation.breaker import FAILURES, HALF_OPEN_S, UNUSED_S, Breaker
from chatbot.escalation.connections import Connection, connections
from chatbot.escalation.large_models import Wanted
from chatbot.models import Author, EscalationState, LargeModel, Owner
from chatbot.tests.escalating import KEY, Escalated, until
from chatbot.tests.test_escalation_work import ANSWER
from outbox import loop
from outbox.threads import in_thread
from tests.fault_server import FaultServer

pytestmark = pytest.mark.django_db(transaction=True)
SECOND_KEY = "sk-other-0987654321"


def host(server: FaultServer) -> str:
    return f"127.0.0.1:{server.port}"


@pytest.fixture
def second(escalated: Escalated, alice: Member) -> Iterator[FaultServer]:
    """The workspace's own two models: the one of `escalated`, then this one."""
    server = FaultServer().start()
    with override_settings(LLM_ALLOWED_HOSTS=[host(server), host(escalated.server)]):
        first = Wanted("compatible", "first", base_url=escalated.server.url, key=KEY)
        large_models.add(alice, replace(first, price_output_per_mtok=10.0))
        large_models.add(alice, Wanted("compatible", "second", base_url=server.url, key=SECOND_KEY))
        yield server
    server.stop()


def test_the_first_answers_alone(escalated: Escalated, second: FaultServer) -> None:
    escalated.asks()
    escalated.works()
    assert [message.text for message in escalated.replies()] == [ANSWER]
    assert len(escalated.server.requests) == 1 and second.requests == []
    assert f"Bearer {KEY}" in escalated.server.requests[0]["head"]
    row = escalated.escalation()
    assert (row.provider, row.model) == ("compatible", "first")
    assert [one["failure"] for one in row.attempts] == [""]


@pytest.mark.parametrize("mode", ["error-500", "error-429", "garbage", "no-first-token", "cut"])
def test_where_one_fails_the_next_answers(
    escalated: Escalated, second: FaultServer, mode: str
) -> None:
    escalated.server.mode = mode
    escalated.asks()
    with override_settings(LLM_FIRST_TOKEN_TIMEOUT_S=1.0):
        escalated.works()
    (message,) = escalated.replies()
    assert (message.author, message.text) == (Author.MODEL, ANSWER)
    assert len(escalated.server.requests) == len(second.requests) == 1
    assert f"Bearer {SECOND_KEY}" in second.requests[0]["head"]
    assert KEY not in str(second.requests)
    row = escalated.escalation()
    assert (row.state, row.model) == (EscalationState.ANSWERED, "second")
    assert [one["model"] for one in row.attempts] == ["first", "second"]
    assert [entry.destination for entry in escalated.egress()] == [
        escalated.server.url,
        second.url,
    ]
    assert escalated.handoffs() == []


def test_a_broken_draft_is_taken_back_before_the_next_begins(
    escalated: Escalated, second: FaultServer
) -> None:
    escalated.server.mode = "cut"
    escalated.server.answer = f"{ANSWER} Returns are free of charge [1]."
    escalated.asks()
    escalated.works()
    kinds = [frame["type"] for frame in escalated.frames]
    assert kinds == ["draft.appended", "draft.dropped", "draft.appended", "draft.appended"]
    assert [frame.get("seq") for frame in escalated.frames[2:]] == [1, 2]
    assert escalated.escalation().cost_usd > 0  # the broken one was paid


@pytest.mark.parametrize("mode", ["unsupported", "refuse", "too-long"])
def test_what_does_not_pass_goes_to_people_and_to_no_other_model(
    escalated: Escalated, second: FaultServer, mode: str
) -> None:
    escalated.server.mode = mode
    escalated.asks()
    escalated.works()
    assert second.requests == [] and escalated.handoffs() == ["unsupported"]


def test_a_server_that_is_gone_before_its_call_is_passed_over(
    escalated: Escalated, second: FaultServer, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No call, so no attempt, and nobody has waited: the third has the usual time."""
    third, arrived, models = FaultServer(mode="hang").start(), signs.arrived, list[str]()

    def gone_meanwhile(to: Connection) -> bool:
        models.append(to.model)
        return arrived(to) and to.model != "second"

    monkeypatch.setattr(signs, "arrived", gone_meanwhile)
    hosts = [host(one) for one in (escalated.server, second, third)]
    escalated.server.mode = "error-500"
    with override_settings(
        LLM_ALLOWED_HOSTS=hosts, LLM_NEXT_FIRST_TOKEN_TIMEOUT_S=0.2, LLM_FIRST_TOKEN_TIMEOUT_S=1.0
    ):
        large_models.add(alice, Wanted("compatible", "third", base_url=third.url, key=KEY))
        escalated.asks()
        escalated.works()
    third.stop()
    assert models == ["second", "third"] and second.requests == []
    calls = [(one["model"], one["failure"]) for one in escalated.escalation().attempts]
    assert calls == [("first", "provider_error"), ("third", "timeout")]
    assert escalated.handoffs() == ["timeout"]


def test_where_all_fail_a_person_comes_once(escalated: Escalated, second: FaultServer) -> None:
    escalated.server.mode = second.mode = "error-500"
    escalated.asks()
    escalated.works()
    assert escalated.handoffs() == ["provider_error"] and escalated.replies() == []
    assert len(escalated.server.requests) == len(second.requests) == 1


def test_a_budget_that_the_first_call_used_up_ends_it(
    escalated: Escalated, second: FaultServer, alice: Member
) -> None:
    row = large_models.listed(alice.workspace_id)[1]
    dear = Wanted("compatible", "second", base_url=second.url, price_output_per_mtok=9_999.0)
    large_models.change(alice, row.id, dear)
    escalated.server.mode = "error-500"
    escalated.asks()
    escalated.works()
    assert second.requests == [] and escalated.handoffs() == ["budget"]


def test_a_price_that_was_raised_meanwhile_is_held_against_the_budget(
    escalated: Escalated, second: FaultServer, alice: Member
) -> None:
    escalated.asks()
    row = large_models.listed(alice.workspace_id)[0]
    dear = Wanted("compatible", "first", base_url=escalated.server.url)
    large_models.change(alice, row.id, replace(dear, price_output_per_mtok=9_999.0))
    escalated.works()
    assert escalated.server.requests == [] == second.requests
    assert escalated.handoffs() == ["budget"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"large_model_allowed": False}, "not_allowed"), ({"consent_required": True}, "no_consent")],
)
def test_what_was_forbidden_during_the_first_call_is_not_sent_to_the_next(
    escalated: Escalated,
    second: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, bool],
    reason: str,
) -> None:
    choose_next = failover._next

    def forbid() -> None:
        workspace_id = escalated.visit.workspace_id
        with workspace_scope(workspace_id):
            WorkspaceSettings.objects.update_or_create(workspace_id=workspace_id, defaults=change)

    async def meanwhile(*given: Any) -> Any:
        await in_thread(forbid)
        return await choose_next(*given)

    monkeypatch.setattr(failover, "_next", meanwhile)
    escalated.server.mode = "error-500"
    escalated.asks()
    escalated.works()
    assert second.requests == [] and escalated.handoffs() == [reason]
    assert [entry.destination for entry in escalated.egress()] == [escalated.server.url]


def test_who_failed_five_times_is_not_asked(escalated: Escalated, second: FaultServer) -> None:
    with workspace_scope(escalated.visit.workspace_id):
        first, _ = connections(escalated.visit.workspace_id)
    for _ in range(FAILURES):
        breaker.of(first).ended("provider_error")
    escalated.asks()
    escalated.works()
    assert escalated.server.requests == [] and len(second.requests) == 1
    assert [message.text for message in escalated.replies()] == [ANSWER]


def test_an_open_breaker_lets_one_call_try(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    one = Breaker()
    for _ in range(FAILURES - 1):
        one.ended("timeout")
    one.ended("unsupported:number")  # the server did answer
    for _ in range(FAILURES):
        assert one.allows()
        one.ended("unreachable")
    assert not one.allows()
    now[0] += HALF_OPEN_S
    assert one.allows() and not one.allows()
    one.ended("timeout")
    now[0] += HALF_OPEN_S / 2
    assert not one.allows()
    now[0] += HALF_OPEN_S / 2
    assert one.allows()
    one.ended("")
    assert one.allows() and one.allows()


def test_breakers_of_servers_that_nobody_asks_any_more_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    first, second, third = (
        Connection("compatible", f"http://127.0.0.1:{port}/v1", "m", "k") for port in (9, 10, 11)
    )
    asked, left = breaker.of(first), breaker.of(second)
    asked.trip()
    left.trip()
    now[0] += UNUSED_S - 1
    breaker.of(first)
    now[0] += 1
    breaker.of(third)
    assert breaker.of(first) is asked and asked.is_open
    assert breaker.of(second) is not left and not breaker.of(second).is_open
    breaker.forget()


def test_a_server_that_is_away_is_tried_once_more(escalated: Escalated) -> None:
    with override_settings(LLM_BASE_URL="http://127.0.0.1:9/v1"):
        escalated.asks()
        escalated.works()
    failures = [one["failure"] for one in escalated.escalation().attempts]
    assert failures == ["unreachable", "unreachable"]
    assert escalated.handoffs() == ["provider_error"] and escalated.escalation().cost_usd == 0.0


def test_a_silent_call_is_broken_off_when_a_person_takes_over(
    escalated: Escalated, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "WATCH_S", 0.05)
    escalated.server.mode = "no-first-token"
    escalated.asks()
    with override_settings(LLM_FIRST_TOKEN_TIMEOUT_S=600.0, LLM_TIMEOUT_S=600.0):
        running = loop.submit(work.run_escalation(escalated.claims()))
        until(lambda: bool(escalated.server.requests))
        handoff.take_over(bob, escalated.visit.conversation_id)
        running.result(30)
    assert escalated.escalation().state == EscalationState.CANCELLED
    assert escalated.visit.now().owner == Owner.MEMBER and escalated.replies() == []


def test_keys_are_sealed_and_leave_no_trace(
    escalated: Escalated, second: FaultServer, alice: Member
) -> None:
    with workspace_scope(alice.workspace_id):
        rows = list(LargeModel.objects.values())
        trail = list(AuditEntry.objects.values())
    assert KEY not in str(rows) and KEY not in str(trail)
    assert rows[0]["key_ends"] == KEY[-4:]


def test_a_key_is_kept_for_its_own_place_alone(
    escalated: Escalated, second: FaultServer, alice: Member
) -> None:
    row = large_models.listed(alice.workspace_id)[0]
    large_models.change(alice, row.id, Wanted("compatible", "x", base_url=escalated.server.url))
    with pytest.raises(Invalid, match="asks for a key"):
        large_models.change(alice, row.id, Wanted("openai", "x"))
    with workspace_scope(alice.workspace_id):
        assert connections(alice.workspace_id)[0].api_key == KEY
    large_models.change(alice, row.id, Wanted("compatible", "x", base_url=second.url))
    with workspace_scope(alice.workspace_id):
        assert connections(alice.workspace_id)[0].api_key != KEY


def test_order_and_switches_decide_who_is_asked(
    escalated: Escalated, second: FaultServer, alice: Member
) -> None:
    rows = large_models.listed(alice.workspace_id)
    large_models.move(alice, rows[1].id, up=True)
    large_models.move(alice, rows[1].id, up=True)  # it stands first already
    with workspace_scope(alice.workspace_id):
        assert [one.model for one in connections(alice.workspace_id)] == ["second", "first"]
    large_models.change(
        alice, rows[1].id, Wanted("compatible", "second", base_url=second.url, enabled=False)
    )
    large_models.remove(alice, rows[0].id)
    with workspace_scope(alice.workspace_id):
        assert connections(alice.workspace_id) == ()
    assert escalated.asks() == "no_provider"


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted("abacus", "m", key=KEY), "not known"),
        (Wanted("openai", "m"), "asks for a key"),
        (Wanted("openai", " ", key=KEY), "needs a name"),
        (Wanted("azure", "m", key=KEY), "address of your server"),
        (Wanted("compatible", "m", base_url="file:///etc/passwd"), "not an address"),
        (Wanted("compatible", "m", base_url="http://u:p@127.0.0.1/v1"), "not an address"),
        (Wanted("compatible", "m", base_url="http://127.0.0.1/v1?key=1"), "not an address"),
        (Wanted("compatible", "m", base_url="http://127.0.0.1:8000/v1"), "does not allow"),
        (Wanted("openai", "m", base_url="http://api.openai.com/v1", key=KEY), "does not allow"),
        (
            Wanted("openai", "m", base_url="https://api.openai.com.evil.example/v1", key=KEY),
            "allow",
        ),
        (Wanted("azure", "m", base_url="https://evilopenai.azure.com.x/v1", key=KEY), "allow"),
        (Wanted("openai", "m", key=KEY, price_input_per_mtok=-1.0), "price"),
    ],
)
def test_what_cannot_be_used_is_refused(alice: Member, wanted: Wanted, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        large_models.add(alice, wanted)
    assert large_models.listed(alice.workspace_id) == []


def test_the_vendors_own_addresses_are_allowed(alice: Member) -> None:
    large_models.add(alice, Wanted("openai", "gpt", key=KEY))
    azure = "https://acme.openai.azure.com/openai/v1"
    large_models.add(alice, Wanted("azure", "gpt", base_url=azure, key=KEY))
    with workspace_scope(alice.workspace_id):
        found = [one.base_url for one in connections(alice.workspace_id)]
    assert found == ["https://api.openai.com/v1", azure]


def test_a_stranger_reaches_no_row(
    escalated: Escalated, second: FaultServer, charlie: Member, other: Workspace, alice: Member
) -> None:
    rows = large_models.listed(alice.workspace_id)
    with pytest.raises(NotFound):
        large_models.remove(charlie, rows[0].id)
    with pytest.raises(NotFound):
        large_models.change(charlie, rows[0].id, Wanted("openai", "m", key=KEY))
    with pytest.raises(NotFound):
        large_models.move(charlie, rows[0].id, up=False)
    assert large_models.listed(other.id) == []
    assert [row.model for row in large_models.listed(alice.workspace_id)] == ["first", "second"]
