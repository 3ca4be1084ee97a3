"""Queues over the sockets: the place in line, who is there, transfers, and lists that are right."""

import asyncio
import json
import time
import uuid
from typing import Any

import pytest

from accounts.scope import workspace_scope
from chatbot import handoff, intake, protocol
from chatbot.consumers.base import in_database
from chatbot.errors import Invalid
from chatbot.models import Attendance, Conversation, Placement, Queue
from chatbot.queues import staff
from chatbot.tests.desks import act, desk, now, start, waiting
from chatbot.tests.sockets import Socket, visitor_socket
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_connections")]


def another_waits(cast: Cast) -> uuid.UUID:
    from chatbot.tests.conftest import new_visit

    visit = new_visit(cast.workspace.id)
    intake.request_person(*visit.where)
    return visit.conversation_id


async def asks(socket: Socket, frame_type: str, **fields: Any) -> dict[str, Any]:
    request_id = uuid.uuid4().hex
    await socket.send(frame_type, request_id=request_id, **fields)
    while True:
        frame = await socket.next()
        if frame.get("request_id") == request_id:
            return frame


async def until_waiting(socket: Socket, count: int) -> float:
    """Seconds until the list shows that many."""
    began = time.monotonic()
    while len((await socket.until("queue.changed"))["waiting"]) != count:
        pass
    return time.monotonic() - began


async def test_a_visitor_hears_the_place_in_line_and_each_change(cast: Cast) -> None:
    first = await in_database(another_waits, cast)
    async with visitor_socket(cast.acme.widget_key) as socket:
        await socket.send("session.start", token=cast.vera.token)
        await socket.until("session.started")
        await socket.send("person.request")
        assert await socket.until("queue.placed") == {
            "type": "queue.placed", "position": 2, "expected_wait_s": None,
        }  # fmt: skip
        await in_database(handoff.claim, cast.bob, first)
        assert (await socket.until("queue.placed"))["position"] == 1
        await in_database(handoff.claim, cast.bob, cast.conversation_id)
        await socket.event("owner.changed")
        await socket.settle()


async def test_two_desks_show_the_same_lists_through_a_dropped_line(cast: Cast) -> None:
    async with await desk(cast.alice) as alice:
        await start(alice)
        async with await desk(cast.bob) as bob:
            await start(bob)
            await in_database(waiting, cast)
            await asyncio.gather(until_waiting(alice, 1), until_waiting(bob, 1))
        await act(alice, cast, "conversation.claim")  # while bob's line is down
        async with await desk(cast.bob) as again:
            await start(again)
            lists = await again.until("queue.changed")
            assert (lists["waiting"], lists["counts"]["others"]) == ([], 1)
            await act(alice, cast, "conversation.release")
            await until_waiting(again, 1)


async def test_agents_are_there_away_and_seen_by_colleagues(cast: Cast) -> None:
    async with await desk(cast.alice) as alice, await desk(cast.bob) as bob:
        await start(alice)
        await start(bob)
        while {a["state"] for a in (await alice.until("desk.staffed"))["agents"]} != {"available"}:
            pass
        assert (await asks(bob, "presence.set", state="away"))["type"] == "done"
        while True:
            frame = await alice.until("desk.staffed")
            if "away" in {one["state"] for one in frame["agents"]}:
                break
        assert (frame["state"], [one["name"] for one in frame["queues"]]) == (
            "available", ["General"],
        )  # fmt: skip
        await bob.send("presence.set", request_id="r", state="asleep")
        await bob.error("bad_frame")


async def test_a_conversation_is_given_to_a_colleague_or_a_queue(cast: Cast) -> None:
    await in_database(handoff.take_over, cast.bob, cast.conversation_id)
    async with await desk(cast.bob) as socket:
        await start(socket)
        give = {"client_id": "t1", "note": "An invoice"}
        gone = await act(
            socket, cast, "conversation.transfer", to_member=str(cast.alice.id), **give
        )
        assert gone["code"] == "conflict"
        stranger = await act(
            socket, cast, "conversation.transfer", to_member=str(cast.charlie.id), **give
        )
        assert stranger["code"] == "not_found"
        await in_database(staff.heartbeat, cast.alice)
        done = await act(
            socket, cast, "conversation.transfer", to_member=str(cast.alice.id), **give
        )
        assert done["type"] == "done"
    assert (await in_database(now, cast)).owner_member == cast.alice


async def test_strangers_transfer_nothing(cast: Cast) -> None:
    await in_database(waiting, cast)
    before = await in_database(_state, cast)
    async with await desk(cast.charlie, slug="other") as socket:
        await start(socket)
        answer = await act(
            socket, cast, "conversation.transfer", to_queue=str(before[1]), client_id="t"
        )
        assert answer["code"] == "not_found"
    assert await in_database(_state, cast) == before


def _state(cast: Cast) -> tuple[Any, ...]:
    with workspace_scope(cast.workspace.id):
        row = Conversation.objects.get(id=cast.conversation_id)
        place = Placement.objects.get()
        return (
            row.owner, place.queue_id, row.staff_seq, Queue.objects.count(),
            Attendance.objects.count(),
        )  # fmt: skip


@pytest.mark.parametrize("goals", [{}, {"to_member": 1, "to_queue": 1}])
def test_a_transfer_names_one_goal(goals: dict[str, int]) -> None:
    one = str(uuid.uuid4())
    fields = dict.fromkeys(goals, one)
    frame = {"type": "conversation.transfer", "conversation_id": one, "request_id": "r"}
    text = json.dumps(frame | {"client_id": "c"} | fields)
    with pytest.raises(Invalid, match="to_member or to_queue"):
        protocol.parse(protocol.desk_commands, text)
