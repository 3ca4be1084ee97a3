"""The loader as it is sent: the script with its styles and its words in every language."""

import functools
import hashlib
import json
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

FOLDER = Path(__file__).parent


@functools.cache
def source() -> str:
    """Complete for the life of the process; it differs only between releases."""
    script = (FOLDER / "loader.js").read_text(encoding="utf-8")
    styles = (FOLDER / "loader.css").read_text(encoding="utf-8")
    labels = {code: _labels(code) for code, _name in settings.LANGUAGES}
    return script.replace('"@styles@"', _literal(styles)).replace('"@labels@"', _literal(labels))


@functools.cache
def etag() -> str:
    return f'"{hashlib.sha256(source().encode()).hexdigest()[:32]}"'


def _labels(language: str) -> dict[str, str]:
    with translation.override(language):
        return {
            "open": _("Open chat"),
            "close": _("Close chat"),
            "title": _("Chat"),
            "unread": _("Open chat, new messages: {count}"),
        }


def _literal(value: object) -> str:
    """A JavaScript literal; JSON is one, since ECMAScript 2019."""
    return json.dumps(value, ensure_ascii=False)
