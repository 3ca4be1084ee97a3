"""How visitors rate a conversation that was closed: once for each closing, changeable for a day."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import Member, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import events
from chatbot.access import own_conversation
from chatbot.errors import Conflict, Invalid
from chatbot.models import Conversation, Event, Handoff, Rating
from chatbot.texts import storable

SCORES = range(1, 6)
MAX_COMMENT = 1_000
GIVE_WITHIN = timedelta(days=7)
CHANGE_WITHIN = timedelta(days=1)


def asked() -> bool:
    """Whether the scope's workspace asks for ratings."""
    return WorkspaceSettings.objects.values_list("ratings_asked", flat=True).first() is not False


def give(
    workspace_id: UUID, conversation_id: UUID, contact_id: UUID, *, score: int, comment: str = ""
) -> None:
    """Rate the last closing, or change that rating. The same again changes nothing.

    Raises Conflict where nothing was closed, it is too late, or the workspace asks for none.
    """
    comment = storable(comment).strip()
    if score not in SCORES:
        raise Invalid("score must be 1 to 5")
    if len(comment) > MAX_COMMENT:
        raise Invalid(f"At most {MAX_COMMENT} characters", code="text_too_long")
    with workspace_scope(workspace_id):
        conversation = own_conversation(conversation_id, contact_id)
        closing = _last_closing(conversation)
        if closing is None or not asked():
            raise Conflict("There is nothing to rate")
        if _store(conversation, closing, score=score, comment=comment):
            payload = {"score": score, "comment": comment, "closing": closing.visitor_seq or 0}
            events.append(conversation, "rating.given", payload)


def _store(conversation: Conversation, closing: Event, *, score: int, comment: str) -> bool:
    """False where it was said before."""
    now = timezone.now()
    row = Rating.objects.filter(conversation=conversation, closing=closing.staff_seq).first()
    if row is None:
        if now - closing.created_at > GIVE_WITHIN:
            raise Conflict("It is too late to rate this conversation")
        Rating.objects.create(
            workspace_id=conversation.workspace_id,
            conversation=conversation,
            closing=closing.staff_seq,
            closed_at=closing.created_at,
            member=_who_helped(conversation, closing),
            score=score,
            comment=comment,
        )
        return True
    if (row.score, row.comment) == (score, comment):
        return False
    if now - row.given_at > CHANGE_WITHIN:
        raise Conflict("It is too late to change this rating")
    row.score, row.comment = score, comment
    row.save(update_fields=["score", "comment", "changed_at"])
    return True


def _closings(conversation: Conversation) -> list[Event]:
    """The last two, newest first."""
    closed = Event.objects.filter(
        conversation=conversation, kind="status.changed", payload__status="resolved"
    )
    return list(closed.order_by("-staff_seq")[:2])


def _last_closing(conversation: Conversation) -> Event | None:
    return next(iter(_closings(conversation)), None)


def _who_helped(conversation: Conversation, closing: Event) -> Member | None:
    """Whoever held it last since the closing before; None where no person did."""
    held = Handoff.objects.filter(
        conversation=conversation,
        claimed_by__isnull=False,
        claimed_at__lte=closing.created_at,
    ).select_related("claimed_by")
    earlier = _closings(conversation)[1:]
    if earlier:
        held = held.filter(claimed_at__gt=earlier[0].created_at)
    last = held.order_by("-claimed_at").first()
    return last.claimed_by if last else None
