"""The commands `workspace` and `member`, as scripts use them."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.access import api_principal, member_for, memberships, widget_workspace
from accounts.models import User, Workspace
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def run_json(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*words, "--json"))
    return found


def test_a_workspace_is_made_and_printed_for_machines() -> None:
    made = run_json("workspace", "create", "acme", "--origin", "https://www.acme.example")

    assert set(made) == {"id", "slug", "widget_key", "api_key"}
    assert str(widget_workspace(made["widget_key"])) == made["id"]
    assert api_principal(made["api_key"]).workspace_slug == made["slug"] == "acme"


def test_the_same_command_again_prints_the_same() -> None:
    words = ("workspace", "create", "acme", "--name", "Acme", "--origin", "https://a.example")

    assert run_json(*words) == run_json(*words)
    assert run(*words) == run(*words)
    assert Workspace.objects.get().name == "Acme"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("A B",), "slug"),
        (("acme", "--origin", "www.acme.example"), "not an origin"),
        (("acme", "--origin", "file:///etc/passwd"), "not an origin"),
    ],
)
def test_a_workspace_that_cannot_be_made_is_explained(words: tuple[str, ...], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        run("workspace", "create", *words)

    assert not Workspace.objects.exists()


def test_a_new_member_gets_a_password_that_is_printed_once(cast: Cast) -> None:
    words = ("member", "add", "acme", "dana@example.com", "--role", "editor", "--name", "Dana")

    said, again = run(*words), run(*words)

    user = User.objects.get(email="dana@example.com")
    password = said.split()[-1]
    assert user.check_password(password)
    assert password not in again and "already a member" in again
    assert member_for(user, workspace_slug="acme").display_name == "Dana"


def test_a_new_member_for_machines(cast: Cast) -> None:
    added = run_json("member", "add", "acme", "dana@example.com", "--role", "agent")

    assert set(added) == {"id", "email", "role", "password"}
    assert User.objects.get(email=added["email"]).check_password(added["password"])
    again = run_json("member", "add", "acme", "dana@example.com", "--role", "agent")
    assert again == added | {"password": None}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("nowhere", "dana@example.com", "--role", "agent"), "no workspace 'nowhere'"),
        (("acme", "dana", "--role", "agent"), "not an e-mail address"),
        (("acme", "dana@example.com", "--role", "king"), "invalid choice"),
        (("acme", "bob@example.com", "--role", "admin"), "with the role agent"),
    ],
)
def test_a_member_who_cannot_be_added_is_explained(
    cast: Cast, words: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        run("member", "add", *words)

    assert not User.objects.filter(email__startswith="dana").exists()
    assert [member.role for member in memberships(cast.bob.user)] == ["agent"]
