"""Numbers as they stand in an address or a form, where anything may stand."""

from collections.abc import Mapping

LONGEST = 9  # digits
LAST_PAGE = 9_999


def whole(text: str) -> int | None:
    """A number from zero on; None for whatever else was typed."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else None


def page_number(given: Mapping[str, str], *, last: int = LAST_PAGE) -> int:
    """Of the list's page that `page` asks for, from 1 to `last`; the first where it is none."""
    return min(max(whole(given.get("page", "")) or 1, 1), last)
