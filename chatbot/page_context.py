"""What the page around the widget says of itself or of its visitor, for agents to see.

It is kept with the conversation and goes with it. It is never shown to a visitor, never searched
and never sent to a model. The page's script is as public as the page: nothing here is proof.
"""

import json
from collections.abc import Mapping
from uuid import UUID

from accounts.scope import workspace_scope
from chatbot.access import own_conversation
from chatbot.errors import Invalid
from chatbot.texts import storable

MAX_BYTES = 2_048  # of the whole as JSON
MAX_NAME = 40


def set_context(
    workspace_id: UUID, conversation_id: UUID, contact_id: UUID, *, context: Mapping[str, str]
) -> None:
    """Replace the conversation's context. Raises Invalid; the same again changes nothing."""
    checked = _checked(context)
    with workspace_scope(workspace_id):
        conversation = own_conversation(conversation_id, contact_id)
        if conversation.context != checked:
            conversation.context = checked
            conversation.save(update_fields=["context"])


def _checked(context: Mapping[str, str]) -> dict[str, str]:
    kept = {storable(name).strip(): storable(value).strip() for name, value in context.items()}
    if any(not 1 <= len(name) <= MAX_NAME or not name.isprintable() for name in kept):
        raise Invalid(f"A name has 1 to {MAX_NAME} printable characters")
    if len(json.dumps(kept, ensure_ascii=False).encode()) > MAX_BYTES:
        raise Invalid(f"At most {MAX_BYTES} bytes of context", code="text_too_long")
    return kept
