"""Hostile and broken clients at the visitor's socket: a clear error, and nothing is written."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.scope import workspace_scope
from chatbot import handoff, protocol
from chatbot.consumers import visitor
from chatbot.consumers.base import in_database
from chatbot.models import Widget
from chatbot.tests.rest import counts
from chatbot.tests.sockets import Refused, Socket, visitor_socket
from tests.cast import OTHER_ORIGIN, Cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("short_connections"),
]


@pytest.fixture
def nothing_written(cast: Cast) -> Iterator[None]:
    places = (cast.workspace.id, cast.other.workspace.id)
    before = [counts(place) for place in places]
    yield
    assert [counts(place) for place in places] == before


async def start(socket: Socket, cast: Cast) -> None:
    await socket.send("session.start", token=cast.vera.token)
    await socket.until("session.started")


@pytest.mark.parametrize("key", ["", "wk_wrong", "%00", "\x00", "x" * 5_000, "'; DROP TABLE"])
@pytest.mark.usefixtures("nothing_written")
async def test_a_wrong_key_is_refused(cast: Cast, key: str) -> None:
    with pytest.raises(Refused):
        async with visitor_socket(key):
            pass


@pytest.mark.parametrize("query", ["", "key", "key=%ff%fe", "\xff\xfe", "&&&=", "KEY=x"])
@pytest.mark.usefixtures("nothing_written")
async def test_a_broken_query_is_refused(cast: Cast, query: str) -> None:
    with pytest.raises(Refused):
        async with visitor_socket("", query=query):
            pass


@pytest.mark.parametrize(
    "origin",
    [None, "", "null", OTHER_ORIGIN, "https://www.acme.example.evil.example", "file://"],
)
@pytest.mark.usefixtures("nothing_written")
async def test_a_wrong_origin_is_refused(cast: Cast, origin: str | None) -> None:
    with pytest.raises(Refused):
        async with visitor_socket(cast.acme.widget_key, origin=origin):
            pass


MESSAGE = {"type": "message.send", "client_id": "a"}
CHOICE = {
    "type": "option.choose",
    "client_id": "a",
    "message_id": str(uuid.uuid4()),
    "option": 1,
}
BROKEN = {
    "no JSON": ("hello", "bad_json"),
    "half of JSON": ('{"type": "ping"', "bad_json"),
    "a huge number": ('{"type": "events.resume", "after_seq": ' + "9" * 5_000 + "}", "bad_json"),
    "deep nesting": ("[" * 16_000, "bad_json"),
    "an array": ("[]", "bad_frame"),
    "no type": ("{}", "bad_frame"),
    "a type that is no text": ('{"type": 5}', "bad_frame"),
    "unknown type": ('{"type": "session.steal"}', "unknown_type"),
    "a command of the desk": (
        json.dumps({"type": "conversation.claim", "conversation_id": str(uuid.uuid4())}),
        "unknown_type",
    ),
    "an extra field": ('{"type": "ping", "admin": true}', "bad_frame"),
    "a conversation's id": (
        json.dumps({**MESSAGE, "text": "hi", "conversation_id": str(uuid.uuid4())}),
        "bad_frame",
    ),
    "half a pair as a field": ('{"type": "ping", "\\ud800": 1}', "bad_frame"),
    "no client_id": ('{"type": "message.send", "text": "hi"}', "bad_frame"),
    "half a pair as client_id": (
        '{"type": "message.send", "client_id": "\\ud800", "text": "hi"}',
        "bad_frame",
    ),
    "NUL in client_id": (json.dumps({**MESSAGE, "client_id": "a\x00", "text": "hi"}), "bad_frame"),
    "a text that is no text": (json.dumps({**MESSAGE, "text": {"a": 1}}), "bad_frame"),
    "an empty text": (json.dumps({**MESSAGE, "text": "  \x00 "}), "empty_text"),
    "a long text": (json.dumps({**MESSAGE, "text": "x" * 4_001}), "text_too_long"),
    "a large frame": (json.dumps({**MESSAGE, "text": "x" * 20_000}), "frame_too_large"),
    "a number below zero": ('{"type": "events.resume", "after_seq": -1}', "bad_frame"),
    "a number that is none": ('{"type": "events.resume", "after_seq": NaN}', "bad_frame"),
    "an option below one": (json.dumps({**CHOICE, "option": 0}), "bad_frame"),
    "an option above three": (json.dumps({**CHOICE, "option": 4}), "bad_frame"),
    "an option with words of its own": (json.dumps({**CHOICE, "text": "hi"}), "bad_frame"),
    "an option of a message that is not theirs": (json.dumps(CHOICE), "not_found"),
    "an id that is none": (
        '{"type": "feedback.give", "message_id": "x", "verdict": "wrong"}',
        "bad_frame",
    ),
}


@pytest.mark.usefixtures("nothing_written")
async def test_broken_frames_get_an_error_and_change_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MAX_ERRORS", 1_000)
    async with visitor_socket(cast.acme.widget_key) as socket:
        await start(socket, cast)
        for name, (text, code) in BROKEN.items():
            await socket.send_text(text)
            answer = await socket.until("error")
            assert answer["code"] == code, name
            assert answer["message"]
        await socket.send_bytes(b"\x00\xff" * 100)
        assert (await socket.until("error"))["code"] == "bad_frame"
        await socket.send("ping")
        await socket.until("pong")  # and the socket still works


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.usefixtures("nothing_written")
async def test_far_too_large_frames_close_the_socket(cast: Cast, binary: bool) -> None:
    async with visitor_socket(cast.acme.widget_key) as socket:
        await start(socket, cast)
        if binary:
            await socket.send_bytes(b"\x00" * 100_000)
        else:
            await socket.send("message.send", client_id="a", text="x" * 100_000)
        assert await socket.closed() == protocol.CLOSE_TOO_LARGE


async def test_nul_and_halves_of_pairs_do_not_harm_a_message(cast: Cast) -> None:
    async with visitor_socket(cast.acme.widget_key) as socket:
        await start(socket, cast)
        await socket.send("message.send", client_id="a", text="a\x00b \ud800 c \U0001f600")
        event = await socket.event("message.posted")
        assert event["payload"]["text"] == "ab \ufffd c \U0001f600"


async def test_nul_in_the_reason_of_feedback_does_no_harm(cast: Cast) -> None:
    await in_database(handoff.take_over, cast.bob, cast.conversation_id)
    where = (cast.bob, cast.conversation_id)
    reply = await in_database(handoff.reply, *where, client_id="b", text="On Monday.")
    async with visitor_socket(cast.acme.widget_key) as socket:
        await start(socket, cast)
        feedback = {"message_id": str(reply.id), "verdict": "wrong", "reason": "a\x00b"}
        await socket.send("feedback.give", **feedback)
        await socket.event("feedback.given")


@pytest.mark.parametrize(
    "command",
    [
        {"type": "message.send", "client_id": "a", "text": "hi"},
        {"type": "person.request"},
        {"type": "wait.cancel"},
        {"type": "typing.start"},
        {"type": "events.resume", "after_seq": 0},
        {"type": "feedback.give", "message_id": str(uuid.uuid4()), "verdict": "wrong"},
    ],
)
@pytest.mark.usefixtures("nothing_written")
async def test_nothing_works_before_the_start(cast: Cast, command: dict[str, Any]) -> None:
    async with visitor_socket(cast.acme.widget_key) as socket:
        await socket.send_text(json.dumps(command))
        assert (await socket.error("not_started")).get("client_id") == command.get("client_id")


@pytest.mark.usefixtures("nothing_written")
async def test_starting_twice_is_refused(cast: Cast) -> None:
    async with visitor_socket(cast.acme.widget_key) as socket:
        await start(socket, cast)
        await socket.send("session.start")
        await socket.error("already_started")


@pytest.mark.usefixtures("nothing_written")
async def test_too_many_errors_close_the_socket(cast: Cast) -> None:
    async with visitor_socket(cast.acme.widget_key) as socket:
        for _ in range(protocol.MAX_ERRORS + 5):
            await socket.send_text("no JSON")
        assert await socket.closed() == protocol.CLOSE_ABUSE
        assert await socket.is_quiet()  # frames after the end are not answered


@pytest.mark.usefixtures("nothing_written")
async def test_who_does_not_start_in_time_is_disconnected(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "START_TIMEOUT_S", 0.05)
    async with visitor_socket(cast.acme.widget_key) as socket:
        assert await socket.closed() == protocol.CLOSE_NO_START


async def test_over_the_limit_messages_are_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is refused is not stored; the client keeps it and sends it again."""
    monkeypatch.setattr(visitor, "MESSAGES_AT_ONCE", 3)
    monkeypatch.setattr(visitor, "MESSAGES_PER_S", 0.001)
    async with visitor_socket(cast.acme.widget_key) as socket:
        await start(socket, cast)
        for number in range(4):
            await socket.send("message.send", client_id=f"m{number}", text="hello")
        refused = await socket.error("rate_limited")
        assert refused["client_id"] == "m3"
        assert refused["retry_after_s"] >= 1
        await socket.settle()
    stored = [event["payload"]["client_id"] for event in socket.events]
    assert stored == ["m0", "m1", "m2"]


