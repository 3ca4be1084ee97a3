"""The start page and the probes tell the truth about whether questions can be answered."""

import pytest
from django.test import Client

from accounts.models import Role
from console.tests.conftest import Parts
from tests.cast import Cast, make_member


def test_the_start_page_leads_everywhere_when_ready(client: Client, parts: Parts) -> None:
    page = client.get("/")

    assert page.status_code == 200
    for path in ("/demo/", "/console/", "/desk/", "/accounts/login/"):
        assert f'href="{path}"' in page.text


def test_the_start_page_names_what_is_missing(client: Client, parts: Parts) -> None:
    parts.die("answers", "scheduler")

    page = client.get("/")

    assert page.status_code == 503
    assert page["Retry-After"] == "5"
    assert "<code>answers</code>" in page.text
    assert "<code>scheduler</code>" in page.text
    assert "<code>knowledge</code>" not in page.text


def test_the_start_page_speaks_the_visitors_language(client: Client, parts: Parts) -> None:
    page = client.get("/", headers={"accept-language": "ru"})

    assert '<html lang="ru"' in page.text


def test_healthz_lives_without_the_other_parts(client: Client, parts: Parts) -> None:
    parts.die("answers", "escalations", "knowledge", "scheduler")

    page = client.get("/healthz")

    assert (page.status_code, page.text) == (200, "ok\n")


def test_readyz_says_ready(client: Client, parts: Parts) -> None:
    page = client.get("/readyz")

    assert (page.status_code, page.json()) == (200, {"ready": True, "missing": []})


def test_readyz_names_the_missing_parts(client: Client, parts: Parts) -> None:
    parts.die("escalations")

    page = client.get("/readyz")

    assert (page.status_code, page.json()) == (503, {"ready": False, "missing": ["escalations"]})


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz"])
def test_the_front_door_only_reads(path: str, client: Client, parts: Parts) -> None:
    assert client.post(path).status_code == 405
    assert client.get(path)["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_the_chooser_asks_strangers_to_log_in(client: Client, db: None) -> None:
    page = client.get("/console/")

    assert page.status_code == 302
    assert page["Location"] == "/accounts/login/?next=/console/"


def test_a_member_of_one_workspace_needs_no_choice(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice.user)

    assert client.get("/console/")["Location"] == "/console/acme/"


def test_a_member_of_two_workspaces_chooses(client: Client, cast: Cast) -> None:
    make_member(cast.other, "alice", role=Role.EDITOR)
    client.force_login(cast.alice.user)

    page = client.get("/console/")

    assert 'href="/console/acme/"' in page.text
    assert 'href="/console/other/"' in page.text


def test_an_agent_is_led_to_the_desk(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob.user)

    page = client.get("/console/")

    assert (page.status_code, page.headers["Location"]) == (302, "/desk/")
