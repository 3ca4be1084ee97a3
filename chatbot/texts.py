"""Bounds of what people may send."""

from chatbot.errors import Invalid

MAX_TEXT = 4_000
MAX_CLIENT_ID = 64
MAX_FILES = 5  # of one message


def checked_text(text: str) -> str:
    """As the database can keep it, without surrounding space. Raises Invalid: empty, too long."""
    text = storable(text).strip()
    if not text:
        raise Invalid("The message is empty", code="empty_text")
    if len(text) > MAX_TEXT:
        raise Invalid(f"At most {MAX_TEXT} characters", code="text_too_long")
    return text


def storable(text: str) -> str:
    """Without NUL, and with U+FFFD for each half of a surrogate pair."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "")


def checked_client_id(client_id: str) -> str:
    """1 to 64 printable characters, made by the client. Raises Invalid."""
    if not client_id or len(client_id) > MAX_CLIENT_ID or not client_id.isprintable():
        raise Invalid("client_id must be 1 to 64 printable characters")
    return client_id
