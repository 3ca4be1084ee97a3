"""An agent's presence over the desk's socket: heartbeats while it is open, and the state chosen."""

import asyncio
from typing import Any

from accounts.models import Member
from chatbot import broadcast, protocol
from chatbot.consumers.base import FrameConsumer, in_database
from chatbot.queues import shown, staff
from chatbot.queues.attention import attention


class Attending(FrameConsumer):
    """Part of the desk's consumer."""

    _staffed: dict[str, Any] | None = None

    async def _arrive(self, member: Member) -> None:
        """The first heartbeat is before the first list, which shows this agent as there."""
        await in_database(staff.heartbeat, member)
        broadcast.staffed(member.workspace_id)
        self.spawn(self._beat(member))

    async def _beat(self, member: Member) -> None:
        while not self.closed:
            await asyncio.sleep(staff.HEARTBEAT_S)
            await self.quietly(in_database(staff.heartbeat, member))

    async def _choose_state(self, member: Member, command: protocol.PresenceSet) -> None:
        await in_database(staff.choose_state, member, command.state)
        broadcast.staffed(member.workspace_id)
        await self.frame(type="done", request_id=command.request_id)
        await self._send_staffed(member)

    async def _send_staffed(self, member: Member) -> None:
        """Who is there, if that has changed since it was sent."""
        found = await in_database(_seen_by, member)
        if found != self._staffed:
            self._staffed = found
            await self.frame(type="desk.staffed", **found)


def _seen_by(member: Member) -> dict[str, Any]:
    return shown.staffed(member) | {"attention": attention(member)}
