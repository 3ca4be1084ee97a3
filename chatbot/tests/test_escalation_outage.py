"""Every provider goes away in mid-answer, at once for many: each visitor gets one outcome."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import override_settings

from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot.escalation import trial
from chatbot.escalation.signs import SCOUTS
from chatbot.escalation.work import run_escalation
from chatbot.models import EscalationState, Owner
from chatbot.tests.conftest import new_visit
from chatbot.tests.escalating import Escalated, until
from chatbot.tests.test_escalation_failover import second as second  # noqa: PLC0414  # a fixture
from chatbot.tests.test_escalation_request import decide
from chatbot.tests.test_escalation_work import ANSWER, assert_handed_off
from outbox import loop
from outbox.queue import LeasedJob, claim
from tests.fault_server import FaultServer

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 12
PATIENT: dict[str, Any] = {
    "LLM_STALL_TIMEOUT_S": 600.0, "LLM_FIRST_TOKEN_TIMEOUT_S": 600.0, "LLM_TIMEOUT_S": 600.0,
    "LLM_NEXT_FIRST_TOKEN_TIMEOUT_S": 600.0,
}  # fmt: skip


_outside: "list[Addresses]" = []  # at most one, of the test that listens


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    """Python tells its audit hooks of each name looked up and each connection, before it does."""
    if _outside and event in {"socket.connect", "socket.getaddrinfo"}:
        address = arguments[1] if event == "socket.connect" else arguments
        if not isinstance(address, str | bytes):  # else a Unix socket: our own Redis
            _outside[0].append(f"{address[0]}:{address[1]}")


@cache
def _listen() -> None:
    sys.addaudithook(_hear)  # can't be taken away again


@pytest.fixture
def outside() -> Iterator[list[str]]:
    """Each address that this process connects to or looks up meanwhile, Redis left out."""
    _listen()
    found = Addresses({str(urlsplit(settings.CELERY_BROKER_URL).port)})
    _outside.append(found)
    yield found
    _outside.clear()


class Addresses(list[str]):
    def __init__(self, ours: set[str]) -> None:
        super().__init__()
        self._ours = ours

    def append(self, address: str) -> None:
        if address.rpartition(":")[2] not in self._ours:
            super().append(address)


@dataclass
class Asker:
    """A visitor who has asked, with a conversation of their own and the job as it is claimed."""

    seen: Escalated
    job: LeasedJob


@pytest.fixture
def crowd(escalated: Escalated) -> list[Asker]:
    """Needs the models of `second` first, if it shall use them."""
    found = []
    for _ in range(AT_ONCE):
        one = replace(escalated, visit=new_visit(escalated.visit.workspace_id))
        assert one.asks() is None
        job = claim(one.visit.workspace_id, one.job().id, lease_s=300.0)
        assert job is not None
        found.append(Asker(one, job))
    return found


def is_knock(request: dict[str, Any]) -> bool:
    return trial.QUESTION in str(request["body"])


def works_at_once(crowd: list[Asker], server: FaultServer) -> list[Future[None]]:
    """All of them are called for; returns once the server has heard each question."""
    futures = [loop.submit(run_escalation(one.job)) for one in crowd]
    until(lambda: len(server.requests) == len(crowd))
    return futures


def test_silence_in_the_middle_of_an_answer_leads_on(
    escalated: Escalated, second: FaultServer
) -> None:
    escalated.server.mode = "held"
    with override_settings(LLM_STALL_TIMEOUT_S=0.5):
        escalated.asks()
        escalated.works()

    assert [message.text for message in escalated.replies()] == [ANSWER]
    assert [one["failure"] for one in escalated.escalation().attempts] == ["stalled", ""]
    kinds = [frame["type"] for frame in escalated.frames]
    assert "draft.dropped" in kinds[: kinds.index("draft.appended", 2)]


def test_silence_of_the_only_one_ends_with_a_person(escalated: Escalated) -> None:
    escalated.server.mode = "held"
    with override_settings(LLM_STALL_TIMEOUT_S=0.5):
        escalated.asks()
        escalated.works()

    assert_handed_off(escalated, "provider_error", "stalled")


def test_all_providers_die_in_the_middle_of_many_answers(
    escalated: Escalated, second: FaultServer, crowd: list[Asker]
) -> None:
    escalated.server.mode = "held"
    futures = works_at_once(crowd, escalated.server)
    until(lambda: any(frame["type"] == "draft.appended" for frame in escalated.frames))
    second.stop()
    escalated.server.stop()
    for future in futures:
        future.result(60)

    for one in (asker.seen for asker in crowd):
        assert one.visit.now().owner == Owner.QUEUE
        assert one.replies() == []
        told = [event for event in one.visit.events(visitor=True) if event.kind == "owner.changed"]
        assert len(told) == 1 and told[0].payload["text"]
        with workspace_scope(one.visit.workspace_id):
            (row,) = one.turn().escalations.all()
        assert row.state == EscalationState.FAILED


def test_one_of_two_dies_in_the_middle_of_many_answers(
    escalated: Escalated, second: FaultServer, crowd: list[Asker]
) -> None:
    escalated.server.mode = "held"
    futures = works_at_once(crowd, escalated.server)
    escalated.server.stop()
    for future in futures:
        future.result(60)

    for one in (asker.seen for asker in crowd):
        assert [message.text for message in one.replies()] == [ANSWER]
        assert one.visit.now().owner == Owner.BOT


def test_all_providers_fall_silent_in_the_middle_of_many_answers(
    escalated: Escalated, second: FaultServer, crowd: list[Asker]
) -> None:
    """None of the patient limits ends it: each of them is longer than the test waits."""
    escalated.server.mode, second.mode = "held", "hang"
    with override_settings(LLM_GONE_AFTER_S=0.5, **PATIENT):
        for future in works_at_once(crowd, escalated.server):
            future.result(60)

    asked_second = sum(not is_knock(one) for one in second.requests)
    assert len(second.requests) <= SCOUTS  # with the knocks: chatbot.escalation.knocking
    failures = []
    for one in (asker.seen for asker in crowd):
        assert one.visit.now().owner == Owner.QUEUE and one.replies() == []
        told = [event for event in one.visit.events(visitor=True) if event.kind == "owner.changed"]
        assert len(told) == 1
        with workspace_scope(one.visit.workspace_id):
            (row,) = one.turn().escalations.all()
        assert row.state == EscalationState.FAILED
        failures.append([call["failure"] for call in row.attempts])
    assert {tuple(one) for one in failures} <= {("silent",), ("silent", "silent")}
    assert asked_second <= sum(len(one) == 2 for one in failures) <= SCOUTS


def test_one_of_two_falls_silent_in_the_middle_of_many_answers(
    escalated: Escalated, second: FaultServer, crowd: list[Asker]
) -> None:
    escalated.server.mode = "held"
    with override_settings(LLM_GONE_AFTER_S=0.5, **PATIENT):
        for future in works_at_once(crowd, escalated.server):
            future.result(60)

    for one in (asker.seen for asker in crowd):
        assert [message.text for message in one.replies()] == [ANSWER]
        assert one.visit.now().owner == Owner.BOT


def test_who_sat_through_a_silence_is_not_kept_for_the_next_first_word(
    escalated: Escalated, second: FaultServer
) -> None:
    escalated.server.mode, second.mode = "held", "hang"
    patient = PATIENT | {"LLM_STALL_TIMEOUT_S": 0.3, "LLM_NEXT_FIRST_TOKEN_TIMEOUT_S": 0.3}
    with override_settings(**patient):
        escalated.asks()
        escalated.works()

    assert [one["failure"] for one in escalated.escalation().attempts] == ["stalled", "silent"]
    assert escalated.handoffs() == ["provider_error"]


def test_where_nothing_may_leave_no_address_is_even_looked_up(
    escalated: Escalated, second: FaultServer, acme: Workspace, outside: list[str]
) -> None:
    escalated.asks("Is it answered here?")
    escalated.works()
    assert any(str(escalated.server.port) in one for one in outside)  # so it would be seen

    outside.clear()
    decide(acme, large_model_allowed=False)
    assert escalated.asks("And now?") == "not_allowed"
    assert outside == [] and escalated.egress()[1:] == []


def test_what_was_asked_before_it_was_forbidden_does_not_leave(
    escalated: Escalated, second: FaultServer, acme: Workspace, outside: list[str]
) -> None:
    escalated.asks()
    job = escalated.claims()
    decide(acme, large_model_allowed=False)
    outside.clear()
    escalated.works(job)

    assert outside == [] and escalated.server.requests == second.requests == []
    assert escalated.egress() == []
    assert escalated.handoffs() == ["not_allowed"]
