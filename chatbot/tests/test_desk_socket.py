"""The agent's socket, through the application that serves it."""

import asyncio

import pytest

from chatbot import broadcast, handoff, intake
from chatbot.consumers.base import in_database
from chatbot.tests.desks import act, desk, now, start, waiting
from chatbot.tests.rest import counts
from chatbot.tests.sockets import visitor_socket
from tests.cast import Cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("short_connections"),
]


async def test_an_agent_sees_who_waits_and_claims(cast: Cast) -> None:
    await in_database(waiting, cast)
    async with await desk(cast.bob) as socket:
        assert (await start(socket))["role"] == "agent"
        lists = await socket.until("queue.changed")
        assert [row["preview"] for row in lists["waiting"]] == ["Please help"]
        assert lists["waiting"][0]["handoff_reason"] == "asked_for_person"
        assert (await act(socket, cast, "conversation.claim"))["type"] == "done"
        while not lists["mine"]:
            lists = await socket.until("queue.changed")
        assert lists["counts"] == {"waiting": 0, "mine": 1, "others": 0}


async def test_of_two_who_claim_at_once_one_wins(cast: Cast) -> None:
    await in_database(waiting, cast)
    async with await desk(cast.alice) as one, await desk(cast.bob) as two:
        await start(one)
        await start(two)
        answers = await asyncio.gather(
            act(one, cast, "conversation.claim"), act(two, cast, "conversation.claim")
        )
    assert sorted(answer.get("code", answer["type"]) for answer in answers) == ["conflict", "done"]
    winner = cast.alice if answers[0]["type"] == "done" else cast.bob
    assert (await in_database(now, cast)).owner_member_id == winner.id
    loser = answers[0] if answers[0]["type"] == "error" else answers[1]
    assert winner.display_name in loser["message"]


async def test_claiming_twice_is_harmless(cast: Cast) -> None:
    await in_database(waiting, cast)
    async with await desk(cast.bob) as socket:
        await start(socket)
        assert (await act(socket, cast, "conversation.claim"))["type"] == "done"
        before = await in_database(counts, cast.workspace.id)
        assert (await act(socket, cast, "conversation.claim"))["type"] == "done"
    assert await in_database(counts, cast.workspace.id) == before


async def test_an_open_conversation_is_shown_live_with_what_only_staff_sees(cast: Cast) -> None:
    await in_database(waiting, cast)
    where = str(cast.conversation_id)
    async with await desk(cast.bob) as socket:
        await start(socket)
        await socket.send("conversation.open", conversation_id=where)
        opened = await socket.until("conversation.opened")
        assert opened["conversation"]["contact"]["id"] == str(cast.vera.contact_id)
        await act(socket, cast, "conversation.claim")
        done = await act(socket, cast, "message.reply", client_id="b1", text="Good day")
        await act(socket, cast, "note.add", client_id="n1", text="A regular")
        await socket.event("note.added")
        await socket.settle()
    assert [event["seq"] for event in socket.events] == list(range(1, len(socket.events) + 1))
    assert socket.events[-1]["staff_payload"]["text"] == "A regular"
    replies = [event["payload"].get("message_id") for event in socket.events]
    assert done["message_id"] in replies


async def test_a_reply_that_is_sent_twice_is_one_message(cast: Cast) -> None:
    await in_database(handoff.take_over, cast.bob, cast.conversation_id)
    async with await desk(cast.bob) as socket:
        await start(socket)
        first = await act(socket, cast, "message.reply", client_id="b1", text="Good day")
        before = await in_database(counts, cast.workspace.id)
        second = await act(socket, cast, "message.reply", client_id="b1", text="Good day")
    assert first["message_id"] == second["message_id"]
    assert await in_database(counts, cast.workspace.id) == before


async def test_only_who_holds_a_conversation_replies(cast: Cast) -> None:
    await in_database(handoff.take_over, cast.alice, cast.conversation_id)
    before = await in_database(counts, cast.workspace.id)
    async with await desk(cast.bob) as socket:
        await start(socket)
        answer = await act(socket, cast, "message.reply", client_id="b1", text="Me too")
        assert answer["code"] == "conflict"
        for command in ("conversation.give_back", "conversation.release"):
            assert (await act(socket, cast, command))["code"] == "conflict"
    assert await in_database(counts, cast.workspace.id) == before


async def test_a_conversation_goes_back_to_the_bot_and_is_resolved(cast: Cast) -> None:
    async with await desk(cast.bob) as socket:
        await start(socket)
        for command in (
            "conversation.take_over",
            "conversation.release",
            "conversation.claim",
            "conversation.give_back",
            "conversation.resolve",
        ):
            assert (await act(socket, cast, command))["type"] == "done", command
    row = await in_database(now, cast)
    assert (row.owner, row.status) == ("bot", "resolved")


