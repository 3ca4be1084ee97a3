"""Every route of the console: strangers get 404, lesser roles 403, and nothing is changed."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import Role
from accounts.scope import workspace_scope
from console import navigation
from console.tests.hidden import SECRET, everything, rows
from console.tests.pages import ARTICLE, BASE, log_in, member
from console.tests.routes import ROUTES, address, form, names
from tests.cast import Cast

OK = {200, 302, 400, 409}  # a form may find something wrong; it is looked at all the same


@pytest.fixture(autouse=True)
def dead_parts(parts: Any) -> None:
    """Pages ask whether workers live."""


def test_every_route_has_its_roles() -> None:
    found = list(names())
    assert sorted(found) == sorted(set(found))
    assert set(found) == set(ROUTES)


def test_the_menu_offers_a_page_to_those_who_may_open_it() -> None:
    for group in navigation.GROUPS:
        for page in group.pages:
            assert frozenset(page.roles) == ROUTES[page.name].get, page.name


@pytest.mark.parametrize("role", Role.values)
def test_a_role_opens_and_changes_what_it_may(client: Client, cast: Cast, role: str) -> None:
    log_in(client, member(cast, role))
    ids = rows(cast)
    for name, route in ROUTES.items():
        there = address(name, ids)
        if route.get and role in route.get:
            answer = client.get(there)
            assert answer.status_code == 200, name
            assert "no-store" in answer["Cache-Control"], name
        if route.post and role in route.post:
            with transaction.atomic():
                assert client.post(there, form(name, ids)).status_code in OK, name
                transaction.set_rollback(True)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.AGENT, Role.ANALYST])
def test_a_lesser_role_is_refused_and_changes_nothing(
    client: Client, cast: Cast, role: str
) -> None:
    log_in(client, member(cast, role))
    ids = rows(cast)
    before = everything(cast)
    for name, route in ROUTES.items():
        there = address(name, ids)
        if route.get and role not in route.get:
            assert client.get(there).status_code == 403, name
        if route.post and role not in route.post:
            assert client.post(there, form(name, ids)).status_code == 403, name
    assert everything(cast) == before


@pytest.mark.parametrize("slug", ["acme", "other"])
def test_a_stranger_finds_nothing_and_changes_nothing(
    client: Client, cast: Cast, slug: str
) -> None:
    """Charlie administers another workspace: acme's ids do not exist there either."""
    log_in(client, cast.charlie)
    ids = rows(cast)
    before = everything(cast)
    for name, route in ROUTES.items():
        there = address(name, ids, slug)
        if slug == "other" and not route.rows:
            continue
        gone = route.gone if slug == "other" else 404
        if route.get:
            assert client.get(there).status_code == gone, name
        if route.post:
            assert client.post(there, form(name, ids)).status_code == gone, name
    assert everything(cast) == before


def test_no_page_of_another_workspace_shows_what_is_ones_own(client: Client, cast: Cast) -> None:
    log_in(client, cast.charlie)
    rows(cast)
    for name, route in ROUTES.items():
        if route.get and not route.rows:
            answer = client.get(address(name, {}, "other"))
            assert SECRET not in answer.content.decode(), name


def test_a_method_that_a_route_has_not_is_no_way_around(client: Client, cast: Cast) -> None:
    log_in(client, cast.alice)
    ids = rows(cast)
    before = everything(cast)
    for name, route in ROUTES.items():
        there = address(name, ids)
        if route.get is None:
            assert client.get(there).status_code == 405, name
        if route.post is None:
            assert client.post(there, form(name, ids)).status_code == 405, name
    assert everything(cast) == before


def test_who_is_not_logged_in_is_asked_to(client: Client, cast: Cast) -> None:
    ids = rows(cast)
    before = everything(cast)
    for name, route in ROUTES.items():
        there = address(name, ids)
        answers = [client.get(there)] if route.get else []
        answers += [client.post(there, form(name, ids))] if route.post else []
        assert {one["Location"].startswith("/accounts/login/") for one in answers} == {True}, name
    assert everything(cast) == before


