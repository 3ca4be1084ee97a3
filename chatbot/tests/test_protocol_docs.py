"""The documents of the protocols say what the code does."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from django.conf import settings
from pydantic import TypeAdapter

from chatbot import protocol, protocol_desk_events, protocol_events, protocol_server, texts
from chatbot.api import root
from chatbot.management.commands import protocol_schema

DOCS = Path(settings.BASE_DIR) / "docs"
PAGE = (DOCS / "protocol.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json (visitor|desk) (client|server)\n(.+?)\n```", PAGE, re.DOTALL)
TYPES: dict[tuple[str, str], TypeAdapter[Any]] = {
    ("visitor", "client"): protocol.visitor_commands,
    ("desk", "client"): protocol.desk_commands,
    ("visitor", "server"): protocol_server.visitor_frames,
    ("desk", "server"): protocol_server.desk_frames,
}


def frame_types(adapter: TypeAdapter[Any]) -> set[str]:
    """Every `type` of a union of frames."""
    return set(adapter.json_schema()["discriminator"]["mapping"])


def calls(name: str) -> Iterator[ast.Call]:
    """Calls of `….name(…)` in the package's own code."""
    for path in Path(settings.BASE_DIR, "chatbot").rglob("*.py"):
        if "tests" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == name:
                    yield node


def emitted_kinds() -> dict[str, bool]:
    """Kinds of the events that the code appends; True for those that visitors may see."""
    kinds: dict[str, bool] = {}
    for call in calls("append"):
        if len(call.args) == 3 and isinstance(call.func, ast.Attribute):
            kind = call.args[1]
            assert isinstance(kind, ast.Constant), f"line {call.lineno}: name the kind in place"
            assert isinstance(kind.value, str)
            hidden = any(
                keyword.arg == "visitor"
                and isinstance(keyword.value, ast.Constant)
                and keyword.value.value is False
                for keyword in call.keywords
            )
            kinds[kind.value] = not hidden
    return kinds


def test_the_schema_is_that_of_the_code() -> None:
    """`manage.py protocol_schema` writes it."""
    written = (DOCS / "protocol.schema.json").read_text(encoding="utf-8")
    assert written == protocol_schema.text()


def test_the_description_of_the_api_is_that_of_the_code() -> None:
    """`manage.py openapi` writes it."""
    assert (DOCS / "openapi.json").read_text(encoding="utf-8") == root.openapi()


@pytest.mark.parametrize("side", TYPES)
def test_every_type_of_frame_is_named(side: tuple[str, str]) -> None:
    missing = {one for one in frame_types(TYPES[side]) if f"`{one}`" not in PAGE}
    assert not missing


def test_every_field_of_a_frame_is_named() -> None:
    schema = json.dumps(protocol_server.schema())
    fields = set(re.findall(r'"(\w+)": \{[^{}]*"title": "', schema))
    assert len(fields) > 50
    assert not {one for one in fields if one not in PAGE}


def test_every_error_code_and_close_code_is_named() -> None:
    missing = {code for code in protocol.ERROR_CODES if f"| `{code}` |" not in PAGE}
    missing |= {str(code) for code in protocol_server.CLOSE_CODES if f"| {code} |" not in PAGE}
    assert not missing


def test_every_code_that_is_raised_is_one_of_the_protocol() -> None:
    raised = {
        keyword.value.value
        for name in ("Invalid", "Conflict")
        for path in Path(settings.BASE_DIR, "chatbot").rglob("*.py")
        if "tests" not in path.parts and "api" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }
    assert raised
    assert raised <= set(protocol.ERROR_CODES)


def test_every_kind_of_event_that_is_emitted_is_typed_and_named() -> None:
    emitted = emitted_kinds()
    shown = {kind for kind, visible in emitted.items() if visible}
    assert shown == set(protocol_events.VISITOR_KINDS)
    assert set(emitted) - shown == set(protocol_desk_events.STAFF_KINDS)
    assert not {kind for kind in emitted if f"| `{kind}` |" not in PAGE}


@pytest.mark.parametrize(
    ("union", "kinds"),
    [
        (protocol_events.VisitorEvent, protocol_events.VISITOR_KINDS),
        (
            protocol_desk_events.DeskEvent,
            (*protocol_events.VISITOR_KINDS, *protocol_desk_events.STAFF_KINDS),
        ),
    ],
)
def test_each_kind_has_its_type(union: Any, kinds: tuple[str, ...]) -> None:
    types = get_args(get_args(union)[0])
    assert [get_args(one.model_fields["kind"].annotation)[0] for one in types] == list(kinds)


@pytest.mark.parametrize(("socket", "sender", "text"), EXAMPLES)
def test_the_examples_are_frames(socket: str, sender: str, text: str) -> None:
    if sender == "client":
        protocol.parse(TYPES[socket, sender], text)
    else:
        TYPES[socket, sender].validate_json(text)


def test_each_frame_of_the_server_has_an_example() -> None:
    shown = {json.loads(text)["type"] for _, sender, text in EXAMPLES if sender == "server"}
    wanted = frame_types(TYPES["visitor", "server"]) | frame_types(TYPES["desk", "server"])
    assert shown == wanted


@pytest.mark.parametrize(
    "number",
    [
        protocol.MAX_FRAME_BYTES,
        protocol.CLOSE_BYTES,
        texts.MAX_TEXT,
        texts.MAX_CLIENT_ID,
        protocol.MAX_ERRORS,
        protocol.FRAMES_AT_ONCE,
        int(protocol.START_TIMEOUT_S),
    ],
)
def test_the_limits_are_those_of_the_code(number: int) -> None:
    assert re.search(rf"\b{number:,}\b", PAGE)
