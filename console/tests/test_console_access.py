"""Every page and every change: strangers get 404, lesser roles 403, and nothing is changed."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role
from console.tests.pages import ARTICLE, BASE, article, log_in, member, state
from tests.cast import Cast

EDITORS = (Role.OWNER, Role.ADMIN, Role.EDITOR)
ADMINS = (Role.OWNER, Role.ADMIN)
AGENTS = (Role.OWNER, Role.ADMIN, Role.AGENT)
READERS = (*EDITORS, Role.ANALYST)
ID = uuid4()

PAGES: dict[str, tuple[str, ...]] = {
    "": READERS,
    "articles/": EDITORS,
    "articles/new/": EDITORS,
    "articles/{article}/": EDITORS,
    "articles/{article}/revisions/": EDITORS,
    "articles/{article}/revisions/1/": EDITORS,
    "uploads/": EDITORS,
    "uploads/status/": EDITORS,
    "checks/": (*AGENTS, Role.ANALYST),
    "gaps/": EDITORS,
    "outcomes/": (*ADMINS, Role.ANALYST),
    "outcomes/conversations/": (*ADMINS, Role.ANALYST),
    "outcomes/conversations.csv": (*ADMINS, Role.ANALYST),
    "outcomes/export/days.csv": (*ADMINS, Role.ANALYST),
    "models/": ADMINS,
    "settings/": ADMINS,
    "settings/widget/": ADMINS,
    "settings/members/": ADMINS,
    "settings/keys/": ADMINS,
    "settings/audit/": ADMINS,
}
CHANGES: dict[str, tuple[tuple[str, ...], Callable[[], dict[str, Any]]]] = {
    "articles/new/": (EDITORS, lambda: ARTICLE),
    "articles/preview/": (EDITORS, lambda: {"text": "# x"}),
    "articles/{article}/": (EDITORS, lambda: ARTICLE | {"base": "1"}),
    "articles/{article}/archive/": (EDITORS, dict),
    "articles/{article}/bring-back/": (EDITORS, dict),
    "articles/{article}/index-again/": (EDITORS, dict),
    "articles/{article}/revisions/1/restore/": (EDITORS, dict),
    "uploads/": (EDITORS, dict),
    "checks/next/": (AGENTS, dict),
    "models/back/": (ADMINS, lambda: {"revision": "0"}),
    "settings/": (ADMINS, lambda: {"risk_percent": "2"}),
    "settings/widget/": (ADMINS, lambda: {"origins": "https://evil.example"}),
    "settings/members/": (ADMINS, lambda: {"email": "eve@example.com", "role": "admin"}),
    "settings/members/{bob}/role/": (ADMINS, lambda: {"role": "admin"}),
    "settings/members/{bob}/remove/": (ADMINS, dict),
    "settings/keys/": (ADMINS, lambda: {"name": "mine"}),
    "settings/keys/revoke/": (ADMINS, lambda: {"digest": "x"}),
}


def address(path: str, cast: Cast) -> str:
    return BASE + path.format(article=article(cast).id, bob=cast.bob.id)


@pytest.mark.parametrize("role", Role.values)
def test_a_page_opens_for_the_roles_that_may(client: Client, cast: Cast, role: str) -> None:
    log_in(client, member(cast, role))
    for path, roles in PAGES.items():
        answer = client.get(address(path, cast))
        assert answer.status_code == (200 if role in roles else 403), path
        assert role not in roles or "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.AGENT, Role.ANALYST])
def test_a_lesser_role_changes_nothing(client: Client, cast: Cast, role: str) -> None:
    log_in(client, member(cast, role))
    addresses = {path: address(path, cast) for path in CHANGES}
    before = state(cast)
    for path, (roles, given) in CHANGES.items():
        if role not in roles:
            assert client.post(addresses[path], given()).status_code == 403, path
    assert state(cast) == before


def test_a_stranger_finds_nothing_and_changes_nothing(client: Client, cast: Cast) -> None:
    log_in(client, cast.charlie)
    pages = [address(path, cast) for path in PAGES]
    changes = {address(path, cast): given() for path, (_, given) in CHANGES.items()}
    before = state(cast)
    assert {client.get(path).status_code for path in pages} == {404}
    assert {client.post(path, given).status_code for path, given in changes.items()} == {404}
    assert state(cast) == before


def test_ids_of_another_workspace_are_not_found_in_ones_own(client: Client, cast: Cast) -> None:
    """Charlie is an administrator too, of another workspace: there acme's ids do not exist."""
    log_in(client, cast.charlie)
    paths = [path for path in (*PAGES, *CHANGES) if "{" in path]
    there = {path: address(path, cast).replace("/acme/", "/other/") for path in paths}
    given = {path: CHANGES[path][1]() for path in CHANGES}
    before = state(cast)
    for path in paths:
        if path in PAGES:
            assert client.get(there[path]).status_code == 404, path
        if path in given:
            assert client.post(there[path], given[path]).status_code == 404, path
    assert state(cast) == before


def test_who_is_not_logged_in_is_asked_to(client: Client, cast: Cast) -> None:
    before = state(cast)
    for path in (*PAGES, *CHANGES):
        there = BASE + path.format(article=ID, bob=ID)
        answer = client.get(there) if path in PAGES else client.post(there)
        assert answer["Location"].startswith("/accounts/login/"), path
    assert state(cast) == before


def test_a_change_needs_the_forms_token(cast: Cast) -> None:
    client = log_in(Client(enforce_csrf_checks=True), cast.alice)
    before = state(cast)
    assert client.post(f"{BASE}articles/new/", ARTICLE).status_code == 403
    assert state(cast) == before
