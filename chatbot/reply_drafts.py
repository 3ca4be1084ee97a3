"""What agents have typed and not sent, kept for each conversation, on every device of theirs.

A device says which revision it changed. What another device wrote meanwhile is given back with
the refusal, so that neither text is lost.
"""

from dataclasses import dataclass
from uuid import UUID

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import events
from chatbot.errors import Invalid
from chatbot.models import Conversation, ReplyDraft, Suggestion
from chatbot.texts import MAX_TEXT, storable

MODES = ("reply", "note")
LONGEST = MAX_TEXT * 2  # a draft may be too long for now


@dataclass(frozen=True)
class Typed:
    """`revision`: of the draft that was changed; 0 where there was none."""

    mode: str
    text: str
    revision: int
    suggestion_id: UUID | None = None


def drafts_of(member: Member, conversation_id: UUID) -> list[ReplyDraft]:
    """The member's own, one of each mode at most. Raises NotFound."""
    with workspace_scope(member.workspace_id):
        if not Conversation.objects.filter(id=conversation_id).exists():
            raise NotFound("no such conversation")
        return list(ReplyDraft.objects.filter(conversation_id=conversation_id, member=member))


def keep(member: Member, conversation_id: UUID, typed: Typed) -> tuple[ReplyDraft, bool]:
    """The draft as it is now, and whether it is what was typed. Raises Invalid, NotFound.

    An empty text is kept too, so that another device learns that it was sent or taken back.
    """
    text = storable(typed.text)
    if typed.mode not in MODES or typed.revision < 0 or len(text) > LONGEST:
        raise Invalid("This is no draft")
    with workspace_scope(member.workspace_id):
        try:
            conversation = events.lock(conversation_id)
        except Conversation.DoesNotExist:
            raise NotFound("no such conversation") from None
        of_mode = {"conversation": conversation, "member": member, "mode": typed.mode}
        known = ReplyDraft.objects.filter(**of_mode).first()
        if known is None:
            row = ReplyDraft(workspace_id=member.workspace_id, revision=0, **of_mode)
        elif known.text in {text, ""} or known.revision == typed.revision:
            row = known
        else:
            return known, False
        row.text, row.suggestion = text, _suggestion(conversation, typed)
        row.revision += 1
        row.save()
        return row, True


def _suggestion(conversation: Conversation, typed: Typed) -> Suggestion | None:
    if typed.suggestion_id is None:
        return None
    return Suggestion.objects.filter(conversation=conversation, id=typed.suggestion_id).first()
