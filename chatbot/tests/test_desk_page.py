"""Who may open which desk, and what the page carries: words and its clock, never a conversation."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import Member, Role
from accounts.scope import workspace_scope
from chatbot import intake
from chatbot.pages.desk_texts import desk_texts, reason_texts
from tests.cast import Cast, make_member


def config_of(page: str) -> dict[str, object]:
    found = re.search(r'<script id="desk-config" type="application/json">(.*?)</script>', page)
    assert found
    config: dict[str, object] = json.loads(found[1])
    return config


def test_agents_and_administrators_open_the_desk(client: Client, cast: Cast) -> None:
    for member in (cast.bob, cast.alice):
        client.force_login(member.user)

        page = client.get("/desk/acme/")

        assert page.status_code == 200
        assert config_of(page.text)["slug"] == "acme"
        assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_the_page_runs_no_script_of_its_own(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob.user)

    page = client.get("/desk/acme/")

    scripts = re.findall(r"<script([^>]*)>", page.text)
    assert all("src=" in script or "application/json" in script for script in scripts)
    assert "script-src 'self';" in page["Content-Security-Policy"]
    assert not re.search(r"\son\w+=|\sstyle=", page.text)


def test_the_page_holds_nothing_that_visitors_wrote(client: Client, cast: Cast) -> None:
    vera = cast.vera
    where = (vera.workspace_id, vera.conversation_id, vera.contact_id)
    intake.post_visitor_message(*where, client_id="1", text="Where is my secret anvil?")
    client.force_login(cast.bob.user)

    assert "secret anvil" not in client.get("/desk/acme/").text


def test_strangers_do_not_learn_that_the_workspace_exists(client: Client, cast: Cast) -> None:
    client.force_login(cast.charlie.user)

    foreign, missing = client.get("/desk/acme/"), client.get("/desk/no-such-place/")

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.text == missing.text


def test_somebody_taken_out_is_a_stranger(client: Client, cast: Cast) -> None:
    with workspace_scope(cast.workspace.id):
        Member.objects.filter(id=cast.bob.id).update(is_active=False)
    client.force_login(cast.bob.user)

    assert client.get("/desk/acme/").status_code == 404


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ANALYST])
def test_other_roles_are_told_that_it_is_their_role(role: Role, client: Client, cast: Cast) -> None:
    client.force_login(make_member(cast.acme, "erin", role=role).user)

    page = client.get("/desk/acme/")

    assert page.status_code == 403
    assert "Your role does not open this page." in page.text


@pytest.mark.parametrize("path", ["/desk/", "/desk/acme/"])
def test_who_is_not_logged_in_is_asked_to(path: str, client: Client, cast: Cast) -> None:
    page = client.get(path)

    assert (page.status_code, page["Location"]) == (302, f"/accounts/login/?next={path}")


@pytest.mark.parametrize("path", ["/desk/", "/desk/acme/"])
def test_the_desk_is_only_read(path: str, client: Client, cast: Cast) -> None:
    client.force_login(cast.bob.user)

    assert client.post(path).status_code == 405


def test_an_agent_of_one_workspace_needs_no_choice(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob.user)

    assert client.get("/desk/")["Location"] == "/desk/acme/"


def test_the_choice_shows_only_desks_that_the_role_opens(client: Client, cast: Cast) -> None:
    make_member(cast.other, "bob", role=Role.AGENT)
    client.force_login(cast.bob.user)
    assert 'href="/desk/other/"' in client.get("/desk/").text

    client.force_login(make_member(cast.acme, "erin", role=Role.EDITOR).user)
    page = client.get("/desk/")

    assert page.status_code == 200
    assert "/desk/acme/" not in page.text


def test_every_word_that_the_scripts_ask_for_is_there() -> None:
    main = finders.find("chatbot/desk/main.js")
    assert isinstance(main, str)
    scripts = "\n".join(path.read_text() for path in Path(main).parent.glob("*.js"))
    asked = set(re.findall(r'\bt\(\s*"(\w+)"', scripts))
    known = set(desk_texts())

    assert asked <= known
    quoted = set(re.findall(r'["`](\w+)["`]', scripts))
    computed = re.compile(
        r"^(decision|tier|stage|state|owner|status|feedback|author|none|said|verdict|check|amended)_"
        r"|^(agent_state|clock|priority|mail)_"
        r"|^(resolved_meanwhile|empty_text|text_too_long|frame_too_large|not_allowed|lost)$"
    )
    assert {key for key in known - asked - quoted if not computed.match(key)} == set()
    assert all(reason_texts().values())
