"""The navigation: every page that a role may open, none that it may not, and what is open now."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from console import navigation
from console.tests.pages import BASE, log_in, member
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ALL = [page.name for group in navigation.GROUPS for page in group.pages]


def current(client: Client, path: str) -> tuple[list[str], list[str]]:
    """The group and the page that are marked as open."""
    html = client.get(BASE + path).content.decode()
    return (
        re.findall(r'aria-current="true">([^<]+)<', html),
        re.findall(r'aria-current="page">([^<]+)<', html),
    )


@pytest.mark.parametrize("role", Role.values)
def test_a_member_sees_the_pages_that_open_and_no_others(
    client: Client, cast: Cast, role: str
) -> None:
    somebody = member(cast, role)
    log_in(client, somebody)
    tabs = navigation.for_member(somebody, "/")
    seen = {page.url for group in tabs for page in group.pages}
    for name in ALL:
        address = reverse(name, args=[cast.workspace.slug])
        status = client.get(address).status_code
        assert (status == 200) == (address in seen), (name, status)


def test_no_page_is_listed_twice_and_a_group_leads_to_its_first_page(cast: Cast) -> None:
    assert len(ALL) == len(set(ALL))
    for group in navigation.for_member(member(cast, Role.OWNER), "/"):
        assert group.url == group.pages[0].url


@pytest.mark.parametrize(
    ("path", "group", "page"),
    [
        ("", "Start", "Overview"),
        ("digest/", "Start", "Digest"),
        ("articles/", "Knowledge", "Articles"),
        ("articles/new/", "Knowledge", "Articles"),
        ("articles/tags/", "Knowledge", "Tags"),
        ("sources/new/git/", "Knowledge", "Sources"),
        ("settings/", "Bot", "Answers"),
        ("settings/large-models/", "Bot", "Large models"),
        ("models/", "Bot", "Models"),
        ("outcomes/conversations/", "Results", "Outcomes"),
        ("settings/queues/new/", "Team", "Queues"),
    ],
)
def test_the_open_page_is_marked_wherever_below_it_one_is(
    client: Client, cast: Cast, path: str, group: str, page: str
) -> None:
    assert current(log_in(client, cast.alice), path) == ([group], [page])


def test_an_address_elsewhere_opens_nothing(cast: Cast) -> None:
    tabs = navigation.for_member(member(cast, Role.OWNER), "/desk/other/")
    assert not any(group.current for group in tabs)