def test_a_change_needs_the_forms_token(cast: Cast) -> None:
    client = log_in(Client(enforce_csrf_checks=True), cast.alice)
    ids = rows(cast)
    before = everything(cast)
    for name, route in ROUTES.items():
        if route.post:
            assert client.post(address(name, ids), form(name, ids)).status_code == 403, name
    assert everything(cast) == before


# Where an id of acme's can stand besides in the address: (route, in the query or the form, its
# name, the row; what else the form holds).
ELSEWHERE: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("console-new", "query", "translation_of", "article", {}),
    ("console-new", "query", "gap", "group", {}),
    ("console-new", "form", "translation_of", "article", ARTICLE),
    ("console-playground", "query", "article", "article", {}),
    ("console-outcomes", "query", "article", "article", {}),
    ("console-outcomes", "query", "topic", "group", {}),
    ("console-conversations", "query", "article", "article", {}),
    ("console-conversations", "query", "topic", "group", {}),
    ("console-checks", "query", "last", "audit", {}),
    ("console-answer-cache", "query", "before", "cached", {}),
    ("console-data", "query", "visitor", "visitor", {}),
    ("console-bulk", "form", "id", "article", {"action": "archive"}),
    ("console-bulk-confirm", "form", "id", "article", {"action": "archive"}),
    ("console-translation-link", "form", "other", "article", {}),
    ("console-act", "form", "confirmed", "check", {}),
    ("console-gap-merge", "form", "into", "group", {}),
    ("console-queue-new", "form", "members", "agent", {"name": "Bills", "take_up_s": "60"}),
    ("console-replays", "form", "version", "version", {"days": "30", "limit": "9"}),
]


@pytest.mark.parametrize("name", sorted({name for name, *_ in ELSEWHERE}))
def test_an_id_of_another_workspace_is_none_in_a_form_or_query(
    client: Client, cast: Cast, name: str
) -> None:
    log_in(client, cast.charlie)
    ids = rows(cast)
    own = {"article": _own_article(cast), "group": _own_group(cast)}
    before = everything(cast)
    for one, where, field, row, given in ELSEWHERE:
        if one == name:
            there = address(name, own, "other")
            asked = {field: str(ids[row])}
            if where == "query":
                answer = client.get(there, asked)
            else:
                answer = client.post(there, given | asked)
            assert answer.status_code in OK | {404}
            assert SECRET not in answer.content.decode()
    assert everything(cast) == before


def test_words_that_name_a_row_of_another_workspace_name_none(client: Client, cast: Cast) -> None:
    log_in(client, cast.charlie)
    rows(cast)
    before = everything(cast)
    key = before["ApiKey"][0].split("'digest': '")[1].split("'")[0]
    base = BASE.replace("acme", "other")
    tried = {"question": "A giraffe?", "audience": "public", "language": "en", "doc_id": SECRET}
    answers = [
        client.post(f"{base}settings/keys/revoke/", {"digest": key}),
        client.post(f"{base}settings/identity/retire/", {"kid": SECRET}),
        client.post(f"{base}playground/", tried),
        client.post(f"{base}replays/", {"days": "30", "limit": "9", "doc_id": SECRET}),
        client.get(f"{base}golden/articles/", {"doc_id": SECRET[:4]}),
        client.get(f"{base}articles/", {"q": SECRET}),
        client.get(f"{base}articles/tags/suggest/", {"tags": "bill"}),
    ]
    assert [one.status_code for one in answers] == [404, 302, 400, 400, 200, 200, 200]
    shown = "".join(one.content.decode() for one in answers[4:])
    assert f"An {SECRET}" not in shown and "billing" not in shown and "The A" not in shown
    assert everything(cast) == before


def _own_article(cast: Cast) -> Any:
    from knowledge.articles import upsert_article

    found = upsert_article(cast.other.workspace.id, doc_id="own", title="Own", text="A zebu.")
    return found.article.id


def _own_group(cast: Cast) -> Any:
    from console.tests.hidden import MEAN
    from learning.models import GapGroup

    here = {"workspace_id": cast.other.workspace.id}
    with workspace_scope(cast.other.workspace.id):
        return GapGroup.objects.create(**here, model_version="v", mean=MEAN, needed=1).id