@pytest.mark.usefixtures("nothing_written")
async def test_a_flood_of_frames_is_refused_before_it_is_read(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "FRAMES_AT_ONCE", 5)
    monkeypatch.setattr(protocol, "FRAMES_PER_S", 0.001)
    async with visitor_socket(cast.acme.widget_key) as socket:
        for _ in range(5):
            await socket.send("ping")
            await socket.until("pong")
        await socket.send("ping")
        await socket.error("rate_limited")


async def test_invented_tokens_are_limited_like_new_visitors(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would be a new row; only the address can be counted."""
    monkeypatch.setattr(visitor, "NEW_VISITORS_AT_ONCE", 2)
    monkeypatch.setattr(visitor, "NEW_VISITORS_PER_S", 0.001)
    monkeypatch.setattr(visitor, "address_of", lambda _: str(cast.conversation_id))
    before = await in_database(counts, cast.workspace.id)
    answers = []
    for number in range(4):
        async with visitor_socket(cast.acme.widget_key) as socket:
            await socket.send("session.start", token=f"invented {number}")
            answers.append((await socket.next())["type"])
    assert answers == ["session.started", "session.started", "error", "error"]
    assert (await in_database(counts, cast.workspace.id))[0] == before[0] + 2


async def test_a_removed_widget_begins_no_session(cast: Cast) -> None:
    async with visitor_socket(cast.acme.widget_key) as socket:
        await in_database(remove_widget, cast)
        await socket.send("session.start")
        await socket.error("not_found")


def remove_widget(cast: Cast) -> None:
    with workspace_scope(cast.workspace.id):
        Widget.objects.filter(key=cast.acme.widget_key).delete()


@pytest.mark.usefixtures("nothing_written")
async def test_many_broken_clients_at_once_leave_the_socket_working(cast: Cast) -> None:
    async def broken() -> int:
        async with visitor_socket(cast.acme.widget_key) as socket:
            for _ in range(protocol.MAX_ERRORS):
                await socket.send_text("{")
            return await socket.closed()

    assert set(await asyncio.gather(*(broken() for _ in range(5)))) == {protocol.CLOSE_ABUSE}
    async with visitor_socket(cast.acme.widget_key) as socket:
        await start(socket, cast)
