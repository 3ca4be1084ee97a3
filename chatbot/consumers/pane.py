"""What the desk's socket adds for the pane: who else looks, and notices for one member.

Frames of the staff's groups never pass through a visitor's socket: it is in none of these groups.
"""

from typing import Any
from uuid import UUID

from accounts.models import Member
from chatbot import broadcast, protocol
from chatbot.consumers.base import FrameConsumer


class PaneConsumer(FrameConsumer):
    """Mixed into the desk's consumer, which says whose socket it is and what is open."""

    member: Member | None = None

    async def staff(self, message: dict[str, Any]) -> None:
        """A frame for staff; one's own presence is not told to oneself."""
        frame = message["frame"]
        own = self.member and frame.get("member_id") == str(self.member.id)
        if not own:
            await self.frame(**frame)

    async def take_seat(self, member: Member) -> None:
        await self.subscribe(broadcast.member_group(member.id))

    async def leave_seat(self, opened: list[UUID]) -> None:
        if self.member is None:
            return
        await self.unsubscribe(broadcast.member_group(self.member.id))
        for conversation_id in opened:
            await self.hide(conversation_id)

    async def look(self, conversation_id: UUID) -> None:
        """Hear what is said to the staff of this conversation."""
        await self.subscribe(broadcast.staff_group(conversation_id))

    async def hide(self, conversation_id: UUID) -> None:
        await self.unsubscribe(broadcast.staff_group(conversation_id))
        self._say(conversation_id, "left")

    def show_presence(self, command: protocol.PresenceShow, opened: dict[UUID, int]) -> None:
        """Only of what this socket has open, so that no foreign conversation is written to."""
        if command.conversation_id in opened:
            self._say(command.conversation_id, command.state)

    def _say(self, conversation_id: UUID, state: str) -> None:
        if self.member is None:
            return
        frame = {
            "type": "presence.shown",
            "conversation_id": str(conversation_id),
            "member_id": str(self.member.id),
            "name": self.member.display_name,
            "state": state,
        }
        broadcast.to_staff(conversation_id, frame)
