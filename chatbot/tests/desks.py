"""Agents at their sockets, for tests."""

import uuid
from typing import Any

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import intake
from chatbot.consumers.base import in_database
from chatbot.models import Conversation
from chatbot.tests.sockets import Socket, desk_socket, logged_in
from tests.cast import Cast


async def desk(who: Member | None, *, slug: str = "acme", **more: Any) -> Socket:
    cookie = await in_database(logged_in, who) if who else None
    return desk_socket(cookie, slug, **more)


async def start(socket: Socket) -> dict[str, Any]:
    await socket.send("desk.start")
    return await socket.until("desk.started")


async def act(socket: Socket, cast: Cast, command: str, **more: Any) -> dict[str, Any]:
    """Send a command on vera's conversation; the frame that confirms or refuses it."""
    request_id = uuid.uuid4().hex
    where = {"conversation_id": str(cast.conversation_id), "request_id": request_id}
    await socket.send(command, **where, **more)
    while True:
        frame = await socket.next()
        if frame.get("request_id") == request_id:
            return frame


def waiting(cast: Cast) -> None:
    """Vera writes and asks for a person."""
    where = (cast.workspace.id, cast.conversation_id, cast.vera.contact_id)
    intake.post_visitor_message(*where, client_id="v1", text="Please help")
    intake.request_person(*where)


def now(cast: Cast) -> Conversation:
    with workspace_scope(cast.workspace.id):
        return Conversation.objects.select_related("owner_member").get(id=cast.conversation_id)
