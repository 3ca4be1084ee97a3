"""One action on one or many conversations, each by the rules of a single one.

Every conversation is a transaction of its own, and the answer says of each how it went: of a
hundred that are resolved, three that a colleague holds stay as they are, and are named; and so is
one whose visitor has written since the agent chose it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.errors import ChatError, Invalid, Unseen
from chatbot.inbox import merging, snoozing, tags
from chatbot.models import Conversation, Owner

MOST = 100


@dataclass(frozen=True)
class Order:
    """What to do: `tag` for tagging, `until` for snoozing, `into` for merging.

    `seen`: by conversation, the newest event that the agent had seen of it.
    """

    action: str
    tag: str = ""
    until: datetime | None = None
    into: UUID | None = None
    seen: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """How it went with one conversation; `code` is empty where it worked.

    `seq`: of the newest event, where it was refused because of what the visitor did.
    """

    id: UUID
    code: str = ""
    message: str = ""
    seq: int | None = None


def _assign(member: Member, conversation_id: UUID, order: Order) -> None:
    """To oneself, from the queue or from the bot."""
    with workspace_scope(member.workspace_id):
        row = Conversation.objects.filter(id=conversation_id).first()
    if row is not None and row.owner == Owner.BOT:
        handoff.take_over(member, conversation_id)
    else:
        handoff.claim(member, conversation_id)


def _snooze(member: Member, conversation_id: UUID, order: Order) -> None:
    if order.until is None:
        raise Invalid("Say until when")
    snoozing.snooze(member, conversation_id, order.until, seen_seq=order.seen.get(conversation_id))


def _merge(member: Member, conversation_id: UUID, order: Order) -> None:
    if order.into is None:
        raise Invalid("Say with which one")
    merging.merge(member, conversation_id, order.into, seen_seq=order.seen.get(conversation_id))


ACTIONS: Mapping[str, Callable[[Member, UUID, Order], object]] = {
    "assign": _assign,
    "resolve": lambda member, one, order: handoff.resolve(
        member, one, seen_seq=order.seen.get(one)
    ),
    "snooze": _snooze,
    "wake": lambda member, one, order: snoozing.wake(member, one),
    "tag": lambda member, one, order: tags.add(member, one, order.tag),
    "untag": lambda member, one, order: tags.remove(member, one, order.tag),
    "merge": _merge,
    "unmerge": lambda member, one, order: merging.unmerge(member, one),
}


def act(member: Member, ids: Sequence[UUID], order: Order) -> list[Done]:
    """Carry the order out on each of them, at most MOST, each once and in the order given.

    Raises Invalid for an action that there is not, and for none or too many conversations.
    """
    unique = list(dict.fromkeys(ids))
    if order.action not in ACTIONS:
        raise Invalid("There is no such action")
    if not 0 < len(unique) <= MOST:
        raise Invalid(f"Choose 1 to {MOST} conversations")
    return [_one(member, one, order) for one in unique]


def _one(member: Member, conversation_id: UUID, order: Order) -> Done:
    try:
        ACTIONS[order.action](member, conversation_id, order)
    except NotFound:
        return Done(conversation_id, "not_found", "Not found")
    except Unseen as error:
        return Done(conversation_id, error.code, error.message, error.seq)
    except ChatError as error:
        return Done(conversation_id, error.code, error.message)
    return Done(conversation_id)