async def test_what_the_visitor_wrote_meanwhile_is_shown_before_it_is_resolved(cast: Cast) -> None:
    await in_database(waiting, cast)
    where = str(cast.conversation_id)
    vera = (cast.workspace.id, cast.conversation_id, cast.vera.contact_id)
    async with await desk(cast.bob) as socket:
        await start(socket)
        await act(socket, cast, "conversation.claim")
        await socket.send("conversation.open", conversation_id=where)
        seen = (await socket.until("conversation.opened"))["seq"]
        await in_database(intake.post_visitor_message, *vera, client_id="v2", text="And this?")
        answer = await act(socket, cast, "conversation.resolve", seen_seq=seen)
        assert (answer["type"], answer["code"]) == ("error", "unseen")
        assert (await in_database(now, cast)).status == "open"
        while not (news := [event for event in socket.events if event["seq"] > seen]):
            await socket.next()
        assert news[0]["payload"]["text"] == "And this?"
        answer = await act(socket, cast, "conversation.resolve", seen_seq=news[0]["seq"])
        assert answer["type"] == "done"
    assert (await in_database(now, cast)).status == "resolved"


async def test_opening_again_fills_a_gap_and_closing_ends_it(cast: Cast) -> None:
    await in_database(waiting, cast)
    where = str(cast.conversation_id)
    async with await desk(cast.bob) as socket:
        await start(socket)
        await socket.send("conversation.open", conversation_id=where, after_seq=1)
        await socket.event("owner.changed")
        await socket.settle()
        assert [event["seq"] for event in socket.events] == [2]
        await socket.send("conversation.open", conversation_id=where, after_seq=0)
        await socket.settle()
        assert [event["seq"] for event in socket.events] == [2, 1, 2]
        await socket.send("conversation.close", conversation_id=where)
        await socket.settle()
        await in_database(handoff.claim, cast.alice, cast.conversation_id)
        lists = await socket.until("queue.changed")
        while lists["waiting"]:
            lists = await socket.until("queue.changed")
        await socket.settle()
        assert len(socket.events) == 3


async def test_typing_says_in_which_conversation(cast: Cast) -> None:
    async with await desk(cast.bob) as socket:
        await start(socket)
        await socket.send("conversation.open", conversation_id=str(cast.conversation_id))
        await socket.until("conversation.opened")
        frame = {
            "type": "typing.started",
            "who": "visitor",
            "conversation_id": str(cast.conversation_id),
        }
        broadcast.transient(cast.conversation_id, frame)
        assert await socket.until("typing.started") == frame


async def test_what_is_said_among_staff_never_reaches_the_visitor(cast: Cast) -> None:
    """Presence, mentions and notes, at both sockets at once."""
    where = str(cast.conversation_id)
    async with visitor_socket(cast.acme.widget_key) as veras, await desk(cast.bob) as bobs:
        await veras.send("session.start", token=cast.vera.token)
        await veras.until("session.started")
        async with await desk(cast.alice) as alices:
            for socket in (bobs, alices):
                await start(socket)
                await socket.send("conversation.open", conversation_id=where)
                await socket.until("conversation.opened")
                await socket.settle()
            await alices.send("presence.show", conversation_id=where, state="writing")
            shown = await bobs.until("presence.shown")
            assert (shown["name"], shown["state"]) == ("Alice", "writing")
            done = await act(alices, cast, "note.add", client_id="n", text="@Bob a regular")
            assert done["type"] == "done"
            came = [await bobs.next()]
            while not {"notice.made", "event"} <= {one["type"] for one in came}:
                came.append(await bobs.next())
            (notice,) = [one for one in came if one["type"] == "notice.made"]
            assert (notice["about"], notice["name"]) == ("mention", "Alice")
            (note,) = [one for one in bobs.events if one["kind"] == "note.added"]
            assert [one["name"] for one in note["staff_payload"]["mentions"]] == ["Bob"]
        assert (await bobs.until("presence.shown"))["state"] == "left"
        changed = {"type": "pane.changed", "conversation_id": where}
        broadcast.to_staff(cast.conversation_id, changed)
        assert await bobs.until("pane.changed") == changed
        assert await veras.is_quiet() and veras.events == []


async def test_presence_is_shown_only_where_the_conversation_is_open(cast: Cast) -> None:
    where = str(cast.conversation_id)
    async with await desk(cast.bob) as bobs, await desk(cast.charlie, slug="other") as charlies:
        await start(bobs)
        await bobs.until("desk.staffed")
        await bobs.send("conversation.open", conversation_id=where)
        await bobs.until("conversation.opened")
        await bobs.settle()
        await start(charlies)
        await charlies.send("presence.show", conversation_id=where, state="looking")
        await charlies.settle()
        assert "presence.shown" not in await bobs.settle()
