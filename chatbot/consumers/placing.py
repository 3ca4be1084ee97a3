"""Tell a waiting visitor the place in line whenever it changes. Counted from rows, never stored."""

from typing import Any
from uuid import UUID

from chatbot.consumers.base import FrameConsumer, in_database
from chatbot.queues import leaving
from chatbot.queues.waits import Placed, placed
from chatbot.sessions import VisitorSession


def _place(workspace_id: UUID, conversation_id: UUID) -> Placed | None:
    """Whoever is told the place is there to be told it."""
    found = placed(workspace_id, conversation_id)
    if found is not None:
        leaving.visitor_here(workspace_id, conversation_id)
    return found


class Placing(FrameConsumer):
    """Part of the visitor's consumer."""

    session: VisitorSession | None = None
    _placed: Placed | None = None

    async def _tell_place(self) -> None:
        session = self.session
        if session is None:
            return
        found = await in_database(_place, session.workspace_id, session.conversation_id)
        if found is not None and found != self._placed:
            await self.frame(
                type="queue.placed",
                position=found.position,
                expected_wait_s=found.expected_wait_s,
            )
        self._placed = found

    async def placed(self, message: dict[str, Any]) -> None:
        """Somebody before this visitor left the line."""
        await self.quietly(self._tell_place())
