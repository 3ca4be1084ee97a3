"""The visitor's socket, through the application that serves it."""

import uuid
from typing import Any

import pytest

from accounts.scope import workspace_scope
from chatbot import broadcast, handoff
from chatbot.consumers import visitor
from chatbot.consumers.base import in_database
from chatbot.models import Author, Conversation, Message
from chatbot.sessions import start_session
from chatbot.tests.rest import counts
from chatbot.tests.sockets import Socket, visitor_socket
from console.provisioning import Provisioned
from tests.cast import Cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("short_connections"),
]


def as_vera(cast: Cast) -> Socket:
    return visitor_socket(cast.acme.widget_key)


async def start(socket: Socket, cast: Cast, *, after_seq: int = 0) -> dict[str, Any]:
    await socket.send("session.start", token=cast.vera.token, after_seq=after_seq)
    return await socket.until("session.started")


def messages(cast: Cast) -> list[Message]:
    with workspace_scope(cast.workspace.id):
        return list(Message.objects.filter(conversation_id=cast.conversation_id).order_by("id"))


async def test_a_new_visitor_gets_a_token_and_a_conversation(cast: Cast) -> None:
    async with visitor_socket(cast.acme.widget_key) as socket:
        await socket.send("session.start", language="ru-RU")
        started = await socket.until("session.started")
    assert (started["owner"], started["status"], started["seq"]) == ("bot", "open", 0)
    assert started["language"] == "ru"
    assert len(started["token"]) > 40
    async with visitor_socket(cast.acme.widget_key) as socket:
        await socket.send("session.start", token=started["token"])
        again = await socket.until("session.started")
    assert again["conversation_id"] == started["conversation_id"]


async def test_a_message_is_accepted_and_comes_back_as_an_event(cast: Cast) -> None:
    async with as_vera(cast) as socket:
        await start(socket, cast)
        await socket.send("message.send", client_id="a", text="When do you open?")
        accepted = await socket.until("message.accepted", client_id="a")
        event = await socket.event("message.posted")
    assert event["seq"] == accepted["seq"] == 1
    assert event["payload"]["message_id"] == accepted["message_id"]
    assert event["payload"]["text"] == "When do you open?"


async def test_the_same_client_id_is_one_message(cast: Cast) -> None:
    async with as_vera(cast) as socket:
        await start(socket, cast)
        await socket.send("message.send", client_id="a", text="Hello there")
        first = await socket.until("message.accepted")
        await socket.send("message.send", client_id="a", text="Hello there")
        assert await socket.until("message.accepted") == first
        await socket.settle()
    assert len(await in_database(messages, cast)) == 1
    assert len(socket.events) == 1


async def test_every_tab_of_a_visitor_sees_the_message(cast: Cast) -> None:
    async with as_vera(cast) as one, as_vera(cast) as two:
        await start(one, cast)
        await start(two, cast)
        await one.send("message.send", client_id="a", text="Hello there")
        assert (await two.event("message.posted"))["payload"]["text"] == "Hello there"


async def test_after_a_reconnect_nothing_is_lost_or_repeated(cast: Cast) -> None:
    async with as_vera(cast) as socket:
        await start(socket, cast)
        for number in range(3):
            await socket.send("message.send", client_id=f"m{number}", text=f"line {number}")
            await socket.until("message.accepted", client_id=f"m{number}")
        await socket.settle()
        seen = [event["seq"] for event in socket.events]
    await in_database(
        handoff.take_over, cast.bob, cast.conversation_id
    )  # while the visitor is away
    await in_database(
        handoff.reply, cast.bob, cast.conversation_id, client_id="b1", text="Here I am"
    )
    async with as_vera(cast) as socket:
        started = await start(socket, cast, after_seq=seen[-1])
        await socket.event("message.posted")
        await socket.settle()
        seen += [event["seq"] for event in socket.events]
    assert seen == list(range(1, started["seq"] + 1))
    assert (started["owner"], started["agent_name"]) == ("member", cast.bob.display_name)


async def test_a_number_beyond_the_last_event_hides_nothing_that_comes(cast: Cast) -> None:
    async with as_vera(cast) as socket:
        await start(socket, cast, after_seq=1_000_000)
        await socket.send("message.send", client_id="a", text="Hello there")
        assert (await socket.event("message.posted"))["seq"] == 1


async def test_a_gap_is_filled_on_request(cast: Cast) -> None:
    async with as_vera(cast) as socket:
        await start(socket, cast)
        for number in range(3):
            await socket.send("message.send", client_id=f"m{number}", text=f"line {number}")
            await socket.until("message.accepted", client_id=f"m{number}")
        await socket.settle()
        socket.events.clear()
        await socket.send("events.resume", after_seq=1)
        await socket.settle()
    assert [event["seq"] for event in socket.events] == [2, 3]


