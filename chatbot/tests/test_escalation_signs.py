"""When a large model's server is gone with all of its calls, and when it is slow alone."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import override_settings

from chatbot.escalation import breaker, signs
from chatbot.escalation.connections import Connection
from chatbot.escalation.signs import JUDGED_FROM, REMEMBERED_S, SCOUTS, Call, Ears, Server

SERVER = Connection("compatible", "http://127.0.0.1:9/v1", "model", "key")
OTHER = Connection("compatible", "http://127.0.0.1:10/v1", "model", "key")
IN_HOUSE = Connection("local", "", "model", "key")


@pytest.fixture(autouse=True)
def limits() -> Iterator[None]:
    breaker.forget()
    with override_settings(
        LLM_GONE_AFTER_S=2.0, LLM_GONE_CALLS=3, LLM_NEXT_FIRST_TOKEN_TIMEOUT_S=5.0
    ):
        yield
    breaker.forget()


class Listening:
    """A server with so many calls; time passes as the test says."""

    def __init__(self, calls: int, *, pieces: int = 9, hurried: bool = False) -> None:
        self.ears = Ears()
        self.server: Server = self.ears.of(SERVER)
        self.calls = [Call(hurried=hurried, pieces=pieces, waits_since=0.0) for _ in range(calls)]
        self.server.calls.update(self.calls)

    def passes(self, seconds: float) -> "Listening":
        self.ears.now += seconds
        self.ears.look()
        return self

    def hears(self, call: Call) -> None:
        """A piece of this one's answer; then the next one is waited for."""
        self.server.keep_gap(self.ears.now - self.server.sign_at, self.ears.now)
        self.server.sign_at = call.waits_since = self.ears.now

    @property
    def gone(self) -> int:
        return sum(call.gone.is_set() for call in self.calls)


def test_several_answers_that_fall_silent_together_are_gone_together() -> None:
    here = Listening(4)
    assert here.passes(1.9).gone == 0 and not breaker.of(SERVER).is_open
    assert here.passes(0.2).gone == 4 and breaker.of(SERVER).is_open
    assert not breaker.of(OTHER).is_open


def test_one_or_two_silent_answers_keep_the_patient_limit() -> None:
    assert Listening(2).passes(60).gone == 0 and not breaker.of(SERVER).is_open


def test_one_word_of_any_of_them_keeps_all() -> None:
    here = Listening(4)
    for _ in range(5):
        here.passes(1.5)
        here.hears(here.calls[0])
    assert here.gone == 0


def test_answers_that_have_not_begun_are_not_counted() -> None:
    assert Listening(50, pieces=0).passes(14).gone == 0


def test_while_we_are_busy_with_what_came_nobody_is_silent() -> None:
    here = Listening(4)
    for call in here.calls:
        call.waits_since = None
    assert here.passes(60).gone == 0


@pytest.mark.parametrize(("gap_s", "most_s"), [(0.5, 2.0), (1.8, 3.6), (2.5, 4.5)])
def test_a_server_that_works_in_steps_is_judged_by_its_own_gap(gap_s: float, most_s: float) -> None:
    """Twice of it, at least the limit, and at most by the limit more. Two gaps come first."""
    here = Listening(3, pieces=0)
    for _ in range(JUDGED_FROM):
        assert here.passes(gap_s).gone == 0
        for call in here.calls:
            here.hears(call)
            call.pieces += 1
    assert here.passes(most_s - 0.1).gone == 0
    assert here.passes(0.2).gone == 3


def test_a_first_word_that_is_waited_for_is_no_gap() -> None:
    here = Listening(3, pieces=0)
    here.passes(9.0)
    for call in here.calls:
        here.hears(call)
        call.pieces = JUDGED_FROM
    assert here.passes(2.1).gone == 3


def test_a_silence_is_doubted_half_way_and_once() -> None:
    here, doubts = Listening(3), []
    here.calls[0].doubted = lambda: doubts.append(1)
    here.passes(0.9)
    assert not doubts
    here.passes(0.2)
    here.passes(0.2)
    assert len(doubts) == 1 and here.gone == 0
    for call in here.calls:
        here.hears(call)
    here.passes(1.9)  # as long as the next gap may be, now that 1.3 s are its usual one
    assert len(doubts) == 1
    here.passes(0.2)
    assert len(doubts) == 2


