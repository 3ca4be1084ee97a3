"""The agent's socket: live lists, open conversations, and what an agent does with them."""

import asyncio
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from accounts.access import AGENTS, member_for
from accounts.errors import NotAllowed, NotFound
from accounts.models import Member, User
from chatbot import broadcast, handoff, protocol, reading
from chatbot.consumers.attendance import Attending
from chatbot.consumers.base import in_database
from chatbot.consumers.inbox import InboxHints
from chatbot.consumers.origins import origin_of, own_origins
from chatbot.consumers.pane import PaneConsumer
from chatbot.errors import Conflict, Invalid
from chatbot.handoff.basis import Basis
from chatbot.inbox import marks

COALESCE_S = 0.2  # lists are sent at most this often
POLL_S = 15.0
MAX_OPENED = 50
ACTIONS: Mapping[type[protocol.Frame], Callable[[Member, UUID], object]] = {
    protocol.ConversationClaim: handoff.claim,
    protocol.ConversationTakeOver: handoff.take_over,
    protocol.ConversationGiveBack: handoff.give_back,
    protocol.ConversationRelease: handoff.release,
}


def member_now(session_key: str | None, slug: str) -> Member:
    """Whose log-in this is, as rows say it now. Raises NotFound, NotAllowed.

    Whoever logged out, changed the password or lost the role is not found any more.
    """
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User):
        raise NotFound("not logged in")
    return member_for(user, workspace_slug=slug, roles=AGENTS)


def _transfer(member: Member, command: protocol.ConversationTransfer) -> None:
    move = handoff.transfer_to_member if command.to_member else handoff.transfer_to_queue
    to = command.to_member or command.to_queue
    assert to is not None
    where = command.conversation_id
    move(member, where, to=to, note=command.note, client_id=command.client_id)


