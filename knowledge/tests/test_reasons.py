"""Reasons beside files and pages, as they were kept and as they are shown."""

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

from knowledge import reasons

FOLDER = Path(reasons.__file__).parent
RAISED = {"ParseError", "FetchError", "SourceFailed", "Refused", "_ChildGone", "Ended"}
TOLD = {"failed", "skip", "gone", "Broken", "try_again"}
ELSEWHERE = {"None"}


def written() -> set[str]:
    """What the code says, with 7 for each part that differs."""
    found = set()
    for part in ("parsing", "sources", "fetching"):
        for path in (FOLDER / part).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    if name in RAISED | TOLD and node.args:
                        found.add(_text(node.args[-1]))
    return {one for one in found if re.search(r"[a-z]{2} [a-z]", one)}


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(one.value) if isinstance(one, ast.Constant) else "7" for one in node.values
        )
    return ""


def test_every_reason_that_the_code_gives_is_in_the_list() -> None:
    lost = {one for one in written() if not _is_known(one)}
    assert len(written()) > 50 and not lost


def _is_known(said: str) -> bool:
    return reasons._sentence(said) is not None or any(
        reasons._sentence(said[at.end() :]) is not None for at in re.finditer(": ", said)
    )


@pytest.mark.parametrize(
    "line",
    [
        "help.pdf: is protected by a password",
        "a: b.csv, line 3: has no answer",
        "what a library says: of itself",
        "The site does not answer: the server says 503.",
        "names readers that are not known, so members alone may read it; has no text",
    ],
)
def test_in_english_a_line_is_as_it_was_kept(line: str) -> None:
    assert reasons.told(line) == line


def test_a_line_is_shown_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {
        "has no answer": "ответа нет",
        "%(place)s, line %(number)s": "%(place)s, строка %(number)s",
        "The site does not answer: %(reason)s.": "Сайт не отвечает: %(reason)s.",
        "the server says %(number)s": "сервер отвечает %(number)s",
    }
    monkeypatch.setattr(reasons, "gettext", lambda one: words.get(one, one))
    with translation.override("ru"):
        assert reasons.told("a.csv, line 3: has no answer") == "a.csv, строка 3: ответа нет"
        said = reasons.told("The site does not answer: the server says 503.")
    assert said == "Сайт не отвечает: сервер отвечает 503."
