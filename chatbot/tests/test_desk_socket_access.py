"""Who may use the agent's socket, and what becomes of those who may not any more."""

import json

import pytest

from accounts.models import Member, Role
from accounts.scope import workspace_scope
from chatbot import handoff, protocol
from chatbot.consumers.base import in_database
from chatbot.tests.desks import act, desk, now, start, waiting
from chatbot.tests.rest import counts
from chatbot.tests.sockets import Refused
from tests.cast import Cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("short_connections"),
]


def set_role(member: Member, role: str, *, active: bool = True) -> None:
    with workspace_scope(member.workspace_id):
        Member.objects.filter(id=member.id).update(role=role, is_active=active)


async def test_a_stranger_is_refused_and_changes_nothing(cast: Cast) -> None:
    before = await in_database(counts, cast.workspace.id)
    for who in (cast.charlie, None):
        with pytest.raises(Refused):
            async with await desk(who):
                pass
    with pytest.raises(Refused):
        async with await desk(cast.bob, slug="nowhere"):
            pass
    async with await desk(cast.charlie, slug="other") as socket:  # from his own desk
        await start(socket)
        await socket.send("conversation.open", conversation_id=str(cast.conversation_id))
        await socket.error("not_found")
        await socket.send("typing.start", conversation_id=str(cast.conversation_id))
        await socket.error("not_found")
        for command in ("claim", "take_over", "give_back", "release", "resolve"):
            answer = await act(socket, cast, f"conversation.{command}")
            assert (answer["code"], answer["message"]) == ("not_found", "Not found")
        answer = await act(socket, cast, "conversation.resolve", seen_seq=0)
        assert answer["code"] == "not_found"  # and not that there is something new
        for command in ("message.reply", "note.add"):
            answer = await act(socket, cast, command, client_id="c", text="Hello")
            assert answer["code"] == "not_found"
    assert await in_database(counts, cast.workspace.id) == before


@pytest.mark.parametrize("origin", [None, "null", "https://www.acme.example"])
async def test_a_page_of_another_origin_is_refused(cast: Cast, origin: str | None) -> None:
    """A widget's origin may show the widget; the desk is for our own pages alone."""
    with pytest.raises(Refused):
        async with await desk(cast.bob, origin=origin):
            pass


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ANALYST])
async def test_other_roles_have_no_desk(cast: Cast, role: str) -> None:
    await in_database(set_role, cast.bob, role)
    with pytest.raises(Refused):
        async with await desk(cast.bob):
            pass


@pytest.mark.parametrize(("role", "active"), [(Role.EDITOR, True), (Role.AGENT, False)])
async def test_whose_role_is_taken_away_is_closed_before_the_next_command(
    cast: Cast, role: str, active: bool
) -> None:
    await in_database(waiting, cast)
    async with await desk(cast.bob) as socket:
        await start(socket)
        await in_database(set_role, cast.bob, role, active=active)
        before = await in_database(counts, cast.workspace.id)
        await socket.send(
            "conversation.claim", conversation_id=str(cast.conversation_id), request_id="r"
        )
        assert await socket.closed() == protocol.CLOSE_NOT_ALLOWED
    assert await in_database(counts, cast.workspace.id) == before
    assert (await in_database(now, cast)).owner == "queue"


async def test_who_lost_the_role_or_logged_out_hears_nothing_more(cast: Cast) -> None:
    """The socket sent no command meanwhile; it is closed by what would have been news for it."""
    async with await desk(cast.bob) as bobs, await desk(cast.alice) as alices:
        for socket in (bobs, alices):
            await start(socket)
            await socket.send("conversation.open", conversation_id=str(cast.conversation_id))
            await socket.until("conversation.opened")
            await socket.settle()
        await in_database(set_role, cast.bob, Role.EDITOR)
        await in_database(log_out_everywhere, cast.alice)
        await in_database(waiting, cast)
        assert await bobs.closed() == protocol.CLOSE_NOT_ALLOWED
        assert await alices.closed() == protocol.CLOSE_NOT_ALLOWED
        assert bobs.events == alices.events == []


def log_out_everywhere(member: Member) -> None:
    """A new password ends every session."""
    member.user.set_password("another-horse-battery")
    member.user.save()


async def test_nothing_works_before_the_start_nor_twice(cast: Cast) -> None:
    before = await in_database(counts, cast.workspace.id)
    async with await desk(cast.bob) as socket:
        assert (await act(socket, cast, "conversation.take_over"))["code"] == "not_started"
        await start(socket)
        await socket.send("desk.start")
        await socket.error("already_started")
    assert await in_database(counts, cast.workspace.id) == before


async def test_broken_frames_get_an_error_and_change_nothing(cast: Cast) -> None:
    before = await in_database(counts, cast.workspace.id)
    where = {"conversation_id": str(cast.conversation_id), "request_id": "r"}
    tries = [
        ("{", "bad_json"),
        ('{"type": "message.send", "client_id": "a", "text": "hi"}', "unknown_type"),
        (json.dumps({"type": "conversation.claim", **where, "force": True}), "bad_frame"),
        (json.dumps({"type": "conversation.claim", "conversation_id": "x"}), "bad_frame"),
        (json.dumps({"type": "note.add", **where, "client_id": "n", "text": ""}), "empty_text"),
        (json.dumps({"type": "note.add", **where, "client_id": "\x07", "text": "a"}), "bad_frame"),
    ]
    async with await desk(cast.bob) as socket:
        await start(socket)
        for text, code in tries:
            await socket.send_text(text)
            assert (await socket.until("error"))["code"] == code, text
        await socket.send_bytes(b"{}")
        await socket.error("bad_frame")
    assert await in_database(counts, cast.workspace.id) == before


async def test_conflicts_close_no_desk(cast: Cast) -> None:
    """An agent who is often too late has done nothing wrong."""
    await in_database(handoff.take_over, cast.alice, cast.conversation_id)
    async with await desk(cast.bob) as socket:
        await start(socket)
        for _ in range(protocol.MAX_ERRORS + 1):
            assert (await act(socket, cast, "conversation.claim"))["code"] == "conflict"
        await socket.send("ping")
        await socket.until("pong")
