"""The dialogue before a turn, as the large model is shown it."""

from chatbot.escalation.prompt import MAX_HISTORY
from chatbot.models import Author, Message, Slot, Turn

ROLES = {Author.VISITOR: "visitor", Author.MEMBER: "person"}


def history_before(turn: Turn) -> list[tuple[str, str]]:
    """(role, text) of the last messages before the turn, oldest first."""
    rows = (
        Message.objects.filter(conversation_id=turn.conversation_id)
        .exclude(turn_id=turn.id)
        .exclude(slot__in=(Slot.CONSENT, Slot.HOLDING, Slot.WITHDRAWN))
        .exclude(chosen_from__slot=Slot.CONSENT)
        .order_by("-created_at", "-id")
        .values_list("author", "text")[:MAX_HISTORY]
    )
    return [(ROLES.get(Author(author), "bot"), text) for author, text in reversed(rows)]
