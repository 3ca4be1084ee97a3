"""Conversations as the desk's lists show them; five queries for a whole page."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from accounts.models import Member
from chatbot.models import Conversation, ConversationTag, ReadMark, Tagging
from chatbot.reading import list_rows


def listed(
    rows: Sequence[Conversation], member: Member, stand: Callable[[Conversation], str]
) -> list[dict[str, Any]]:
    """`stand` is what a page begins behind; its texts sort as the rows do. `seq` is the number of
    the newest event, of which the row tells. Needs the scope.
    """
    ids = [row.id for row in rows]
    tags, read = tags_of(ids), _read_by(member, ids)
    return [
        shown
        | {
            "stand": stand(row),
            "seq": row.staff_seq,
            "unread": row.visitor_wrote_seq > read.get(row.id, 0),
            "tags": tags.get(row.id, []),
            "snoozed_until": row.snoozed_until.isoformat() if row.snoozed_until else None,
            "merged": row.merged_into_id is not None,
        }
        for row, shown in zip(rows, list_rows(rows), strict=True)
    ]


def tags_of(ids: Sequence[UUID]) -> dict[UUID, list[dict[str, str]]]:
    """By conversation, in the order of the alphabet. Needs the scope."""
    found: dict[UUID, list[dict[str, str]]] = defaultdict(list)
    rows = Tagging.objects.filter(conversation_id__in=ids).select_related("tag")
    for row in rows.order_by("tag__key"):
        found[row.conversation_id].append(tag_row(row.tag))
    return found


def tag_row(tag: ConversationTag) -> dict[str, str]:
    return {"id": str(tag.id), "name": tag.name, "colour": tag.colour}


def _read_by(member: Member, ids: Sequence[UUID]) -> dict[UUID, int]:
    marks = ReadMark.objects.filter(member=member, conversation_id__in=ids)
    return dict(marks.values_list("conversation_id", "staff_seq"))
