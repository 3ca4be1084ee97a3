"""Where a page ended, as a text that clients hand back and need not understand."""

import base64
import json
from uuid import UUID

from chatbot.errors import Invalid


def encode(*parts: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode(cursor: str, *, parts: int) -> list[str]:
    """Raises Invalid for a text that `encode` did not make."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise Invalid("cursor: not one of ours", code="invalid") from None
    if not isinstance(found, list) or len(found) != parts:
        raise Invalid("cursor: not one of ours", code="invalid")
    if not all(isinstance(part, str) and part.isprintable() for part in found):
        raise Invalid("cursor: not one of ours", code="invalid")
    return found


def decode_id(cursor: str) -> UUID:
    try:
        return UUID(decode(cursor, parts=1)[0])
    except ValueError:
        raise Invalid("cursor: not one of ours", code="invalid") from None
