"""A visitor's earlier conversations at the socket, and what the page says of the visitor."""

import pytest

from accounts.scope import workspace_scope
from chatbot import handoff, history, intake, page_context
from chatbot.consumers.base import in_database
from chatbot.errors import Conflict, Invalid
from chatbot.models import Conversation
from chatbot.sessions import VisitorSession, start_session
from chatbot.tests.rest import counts
from chatbot.tests.sockets import Socket, desk_socket, logged_in, visitor_socket
from tests.cast import OTHER_ORIGIN, Cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("short_connections"),
]


def as_vera(cast: Cast) -> Socket:
    return visitor_socket(cast.acme.widget_key)


async def start(socket: Socket, cast: Cast) -> None:
    await socket.send("session.start", token=cast.vera.token)
    await socket.until("session.started")


def say(visit: VisitorSession, text: str) -> None:
    where = (visit.workspace_id, visit.conversation_id, visit.contact_id)
    intake.post_visitor_message(*where, client_id=text[:60], text=text)


def resolved(cast: Cast, text: str) -> None:
    """Vera asked something, and Bob closed it."""
    say(cast.vera, text)
    handoff.take_over(cast.bob, cast.conversation_id)
    handoff.resolve(cast.bob, cast.conversation_id)


def somebody(cast: Cast) -> VisitorSession:
    """Another visitor of acme, who said something."""
    visit = start_session(cast.workspace.id, cast.acme.widget_key, token=None, language="en")
    say(visit, "Only mine")
    return visit


async def test_a_resolved_conversation_is_followed_by_a_new_one_and_stays_readable(
    cast: Cast,
) -> None:
    await in_database(resolved, cast, "Where is my anvil?")
    async with as_vera(cast) as socket, as_vera(cast) as other_window:
        await start(socket, cast)
        await start(other_window, cast)
        await socket.send("conversation.start")
        began = await socket.until("session.started")
        assert began["conversation_id"] != str(cast.conversation_id)
        assert (began["seq"], began["status"], began["token"]) == (0, "open", cast.vera.token)
        await other_window.send("conversation.start")
        assert (await other_window.until("session.started"))["conversation_id"] == (
            began["conversation_id"]
        )
        await socket.send("message.send", client_id="new", text="Another thing")
        assert (await socket.event("message.posted"))["seq"] == 1
        assert (await other_window.event("message.posted"))["payload"]["text"] == "Another thing"
        await socket.send("conversations.list")
        listed = await socket.until("conversations.listed")
        assert [(one["id"], one["status"], one["preview"]) for one in listed["conversations"]] == [
            (str(cast.conversation_id), "resolved", "Where is my anvil?")
        ]
        assert listed["more"] is False
        await socket.send("history.read", conversation_id=str(cast.conversation_id))
        shown = await socket.until("history.shown")
        assert shown["events"][0]["payload"]["text"] == "Where is my anvil?"
        await socket.send("conversation.start")
        assert "not closed" in (await socket.error("conflict"))["message"]


async def test_who_comes_back_goes_on_with_the_newest(cast: Cast) -> None:
    await in_database(resolved, cast, "First")
    where = (cast.workspace.id, cast.conversation_id, cast.vera.contact_id)
    begun = await in_database(history.start_new, *where)
    async with as_vera(cast) as socket:
        await socket.send("session.start", token=cast.vera.token)
        assert (await socket.until("session.started"))["conversation_id"] == str(begun)


async def test_strangers_find_nothing_and_change_nothing(cast: Cast) -> None:
    """Another visitor's conversation, and those of another workspace."""
    stranger = await in_database(somebody, cast)
    before = await in_database(counts, cast.workspace.id)
    async with as_vera(cast) as socket:
        await start(socket, cast)
        await socket.send("history.read", conversation_id=str(stranger.conversation_id))
        await socket.error("not_found")
        await socket.send("conversations.list")
        assert (await socket.until("conversations.listed"))["conversations"] == []
        for sent in ("conversations.list", "conversation.start"):
            await socket.send(sent, contact_id=str(stranger.contact_id))
            await socket.error("bad_frame")
    async with visitor_socket(cast.other.widget_key, origin=OTHER_ORIGIN) as charlies:
        await charlies.send("conversations.list")
        await charlies.error("not_started")
        await charlies.send("session.start")
        await charlies.until("session.started")
        await charlies.send("history.read", conversation_id=str(cast.conversation_id))
        await charlies.error("not_found")
    assert await in_database(counts, cast.workspace.id) == before


def test_earlier_conversations_come_in_pages(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 2)
    where = [cast.workspace.id, cast.conversation_id, cast.vera.contact_id]
    for number in range(4):
        intake.post_visitor_message(*where, client_id=str(number), text=f"Question {number}")
        handoff.take_over(cast.bob, where[1])
        handoff.resolve(cast.bob, where[1])
        where[1] = history.start_new(*where)
    first = history.earlier(*where)
    assert [one["preview"] for one in first["conversations"]] == ["Question 3", "Question 2"]
    assert first["more"]
    second = history.earlier(*where, before=first["conversations"][-1]["id"])
    assert [one["preview"] for one in second["conversations"]] == ["Question 1", "Question 0"]
    assert not second["more"]
    with pytest.raises(Conflict, match="not closed"):
        history.start_new(*where)


def context(cast: Cast) -> dict[str, str]:
    with workspace_scope(cast.workspace.id):
        kept: dict[str, str] = Conversation.objects.get(id=cast.conversation_id).context
    return kept


async def test_what_the_page_says_is_shown_to_agents_and_to_no_visitor(cast: Cast) -> None:
    plan = {"plan": "gold", "page": "/checkout"}
    cookie = await in_database(logged_in, cast.bob)
    async with as_vera(cast) as socket:
        await start(socket, cast)
        await socket.send("context.set", context=plan)
        await socket.send("message.send", client_id="a", text="Hello there")
        await socket.event("message.posted")
        await socket.send("conversations.list")
        frames = [*socket.events, await socket.until("conversations.listed")]
        assert "gold" not in str(frames)
        for bad in ({"n": {"deep": 1}}, {"n": 5}, ["plan"], {"": "x"}, {"big": "x" * 2_100}):
            await socket.send("context.set", context=bad)
            assert (await socket.until("error"))["code"] in {"bad_frame", "text_too_long"}
    assert await in_database(context, cast) == plan
    async with desk_socket(cookie, "acme") as desk:
        await desk.send("desk.start")
        await desk.send("conversation.open", conversation_id=str(cast.conversation_id))
        opened = await desk.until("conversation.opened")
        assert opened["conversation"]["context"] == plan


def test_context_of_somebody_else_cannot_be_set(cast: Cast) -> None:
    stranger = somebody(cast)
    with pytest.raises(Exception, match="no such conversation"):
        page_context.set_context(
            cast.workspace.id, cast.conversation_id, stranger.contact_id, context={"plan": "gold"}
        )
    assert context(cast) == {}
    with pytest.raises(Invalid):
        page_context.set_context(
            cast.workspace.id, cast.conversation_id, cast.vera.contact_id, context={"\x07": "x"}
        )
    assert context(cast) == {}
