"""Colleagues who are named in an internal note, as "@Bob" or "@Bob Smith"."""

import re
from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from accounts.access import AGENTS
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import broadcast
from chatbot.models import Conversation, Mention

MOST = 20
LISTED = 50
_AT = re.compile(r"(?<![\w@])@(?=\w)")


def named_in(text: str, author: Member) -> list[Member]:
    """Members with a desk whose name stands behind an @: the whole name, or its first word where
    only one has it. The longest name that fits; not the author. Needs the scope."""
    if "@" not in text:
        return []
    colleagues = list(Member.objects.filter(is_active=True, role__in=AGENTS))
    names = _names(colleagues)
    found: dict[UUID, Member] = {}
    for match in _AT.finditer(text):
        rest = text[match.end() :].casefold()
        fits = [name for name in names if rest.startswith(name) and _ends(rest, len(name))]
        if fits:
            member = names[max(fits, key=len)]
            found[member.id] = member
    found.pop(author.id, None)
    return list(found.values())[:MOST]


def _names(colleagues: Sequence[Member]) -> dict[str, Member]:
    whole: dict[str, list[Member]] = {}
    first: dict[str, list[Member]] = {}
    for one in colleagues:
        name = " ".join(one.display_name.casefold().split())
        whole.setdefault(name, []).append(one)
        first.setdefault(name.split(" ")[0], []).append(one)
    names = {name: ones[0] for name, ones in first.items() if len(ones) == 1}
    return names | {name: ones[0] for name, ones in whole.items() if name and len(ones) == 1}


def _ends(text: str, at: int) -> bool:
    return at == len(text) or not (text[at].isalnum() or text[at] == "_")


def store(
    conversation: Conversation, named: Sequence[Member], *, by: Member, text: str, seq: int
) -> None:
    """In the transaction of the note; each of them gets a notice after commit."""
    for member in named:
        Mention.objects.create(
            workspace_id=conversation.workspace_id,
            conversation=conversation,
            staff_seq=seq,
            member=member,
            by=by,
            text=text,
        )
        frame = {
            "type": "notice.made",
            "about": "mention",
            "conversation_id": str(conversation.id),
            "name": by.display_name,
        }
        broadcast.notify_after_commit(member.id, frame)


def unseen(member: Member) -> list[Mention]:
    """The newest 50 that the member has not looked at."""
    with workspace_scope(member.workspace_id):
        return list(Mention.objects.unseen_of(member).select_related("by")[:LISTED])


def count_unseen(member: Member) -> int:
    """At most 51: more is not counted."""
    with workspace_scope(member.workspace_id):
        return Mention.objects.unseen_of(member)[: LISTED + 1].count()


def mark_seen(member: Member, conversation_id: UUID) -> int:
    """The member looks at the conversation; how many notices that ends. Raises NotFound."""
    with workspace_scope(member.workspace_id):
        if not Conversation.objects.filter(id=conversation_id).exists():
            raise NotFound("no such conversation")
        rows = Mention.objects.unseen_of(member).filter(conversation_id=conversation_id)
        return rows.order_by().update(seen_at=timezone.now())
