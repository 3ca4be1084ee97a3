"""A server that sends to all at the same moments lives; the next one is knocked at in a silence."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.test import override_settings

from accounts.models import Workspace
from chatbot.escalation import breaker, knocking, signs, trial
from chatbot.models import Owner
from chatbot.tests.escalating import QUESTION, Escalated
from chatbot.tests.test_escalation_failover import second as second  # noqa: PLC0414  # a fixture
from chatbot.tests.test_escalation_outage import PATIENT, Asker, is_knock, works_at_once
from chatbot.tests.test_escalation_outage import crowd as crowd  # noqa: PLC0414  # a fixture
from chatbot.tests.test_escalation_request import decide
from tests.fault_server import FaultServer

pytestmark = pytest.mark.django_db(transaction=True)
SHORT = "Returns are free of charge [1]. Shipping costs 4.90 EUR [2]."  # nine pieces
STEPS: dict[str, Any] = PATIENT | {"LLM_GONE_AFTER_S": 0.5}
# Doubted half-way: on a busy machine one look comes LONGEST_STEP_S after the other, and is between.
DOUBTED: dict[str, Any] = PATIENT | {"LLM_GONE_AFTER_S": 3 * signs.LONGEST_STEP_S}


def in_steps(server: FaultServer, mode: str = "steps") -> FaultServer:
    server.mode, server.pause_s, server.answer = mode, 0.8, SHORT
    return server


def assert_all_are_with(crowd: Sequence[Asker], owner: Owner) -> None:
    """Each told once, at most."""
    for one in (asker.seen for asker in crowd):
        told = [event for event in one.visit.events(visitor=True) if event.kind == "owner.changed"]
        assert one.visit.now().owner == owner
        assert (len(one.replies()), len(told)) == ((1, 0) if owner == Owner.BOT else (0, 1))


def test_who_gets_words_in_steps_gets_the_whole_answer(
    escalated: Escalated, second: FaultServer, crowd: list[Asker]
) -> None:
    """The steps are longer than the silence after which a server counts as gone."""
    with override_settings(**STEPS):
        for future in works_at_once(crowd, in_steps(escalated.server)):
            future.result(60)

    assert second.requests == []  # nobody doubted that it lives
    assert_all_are_with(crowd, Owner.BOT)


def test_a_server_that_worked_in_steps_is_missed_when_it_falls_silent(
    escalated: Escalated, second: FaultServer, crowd: list[Asker]
) -> None:
    """Every other limit is longer than the test waits."""
    second.mode = "hang"
    with override_settings(**STEPS):
        for future in works_at_once(crowd, in_steps(escalated.server, "steps-held")):
            future.result(60)

    assert len(escalated.frames) >= len(crowd)  # sentences that visitors have read
    assert_all_are_with(crowd, Owner.QUEUE)


def test_when_all_fall_silent_the_next_one_is_knocked_at_first(
    escalated: Escalated, second: FaultServer, crowd: list[Asker]
) -> None:
    escalated.server.mode, second.mode = "held", "hang"
    with override_settings(**DOUBTED):
        for future in works_at_once(crowd, escalated.server):
            future.result(60)

    assert_all_are_with(crowd, Owner.QUEUE)
    knocks = [one for one in second.requests if is_knock(one)]
    assert second.requests[: len(knocks)] == knocks and len(knocks) == 3
    assert not any(QUESTION[:30] in str(one["body"]) for one in knocks)  # our own words alone
    logged = [row for row in escalated.egress() if row.purpose == knocking.PURPOSE]
    assert len(logged) == 3 and all(trial.QUESTION in row.redacted_text for row in logged)
    assert all(row.destination == second.url for row in logged)


def test_who_hears_that_the_next_one_lives_goes_on_to_it(
    escalated: Escalated, second: FaultServer, crowd: list[Asker]
) -> None:
    escalated.server.mode = "held"
    with override_settings(**DOUBTED):
        for future in works_at_once(crowd, escalated.server):
            future.result(60)

    assert_all_are_with(crowd, Owner.BOT)
    assert sum(is_knock(one) for one in second.requests) == 3
    assert not any(
        one.is_open for to, one in breaker._breakers.items() if to.base_url == second.url
    )


def test_where_it_was_forbidden_meanwhile_nobody_knocks(
    escalated: Escalated, second: FaultServer, crowd: list[Asker], acme: Workspace
) -> None:
    escalated.server.mode = "held"
    with override_settings(**STEPS | {"LLM_GONE_AFTER_S": 4.0}):
        futures = works_at_once(crowd, escalated.server)
        decide(acme, large_model_allowed=False)
        for future in futures:
            future.result(60)

    assert second.requests == []
    assert not any(row.purpose == knocking.PURPOSE for row in escalated.egress())
    assert_all_are_with(crowd, Owner.QUEUE)