def test_one_silent_answer_makes_nobody_doubt() -> None:
    here, doubts = Listening(1), []
    here.calls[0].doubted = lambda: doubts.append(1)
    here.passes(60)
    assert not doubts


def test_a_gap_of_long_ago_is_forgotten() -> None:
    here = Listening(3)
    here.passes(1.8)
    here.hears(here.calls[0])
    for _ in range(200):
        here.passes(0.5)
        for call in here.calls:
            here.hears(call)
    assert here.passes(2.1).gone == 3


def test_off_is_off() -> None:
    with override_settings(LLM_GONE_AFTER_S=0.0):
        assert Listening(9).passes(600).gone == 0


def test_whoever_sat_through_a_silence_waits_less_for_a_first_sign() -> None:
    alone = Listening(1, pieces=0, hurried=True)
    assert alone.passes(4.9).gone == 0 and alone.passes(0.2).gone == 1
    assert not breaker.of(SERVER).is_open  # one call says little of a server
    several = Listening(3, pieces=0, hurried=True)
    assert several.passes(2.1).gone == 3 and breaker.of(SERVER).is_open


def test_a_server_that_shows_life_has_the_usual_time_for_a_first_word() -> None:
    here = Listening(3, pieces=0, hurried=True)
    here.passes(1.0)
    here.server.sign_at = here.ears.now  # the head of an answer
    assert here.passes(13).gone == 0


def test_servers_that_nobody_asks_any_more_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    ears, third = Ears(), replace(OTHER, model="third")
    busy = ears.of(SERVER)
    busy.calls.add(Call())
    ears.of(OTHER)
    ears.of(third)
    now[0] += 2 * REMEMBERED_S - 1
    ears.of(third)  # is asked again
    now[0] += 2
    ears.of(replace(OTHER, model="fourth"))
    assert set(ears.servers) == {SERVER, third, replace(OTHER, model="fourth")}
    assert ears.of(SERVER) is busy


def test_a_model_in_the_house_is_never_said_to_be_gone() -> None:
    async def calls() -> bool:
        with signs.call(IN_HOUSE, hurried=True) as mine, signs.waiting(mine):
            heard = signs.ears()
            heard.now += 600
            heard.look()
            return mine.gone.is_set() or bool(heard.servers)

    assert not asyncio.run(calls())


def test_few_go_ahead_and_the_others_see_what_becomes_of_them() -> None:
    async def crowd(end: str) -> list[bool]:
        calls = [asyncio.create_task(signs.go_on_to(SERVER)) for _ in range(SCOUTS + 20)]
        for _ in range(5):
            await asyncio.sleep(0)
        assert sum(one.done() for one in calls) == SCOUTS
        if end == "alive":
            signs.noted(SERVER)
        else:
            breaker.of(SERVER).trip()
            signs.arrived(SERVER)
        return await asyncio.gather(*calls)

    assert asyncio.run(crowd("alive")) == [True] * (SCOUTS + 20)
    assert asyncio.run(crowd("dead")) == [True] * SCOUTS + [False] * 20


def test_who_was_on_the_way_to_a_server_that_is_gone_does_not_call_it() -> None:
    async def late() -> list[bool]:
        for _ in range(SCOUTS):
            assert await signs.go_on_to(SERVER)
        heard = signs.ears()
        first = [signs.arrived(SERVER) for _ in range(3)]
        calls = [Call(hurried=True, waits_since=heard.now) for _ in first]
        heard.of(SERVER).calls.update(calls)
        heard.now += 3.0
        heard.look()
        return [*first, *(signs.arrived(SERVER) for _ in range(SCOUTS - 3))]

    assert asyncio.run(late()) == [True] * 3 + [False] * (SCOUTS - 3)


def test_a_slow_server_is_not_taken_for_dead() -> None:
    async def late() -> bool:
        signs.ears().of(SERVER).coming = SCOUTS
        return await signs.go_on_to(SERVER)

    with override_settings(LLM_NEXT_FIRST_TOKEN_TIMEOUT_S=0.05):
        assert asyncio.run(late())


def test_what_a_loop_that_stood_still_did_not_hear_is_no_silence() -> None:
    import time

    async def stands_still() -> float:
        with signs.call(SERVER, hurried=False):
            await asyncio.sleep(0.05)
            time.sleep(1.5)  # noqa: ASYNC251  # the loop's standing still is what is tested
            await asyncio.sleep(0.05)
            return signs.ears().now

    assert 0 < asyncio.run(stands_still()) < 1.0
