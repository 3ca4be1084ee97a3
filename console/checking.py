"""A drawn answer as its auditor sees it: the dialogue, the answer, and the passage around it."""

import re
from dataclasses import dataclass
from typing import Any

from knowledge.rendering import render_html
from learning.models import Audit

LAST_SHOWN = 4  # messages of the dialogue; earlier ones are folded
BLOCK = re.compile(r"\s*(?:[#|>*+-]|\d+[.)])|.*\n", re.DOTALL)  # Markdown that `mark` would break


@dataclass(frozen=True)
class Shown:
    """answer, passage: safe HTML. earlier, dialogue: (role, text), oldest first."""

    question: str
    earlier: tuple[tuple[str, str], ...]
    dialogue: tuple[tuple[str, str], ...]
    answer: str
    passage: str
    title: str
    heading: str
    url: str


def shown(audit: Audit) -> Shown:
    history = tuple((role, text) for role, text in audit.history)
    citation = audit.citations[0] if audit.citations else {}
    return Shown(
        question=audit.question,
        earlier=history[:-LAST_SHOWN],
        dialogue=history[-LAST_SHOWN:],
        answer=render_html(audit.text),
        passage=render_html(marked(audit.passage)),
        title=str(citation.get("title", "")),
        heading=str(citation.get("heading", "")),
        url=str(citation.get("url", "")),
    )


def marked(passage: dict[str, Any]) -> str:
    """The passage's Markdown with the answer's words in `mark`, where they are one line of text."""
    text = str(passage.get("text", ""))
    if passage.get("answer_start") is None or passage.get("answer_end") is None:
        return text
    start = max(0, passage["answer_start"] - passage["start"])
    end = min(len(text), passage["answer_end"] - passage["start"])
    words = text[start:end]
    if not words.strip() or BLOCK.match(words) or _inside_a_line_that_breaks(text, start):
        return text
    return f"{text[:start]}<mark>{words}</mark>{text[end:]}"


def _inside_a_line_that_breaks(text: str, start: int) -> bool:
    """A code block or a table's row."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return line.startswith(("    ", "|", "```"))
