"""The audit log says in words what was done."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from django.test import Client

from accounts import audit
from console import changes
from console.tests.pages import BASE, log_in
from tests.cast import Cast

ROOT = Path(__file__).parents[2]
PACKAGES = ("accounts", "chatbot", "console", "knowledge", "learning", "outbox")
ACTION = re.compile(r"[a-z_]+\.[a-z_*]*[a-z*]")


def _texts(node: ast.AST) -> Iterator[str]:
    """Of the strings in an expression; what is put into one is a star."""
    inside = {
        part for one in ast.walk(node) if isinstance(one, ast.JoinedStr) for part in one.values
    }
    for one in ast.walk(node):
        if isinstance(one, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "*" for part in one.values
            )
        elif isinstance(one, ast.Constant) and isinstance(one.value, str) and one not in inside:
            yield one.value


def _recorded(path: Path) -> Iterator[str]:
    """The actions that a module's code hands to an audit entry."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            parts = node.args[:3] if name in {"record", "_record"} else []
        elif isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == [
            "action"
        ]:
            parts = [node.value]
        else:
            continue
        yield from (text for part in parts for text in _texts(part) if ACTION.fullmatch(text))


def test_every_action_that_is_recorded_has_words() -> None:
    found = {
        action
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "tests" not in path.parts and "audit" in path.read_text()
        for action in _recorded(path)
    }
    assert len(found) > 60
    lacking = {
        action
        for action in found
        if not any(fnmatchcase(known, action) for known in changes.ACTIONS)
    }
    assert lacking == set()


def test_an_entry_shows_its_words(client: Client, cast: Cast) -> None:
    from accounts.scope import workspace_scope

    with workspace_scope(cast.workspace.id):
        audit.record(cast.alice, "queue.made", target_kind="queue", target_id="x", name="Bills")
    log_in(client, cast.alice)
    page = client.get(f"{BASE}settings/audit/").text
    assert "made a queue" in page and "queue.made" not in page
