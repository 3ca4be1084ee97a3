"""What a desk's socket tells of the inbox: which conversations to look at again, and no more."""

from uuid import UUID

MOST = 100  # more than that, and the client looks at all of it


class InboxHints:
    """`wanted`: this client reads its lists over HTTP and is sent hints in place of the lists."""

    def __init__(self) -> None:
        self.wanted = False
        self._touched: dict[UUID, None] = {}

    def touch(self, conversation_id: UUID) -> None:
        self._touched[conversation_id] = None

    def take(self) -> list[UUID]:
        """Those since the last time; none where there were too many to name."""
        found, self._touched = list(self._touched), {}
        return found if len(found) <= MOST else []
