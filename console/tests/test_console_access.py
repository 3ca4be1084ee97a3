"""Every page and every change: strangers get 404, lesser roles 403, and nothing is changed."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role
from console.tests.pages import (
    ARTICLE,
    BASE,
    GOLDEN,
    SITE,
    TRIED,
    article,
    bulk_change,
    checked,
    golden_question,
    log_in,
    member,
    source,
    state,
    tag,
    tried,
    upload,
)
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
    "articles/{article}/translations/": EDITORS,
    "articles/tags/": EDITORS,
    "articles/tags/suggest/": EDITORS,
    "sources/": EDITORS,
    "sources/new/site/": EDITORS,
    "sources/new/git/": EDITORS,
    "sources/{source}/": EDITORS,
    "sources/{source}/status/": EDITORS,
    "uploads/": EDITORS,
    "uploads/status/": EDITORS,
    "golden/": EDITORS,
    "golden/new/": EDITORS,
    "golden/articles/": EDITORS,
    "golden/export/": EDITORS,
    "golden/progress/": EDITORS,
    "golden/{golden}/": EDITORS,
    "playground/": EDITORS,
    "replays/": EDITORS,
    "confirmed/": EDITORS,
    "playground/{tried}/": EDITORS,
    "playground/{tried}/result/": EDITORS,
    "articles/checks/{checked}/": EDITORS,
    "checks/": (*AGENTS, Role.ANALYST),
    "gaps/": EDITORS,
    "outcomes/": (*ADMINS, Role.ANALYST),
    "outcomes/conversations/": (*ADMINS, Role.ANALYST),
    "outcomes/conversations.csv": (*ADMINS, Role.ANALYST),
    "outcomes/export/days.csv": (*ADMINS, Role.ANALYST),
    "savings/": (*ADMINS, Role.ANALYST),
    "savings/answers/": (*ADMINS, Role.ANALYST),
    "savings.csv": (*ADMINS, Role.ANALYST),
    "models/": ADMINS,
    "articles/bulk/{bulk}/": EDITORS,
    "digest/": READERS,
    "settings/": ADMINS,
    "settings/data/": ADMINS,
    "settings/hours/": ADMINS,
    "settings/widget/": ADMINS,
    "settings/widget/preview/": ADMINS,
    "settings/members/": ADMINS,
    "settings/keys/": ADMINS,
    "settings/audit/": ADMINS,
    "settings/large-models/earlier/": ADMINS,
}
CHANGES: dict[str, tuple[tuple[str, ...], Callable[[], dict[str, Any]]]] = {
    "articles/new/": (EDITORS, lambda: ARTICLE),
    "articles/preview/": (EDITORS, lambda: {"text": "# x"}),
    "articles/{article}/": (EDITORS, lambda: ARTICLE | {"base": "1"}),
    "articles/{article}/archive/": (EDITORS, dict),
    "articles/{article}/bring-back/": (EDITORS, dict),
    "articles/{article}/index-again/": (EDITORS, dict),
    "articles/{article}/revisions/1/restore/": (EDITORS, dict),
    "articles/{article}/draft/submit/": (EDITORS, dict),
    "articles/{article}/draft/send-back/": (EDITORS, lambda: {"seen": "1", "note": "no"}),
    "articles/{article}/draft/publish/": (EDITORS, lambda: {"seen": "1"}),
    "articles/{article}/draft/discard/": (EDITORS, dict),
    "articles/{article}/schedule/archive/": (EDITORS, lambda: {"at": "2031-01-01T10:00"}),
    "articles/{article}/translations/link/": (EDITORS, lambda: {"other": str(ID)}),
    "articles/{article}/translations/unlink/": (EDITORS, dict),
    "articles/{article}/translations/checked/": (EDITORS, dict),
    "articles/pictures/": (EDITORS, dict),
    "articles/bulk/": (EDITORS, lambda: {"which": "all", "action": "archive"}),
    "articles/bulk/confirm/": (EDITORS, lambda: {"which": "all", "action": "archive"}),
    "articles/bulk/{bulk}/decide/": (EDITORS, dict),
    "articles/bulk/{bulk}/stop/": (EDITORS, dict),
    "articles/tags/{tag}/rename/": (EDITORS, lambda: {"name": "x"}),
    "articles/tags/{tag}/delete/": (EDITORS, lambda: {"sure": "yes"}),
    "sources/new/site/": (EDITORS, lambda: SITE),
    "sources/{source}/": (EDITORS, lambda: SITE),
    "sources/{source}/run/": (EDITORS, dict),
    "sources/{source}/pause/": (EDITORS, dict),
    "sources/{source}/go-on/": (EDITORS, dict),
    "sources/{source}/delete/": (EDITORS, dict),
    "sources/{source}/delete-all/": (EDITORS, dict),
    "uploads/": (EDITORS, dict),
    "uploads/one/": (EDITORS, dict),
    "uploads/{upload}/cancel/": (EDITORS, dict),
    "articles/check/": (EDITORS, lambda: ARTICLE),
    "articles/{article}/check/": (EDITORS, lambda: ARTICLE | {"base": "1"}),
    "golden/new/": (EDITORS, lambda: GOLDEN),
    "golden/{golden}/": (EDITORS, lambda: GOLDEN),
    "golden/{golden}/delete/": (EDITORS, dict),
    "golden/import/": (EDITORS, dict),
    "golden/run/": (EDITORS, dict),
    "golden/stop/": (EDITORS, dict),
    "playground/": (EDITORS, lambda: TRIED),
    "playground/{tried}/golden/": (EDITORS, lambda: {"expected": "nothing"}),
    "checks/next/": (AGENTS, dict),
    "models/back/": (ADMINS, lambda: {"revision": "0"}),
    "settings/": (ADMINS, lambda: {"risk_percent": "2"}),
    "settings/hours/": (ADMINS, lambda: {"time_zone": "UTC", "day_0": "9-17"}),
    "settings/data/": (ADMINS, lambda: {"retention_days": "1"}),
    "digest/mail/": (READERS, lambda: {"wanted": "yes"}),
    "settings/widget/": (ADMINS, lambda: {"origins": "https://evil.example"}),
    "settings/members/": (ADMINS, lambda: {"email": "eve@example.com", "role": "admin"}),
    "settings/members/{bob}/role/": (ADMINS, lambda: {"role": "admin"}),
    "settings/members/{bob}/remove/": (ADMINS, dict),
    "settings/keys/": (ADMINS, lambda: {"name": "mine"}),
    "settings/keys/revoke/": (ADMINS, lambda: {"digest": "x"}),
    "settings/large-models/earlier/switch/": (ADMINS, lambda: {"cache": "off"}),
    "settings/large-models/earlier/forget/": (ADMINS, dict),
}


def address(path: str, cast: Cast) -> str:
    rows: dict[str, Callable[[Cast], Any]] = {
        "article": article,
        "golden": golden_question,
        "tried": tried,
        "checked": checked,
        "source": source,
        "tag": tag,
        "bulk": bulk_change,
        "upload": upload,
    }
    ids = {name: row(cast).id for name, row in rows.items() if f"{{{name}}}" in path}
    return BASE + path.format(**ids, bob=cast.bob.id)


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
        ids = dict.fromkeys(
            ("article", "source", "bob", "tag", "bulk", "golden", "tried", "checked", "upload"), ID
        )
        there = BASE + path.format(**ids)
        answer = client.get(there) if path in PAGES else client.post(there)
        assert answer["Location"].startswith("/accounts/login/"), path
    assert state(cast) == before


def test_a_change_needs_the_forms_token(cast: Cast) -> None:
    client = log_in(Client(enforce_csrf_checks=True), cast.alice)
    before = state(cast)
    assert client.post(f"{BASE}articles/new/", ARTICLE).status_code == 403
    assert state(cast) == before