class DeskConsumer(Attending, PaneConsumer):
    commands = protocol.desk_commands

    async def connect(self) -> None:
        self._opened: dict[UUID, int] = {}  # and the number of the last event sent
        self._lists_due = asyncio.Event()
        self._inbox = InboxHints()
        if origin_of(self.scope) not in own_origins(self.scope):
            await self.close()
            return
        try:
            self.member = await self._member_now()
        except (NotFound, NotAllowed):
            await self.close()
            return
        await self.begin()

    async def _member_now(self) -> Member:
        slug = self.scope["url_route"]["kwargs"]["slug"]
        return await in_database(member_now, self.scope["session"].session_key, slug)

    async def _checked_member(self) -> Member | None:
        """Asked before anything is sent or done; where the role is gone, the socket closes."""
        try:
            return await self._member_now()
        except (NotFound, NotAllowed):
            await self.close(code=protocol.CLOSE_NOT_ALLOWED)
            return None

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.started and self.member:
            groups = [broadcast.conversation_group(opened) for opened in self._opened]
            for group in [*groups, broadcast.desk_group(self.member.workspace_id)]:
                await self.unsubscribe(group)
            await self.leave_seat(list(self._opened))

    async def handle(self, command: Any) -> None:
        if isinstance(command, protocol.Ping):
            await self.frame(type="pong")
            return
        member = await self._checked_member()
        if member is None:
            return
        if isinstance(command, protocol.DeskStart):
            await self._start(member, command)
        elif not self.started:
            raise Invalid("Begin with desk.start", code="not_started")
        elif isinstance(command, protocol.ConversationOpen):
            await self._open(member, command)
        elif isinstance(command, protocol.ConversationClose):
            await self._close_conversation(command.conversation_id)
        elif isinstance(command, protocol.DeskTyping):
            await self._typing(member, command.conversation_id)
        elif isinstance(command, protocol.PresenceSet):
            await self._choose_state(member, command)
        elif isinstance(command, protocol.PresenceShow):
            self.show_presence(command, self._opened)
        else:
            await self._act(member, command)

    async def _start(self, member: Member, command: protocol.DeskStart) -> None:
        if self.started:
            raise Invalid("The session has begun already", code="already_started")
        self.started = True
        self._inbox.wanted = not command.lists
        await self.subscribe(broadcast.desk_group(member.workspace_id))
        await self.take_seat(member)
        await self.frame(
            type="desk.started",
            member_id=member.id,
            name=member.display_name,
            role=member.role,
        )
        await self._arrive(member)
        self._lists_due.set()
        self.spawn(self._send_lists())

    async def _act(self, member: Member, command: Any) -> None:
        """Carry out one action and confirm it by its request_id."""
        if isinstance(command, protocol.MessageReply):
            message = await in_database(
                handoff.reply,
                member,
                command.conversation_id,
                client_id=command.client_id,
                text=command.text,
                basis=Basis(command.suggestion_id, command.seen_seq, tuple(command.attachments)),
            )
            await self.frame(type="done", request_id=command.request_id, message_id=message.id)
        elif isinstance(command, protocol.NoteAdd):
            await in_database(
                handoff.add_note,
                member,
                command.conversation_id,
                client_id=command.client_id,
                text=command.text,
            )
            await self.frame(type="done", request_id=command.request_id)
        elif isinstance(command, protocol.ConversationTransfer):
            await in_database(_transfer, member, command)
            await self.frame(type="done", request_id=command.request_id)
        elif isinstance(command, protocol.ConversationResolve):
            await in_database(
                handoff.resolve, member, command.conversation_id, seen_seq=command.seen_seq
            )
            await self.frame(type="done", request_id=command.request_id)
        else:
            await in_database(ACTIONS[type(command)], member, command.conversation_id)
            await self.frame(type="done", request_id=command.request_id)
        await self._catch_up(command.conversation_id)

    async def _open(self, member: Member, command: protocol.ConversationOpen) -> None:
        if len(self._opened) >= MAX_OPENED and command.conversation_id not in self._opened:
            raise Conflict(f"At most {MAX_OPENED} conversations at once; close one")
        state = await in_database(
            reading.conversation_state, member.workspace_id, command.conversation_id
        )
        await self.subscribe(broadcast.conversation_group(command.conversation_id))
        await self.look(command.conversation_id)
        async with self.sending:
            self._opened[command.conversation_id] = min(command.after_seq, state["staff_seq"])
            await self.frame(type="conversation.opened", conversation=state, seq=state["staff_seq"])
        await self._catch_up(command.conversation_id)

    async def _close_conversation(self, conversation_id: UUID) -> None:
        async with self.sending:
            if self._opened.pop(conversation_id, None) is not None:
                await self.unsubscribe(broadcast.conversation_group(conversation_id))
                await self.hide(conversation_id)

    async def _typing(self, member: Member, conversation_id: UUID) -> None:
        """Only for a conversation that this member holds."""
        state = await in_database(reading.conversation_state, member.workspace_id, conversation_id)
        if state["owner_member_id"] == str(member.id):
            frame = {"type": "typing.started", "who": "agent", "name": member.display_name}
            broadcast.transient(conversation_id, frame)

    async def hint(self, message: dict[str, Any]) -> None:
        self._inbox.touch(UUID(message["conversation_id"]))
        self._lists_due.set()
        await self.quietly(self._catch_up(UUID(message["conversation_id"])))

    async def staffed(self, message: dict[str, Any]) -> None:
        self._lists_due.set()

    async def transient(self, message: dict[str, Any]) -> None:
        if message["frame"].get("who") == "visitor":
            await self.frame(**message["frame"])

    async def _send_lists(self) -> None:
        """The lists whenever something changed, and every 15 s in case a hint was lost."""
        while not self.closed:
            try:
                await asyncio.wait_for(self._lists_due.wait(), POLL_S)
            except TimeoutError:
                await self.quietly(self._catch_up(*self._opened))
            self._lists_due.clear()
            await self.quietly(self._send_lists_once())
            await asyncio.sleep(COALESCE_S)

    async def _send_lists_once(self) -> None:
        member = await self._checked_member()
        if member and self._inbox.wanted:
            await self.frame(type="inbox.changed", conversation_ids=self._inbox.take())
        elif member:
            await self.frame(type="queue.changed", **await in_database(reading.desk_lists, member))
        if member:
            await self._send_staffed(member)

    async def _catch_up(self, *conversation_ids: UUID) -> None:
        """Send the events of these conversations after the last ones sent, if they are open."""
        opened = [one for one in conversation_ids if one in self._opened]
        member = await self._checked_member() if opened else None
        if member is None:
            return
        async with self.sending:
            for one in opened:
                await self._send_events(member, one)

    async def _send_events(self, member: Member, conversation_id: UUID) -> None:
        """The caller holds the lock. What was sent counts as read."""
        before = self._opened.get(conversation_id)
        while conversation_id in self._opened:
            after = self._opened[conversation_id]
            frames = await in_database(
                reading.staff_events, member.workspace_id, conversation_id, after
            )
            for frame in frames:
                await self.frame(**frame)
                self._opened[conversation_id] = frame["seq"]
            if not frames:
                if after != before or not before:
                    await in_database(marks.read, member, conversation_id, after)
                return
