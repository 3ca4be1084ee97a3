"""Join an earlier conversation of a visitor with their newer one: a link, and no event moves.

The visitor goes on in the newer one, which is where their widget is; both stay readable. If
people had the earlier one, the newer one is with people afterwards, so that nobody waits in vain.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import broadcast, events, transitions
from chatbot.errors import Conflict, Invalid
from chatbot.handoff.basis import check_visitor_was_heard
from chatbot.models import Conversation, Owner, Status

MOST_SHOWN = 20
REASON = "merge"


def merge(
    member: Member, conversation_id: UUID, into_id: UUID, *, seen_seq: int | None = None
) -> None:
    """Raises Invalid if they are not two conversations of one visitor with the newer one as goal,
    Conflict where a colleague has the earlier one or one of them is joined already, Unseen where
    the visitor was heard in the earlier one after `seen_seq`.
    """
    with workspace_scope(member.workspace_id):
        earlier, later = _both(conversation_id, into_id)
        _may_be_joined(earlier, later)
        check_visitor_was_heard(earlier, seen_seq)
        actor = transitions.by(member)
        with_people = earlier.owner != Owner.BOT
        transitions.apply(earlier, "merge", actor=actor, reason=REASON, into=later)
        if with_people and later.owner == Owner.BOT:
            _to_me(later, actor, reason=REASON)
        _say(later, member, _("An earlier conversation of this visitor was joined with this one."))
        broadcast.hint_after_commit(member.workspace_id, conversation_id)


def _both(conversation_id: UUID, into_id: UUID) -> tuple[Conversation, Conversation]:
    """Both, locked in one order, so that two who merge at once wait for each other."""
    ids = [conversation_id, into_id]
    rows = Conversation.objects.select_for_update().filter(id__in=ids).order_by("id")
    found = {row.id: row for row in rows}
    if set(ids) != set(found):
        raise NotFound("no such conversation")
    return found[conversation_id], found[into_id]


def _may_be_joined(earlier: Conversation, later: Conversation) -> None:
    if earlier.id == later.id or earlier.contact_id != later.contact_id:
        raise Invalid(_("Only conversations of one visitor can be joined."))
    if later.created_at < earlier.created_at:
        raise Invalid(_("The visitor writes in the newer one: join the earlier one with it."))
    if earlier.merged_into_id or later.merged_into_id:
        raise Conflict(_("This conversation is joined with another one already."))


def unmerge(member: Member, conversation_id: UUID) -> None:
    """Take the link away. What was open before comes to who undoes it; harmless where none is."""
    with workspace_scope(member.workspace_id):
        try:
            row = events.lock(conversation_id)
        except Conversation.DoesNotExist:
            raise NotFound("no such conversation") from None
        if row.merged_into_id is None:
            return
        later = events.lock(row.merged_into_id)
        Conversation.objects.filter(id=row.id).update(merged_into=None)
        last = row.events.filter(kind="status.changed").order_by("-staff_seq").first()
        if last is not None and last.payload.get("reason") == REASON:
            _to_me(row, transitions.by(member), reason="unmerge")
        _say(later, member, _("The earlier conversation was separated from this one again."))
        broadcast.hint_after_commit(member.workspace_id, conversation_id)


def _to_me(conversation: Conversation, actor: transitions.Actor, *, reason: str) -> None:
    if conversation.status == Status.RESOLVED:
        transitions.apply(conversation, "reopen", actor=actor, reason=reason)
    transitions.apply(conversation, "take_over", actor=actor, reason=reason)


def _say(conversation: Conversation, member: Member, text: str) -> None:
    """A note, for members alone."""
    row = events.lock(conversation.id)
    note = {
        "client_id": f"{REASON}-{row.staff_seq + 1}",
        "member_id": str(member.id),
        "member_name": member.display_name,
        "text": text,
    }
    events.append(row, "note.added", {}, visitor=False, staff=note)


def joined_with(conversation: Conversation) -> QuerySet[Conversation]:
    """The earlier ones that were joined with it. Needs the scope."""
    rows = Conversation.objects.filter(merged_into=conversation)
    return rows.order_by("-created_at")[:MOST_SHOWN]


def could_be_joined(conversation: Conversation) -> QuerySet[Conversation]:
    """The visitor's other conversations that are joined with none. Needs the scope."""
    rows = Conversation.objects.filter(
        workspace_id=conversation.workspace_id,
        contact_id=conversation.contact_id,
        merged_into__isnull=True,
        last_message_at__isnull=False,
    )
    return rows.exclude(id=conversation.id).order_by("-created_at")[:MOST_SHOWN]
