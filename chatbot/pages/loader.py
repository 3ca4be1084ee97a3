"""The widget's loader script, with its styles and its words in every language.

The parts are plain scripts that share one function's scope; they become one script here, so that
a page fetches one file. A loader for one widget also says where that widget may show, and its
colours: then nothing else is fetched before the visitor opens the chat.
"""

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

FOLDER = Path(__file__).parent
PARTS = ("values", "memory", "theme", "api", "element")  # each rests on those before it


@functools.cache
def _script() -> str:
    """Complete but for the site, for the life of the process; it differs between releases."""
    names = [*(f"loader_{part}.js" for part in PARTS), "loader.js"]
    body = "".join(_without_comments((FOLDER / name).read_text("utf-8")) for name in names)
    styles = (FOLDER / "loader.css").read_text(encoding="utf-8")
    labels = {code: _labels(code) for code, _name in settings.LANGUAGES}
    body = body.replace('"@styles@"', _literal(styles)).replace('"@labels@"', _literal(labels))
    return f'(() => {{\n"use strict";\n{body}}})();\n'


def source(site: dict[str, Any] | None = None) -> str:
    """`site` has key, origins and colours; None is the loader for all."""
    return _script().replace('"@site@"', _literal(site))


def etag(site: dict[str, Any] | None = None) -> str:
    return f'"{hashlib.sha256(source(site).encode()).hexdigest()[:32]}"'


def _without_comments(script: str) -> str:
    """Lines that are a comment alone are for readers of the source."""
    lines = script.splitlines(keepends=True)
    return "".join(line for line in lines if not line.lstrip().startswith("//"))


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
