"""What an agent had seen when they acted, and which suggestion a reply began as.

Who says nothing of what they saw is not checked: a script that knows what it wants. What ends by
itself (chatbot.closing, chatbot.queues) looks at the rows again under the lock instead.
"""

from dataclasses import dataclass
from uuid import UUID

from accounts.errors import NotFound
from accounts.models import Member
from chatbot.errors import Conflict, Unseen
from chatbot.models import Conversation, Message, Owner, Suggestion, SuggestionUse
from knowledge.models import Article, Audience


@dataclass(frozen=True)
class Basis:
    """`seen_seq`: the newest event that the author had on the screen while writing.

    `files`: unsent ones of the author, that go with the reply.
    """

    suggestion_id: UUID | None = None
    seen_seq: int | None = None
    files: tuple[UUID, ...] = ()


def check_nobody_was_faster(conversation: Conversation, member: Member, basis: Basis) -> None:
    """Raises Conflict, overtaken, if somebody else has replied since. The caller has the lock."""
    if basis.seen_seq is None:
        return
    replies = conversation.events.filter(kind="message.posted", staff_seq__gt=basis.seen_seq)
    authors = replies.exclude(payload__author="visitor").values_list("staff_payload", flat=True)
    if any(row.get("member_id") != str(member.id) for row in authors):
        raise Conflict("Somebody else has replied meanwhile", code="overtaken")


def check_visitor_was_heard(conversation: Conversation, seen_seq: int | None) -> None:
    """Raises Unseen if the visitor has written since, or waits for people since.

    For what would put the conversation out of sight. The caller has the lock.
    """
    if seen_seq is None or conversation.staff_seq <= seen_seq:
        return
    moves = conversation.events.filter(kind="owner.changed", staff_seq__gt=seen_seq)
    if (
        conversation.visitor_wrote_seq > seen_seq
        or moves.filter(payload__owner=Owner.QUEUE).exists()
    ):
        raise Unseen(conversation.staff_seq)


def suggestion_of(conversation: Conversation, basis: Basis) -> Suggestion | None:
    """Raises NotFound for one of another conversation, Conflict("withdrawn") for an article that
    not everybody may read, or may not any more."""
    if basis.suggestion_id is None:
        return None
    found = Suggestion.objects.filter(id=basis.suggestion_id, conversation=conversation).first()
    if found is None:
        raise NotFound("no such suggestion")
    article = Article.objects.filter(id=found.article_id, archived_at=None).first()
    if article is None or not found.public or article.audience != Audience.PUBLIC:
        raise Conflict("Visitors may not read this article", code="withdrawn")
    return found


def note_use(message: Message, suggestion: Suggestion | None) -> None:
    """Keep what was inserted, and whether its words were changed: agents teach by choosing."""
    if suggestion is not None:
        SuggestionUse.objects.create(
            workspace_id=message.workspace_id,
            message=message,
            suggestion=suggestion,
            edited=" ".join(message.text.split()) != " ".join(suggestion.text.split()),
        )
