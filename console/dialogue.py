"""Earlier messages of a dialogue as lines that a person can write.

Each message begins with `visitor:` or `bot:`; lines without go on with the message above them.
"""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST = 40  # messages
_START = re.compile(r"(visitor|bot):[ \t]?", re.IGNORECASE)


def written(history: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{role}: {text}" for role, text in history)


def read(text: str) -> tuple[tuple[str, str], ...]:
    """(role, text), as written; blank messages are left out. Raises ValidationError."""
    messages: list[tuple[str, list[str]]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        start = _START.match(line)
        if start:
            messages.append((start[1].lower(), [line[start.end() :]]))
        elif messages:
            messages[-1][1].append(line)
        elif line.strip():
            raise ValidationError(_("Begin each message with “visitor:” or “bot:”."))
    found = [(role, "\n".join(lines).strip()) for role, lines in messages]
    if len(found) > MOST:
        raise ValidationError(_("At most %(most)s messages.") % {"most": MOST})
    return tuple((role, words) for role, words in found if words)
