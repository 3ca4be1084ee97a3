"""Hints over the channel layer. They may be lost: sockets read rows after the last they sent.

Workers and the web process publish from one long-lived loop; a Redis that is down costs nothing
but a log line.
"""

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import transaction

from outbox import loop

log = logging.getLogger(__name__)


def conversation_group(conversation_id: UUID | str) -> str:
    return f"conversation.{conversation_id}"


def desk_group(workspace_id: UUID | str) -> str:
    return f"desk.{workspace_id}"


def staff_group(conversation_id: UUID | str) -> str:
    """Of the desks that show a conversation; no visitor's socket is ever in it."""
    return f"staff.{conversation_id}"


def member_group(member_id: UUID | str) -> str:
    """Of one member's desks."""
    return f"member.{member_id}"


@dataclass(frozen=True)
class _Hint:
    workspace_id: UUID
    conversation_id: UUID

    def __call__(self) -> None:
        hint = {"type": "hint", "conversation_id": str(self.conversation_id)}
        publish(conversation_group(self.conversation_id), hint)
        publish(desk_group(self.workspace_id), hint)


@dataclass(frozen=True)
class _Placed:
    conversation_id: UUID

    def __call__(self) -> None:
        publish(conversation_group(self.conversation_id), {"type": "placed"})


def _once_after_commit(hint: _Hint | _Placed) -> None:
    """One that waits for the commit already is in this savepoint or around it: it goes no sooner
    than this one would."""
    if all(waiting != hint for _, waiting, _ in transaction.get_connection().run_on_commit):
        transaction.on_commit(hint)


def hint_after_commit(workspace_id: UUID, conversation_id: UUID) -> None:
    """Tell the sockets of the conversation and of the desk to look at the rows.

    Once for a transaction, however many events it writes.
    """
    _once_after_commit(_Hint(workspace_id, conversation_id))


def placed_after_commit(conversation_id: UUID) -> None:
    """Tell a waiting visitor's sockets to look at the place in line."""
    _once_after_commit(_Placed(conversation_id))


def staffed(workspace_id: UUID) -> None:
    """Tell the desks to look at who is there."""
    publish(desk_group(workspace_id), {"type": "staffed"})


def transient(conversation_id: UUID, frame: dict[str, Any]) -> None:
    """A frame without a number: typing, drafts. Sent at once, never stored or resumed."""
    publish(conversation_group(conversation_id), {"type": "transient", "frame": frame})


def pane_changed_after_commit(conversation_id: UUID) -> None:
    """Tell the desks that show the conversation that what stands beside it has changed."""
    frame = {"type": "pane.changed", "conversation_id": str(conversation_id)}
    transaction.on_commit(lambda: to_staff(conversation_id, frame))


def to_staff(conversation_id: UUID, frame: dict[str, Any]) -> None:
    """A frame for the desks that show the conversation. Sent at once, never stored."""
    publish(staff_group(conversation_id), {"type": "staff", "frame": frame})


def notify_after_commit(member_id: UUID, frame: dict[str, Any]) -> None:
    """A frame for one member, wherever they sit."""
    transaction.on_commit(
        lambda: publish(member_group(member_id), {"type": "staff", "frame": frame})
    )


def publish(group: str, message: dict[str, Any]) -> None:
    loop.submit(_send(group, message))


async def _send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    assert layer is not None
    try:
        await layer.group_send(group, message)
    except Exception as error:
        log.warning("hint lost", extra={"event": "hint_lost", "reason": type(error).__name__})