async def test_notes_and_receipts_stay_inside(cast: Cast) -> None:
    async with as_vera(cast) as socket:
        await start(socket, cast)
        await socket.send("message.send", client_id="a", text="Hello there")
        await socket.until("message.accepted")
        await in_database(
            handoff.add_note, cast.bob, cast.conversation_id, client_id="n", text="hidden remark"
        )
        await in_database(handoff.take_over, cast.bob, cast.conversation_id)
        await socket.event("owner.changed")
        await socket.settle()
        await socket.send("events.resume", after_seq=0)
        await socket.settle()
    assert {event["kind"] for event in socket.events} == {"message.posted", "owner.changed"}
    assert "hidden remark" not in str(socket.events)
    assert "staff_payload" not in str(socket.events)


async def test_a_visitor_asks_for_a_person_and_stops_waiting(cast: Cast) -> None:
    async with as_vera(cast) as socket:
        await start(socket, cast)
        await socket.send("person.request")
        assert (await socket.event("owner.changed"))["payload"]["owner"] == "queue"
        before = await in_database(counts, cast.workspace.id)
        await socket.send("person.request")  # again: harmless
        await socket.settle()
        assert await in_database(counts, cast.workspace.id) == before
        await socket.send("wait.cancel")
        assert (await socket.event("owner.changed"))["payload"]["owner"] == "bot"


async def test_who_is_with_an_agent_cannot_cancel_the_wait(cast: Cast) -> None:
    await in_database(handoff.take_over, cast.bob, cast.conversation_id)
    before = await in_database(counts, cast.workspace.id)
    async with as_vera(cast) as socket:
        await start(socket, cast)
        await socket.send("wait.cancel")
        assert cast.bob.display_name in (await socket.error("conflict"))["message"]
    assert await in_database(counts, cast.workspace.id) == before


async def test_feedback_on_a_reply_is_stored_once(cast: Cast) -> None:
    await in_database(handoff.take_over, cast.bob, cast.conversation_id)
    reply = await in_database(
        handoff.reply, cast.bob, cast.conversation_id, client_id="b", text="On Monday."
    )
    async with as_vera(cast) as socket:
        await start(socket, cast)
        for _ in range(2):
            await socket.send("feedback.give", message_id=str(reply.id), verdict="helped")
        await socket.event("feedback.given")
        await socket.settle()
    assert [event["kind"] for event in socket.events].count("feedback.given") == 1


def strangers_reply(place: Provisioned) -> str:
    """What the bot said to somebody else."""
    visit = start_session(place.workspace.id, place.widget_key, token=None, language="en")
    with workspace_scope(place.workspace.id):
        row = Message.objects.create(
            workspace=place.workspace,
            conversation_id=visit.conversation_id,
            author=Author.BOT,
            text="Not yours",
        )
    return str(row.id)


async def test_feedback_on_a_strangers_message_finds_nothing(cast: Cast) -> None:
    foreign = [await in_database(strangers_reply, place) for place in (cast.other, cast.acme)]
    before = (
        await in_database(counts, cast.workspace.id),
        await in_database(counts, cast.other.workspace.id),
    )
    async with as_vera(cast) as socket:
        await start(socket, cast)
        for message_id in [*foreign, str(uuid.uuid4())]:
            await socket.send("feedback.give", message_id=message_id, verdict="wrong")
            answer = await socket.error("not_found")
            assert answer["message"] == "Not found"
    assert (
        await in_database(counts, cast.workspace.id),
        await in_database(counts, cast.other.workspace.id),
    ) == before


async def test_a_token_of_another_workspace_begins_anew(cast: Cast) -> None:
    async with visitor_socket(cast.other.widget_key, origin="https://www.other.example") as socket:
        await socket.send("session.start", token=cast.vera.token)
        started = await socket.until("session.started")
    assert started["conversation_id"] != str(cast.conversation_id)
    assert started["token"] != cast.vera.token


async def test_typing_of_an_agent_is_seen_but_not_ones_own(cast: Cast) -> None:
    async with as_vera(cast) as socket:
        await start(socket, cast)
        await socket.send("typing.start")
        await socket.settle()
        frame = {"type": "typing.started", "who": "agent", "name": "Bob"}
        broadcast.transient(cast.conversation_id, frame)
        assert (await socket.next())["name"] == "Bob"


async def test_drafts_pass_through(cast: Cast) -> None:
    turn = str(uuid.uuid4())
    async with as_vera(cast) as socket:
        await start(socket, cast)
        frame = {"type": "draft.appended", "turn_id": turn, "seq": 1, "text": "On Monday."}
        broadcast.transient(cast.conversation_id, frame)
        assert await socket.next() == frame
        broadcast.transient(cast.conversation_id, {"type": "draft.dropped", "turn_id": turn})
        assert (await socket.next())["turn_id"] == turn


async def test_a_lost_hint_delays_an_event_no_longer_than_the_poll(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitor, "POLL_S", 0.1)
    monkeypatch.setattr(broadcast, "publish", lambda *_: None)
    async with as_vera(cast) as socket:
        await start(socket, cast)
        await in_database(hand_over, cast)
        assert (await socket.event("owner.changed"))["payload"]["reason"] == "timeout"


def hand_over(cast: Cast) -> None:
    with workspace_scope(cast.workspace.id):
        conversation = Conversation.objects.get(id=cast.conversation_id)
        handoff.request(conversation, reason="timeout")
