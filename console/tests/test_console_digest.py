"""The page of the weekly digest."""

from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.ids import uuid7
from accounts.models import Role
from accounts.scope import workspace_scope
from console.tests.pages import BASE, log_in, member
from learning import digests
from learning.models import Digest, DigestGroup, DigestSubscription
from tests.cast import Cast

PATH = f"{BASE}digest/"
MONDAY = date(2026, 11, 16)


@pytest.fixture
def editor(client: Client, cast: Cast) -> Client:
    return log_in(client, member(cast, Role.EDITOR))


def write(cast: Cast, week: date, question: str) -> None:
    counts = {"by_bot": 1, "by_model": 0, "by_people": 0, "by_nobody": 1}
    with workspace_scope(cast.workspace.id):
        digest = Digest.objects.create(workspace=cast.workspace, week=week, questions=2, **counts)
        DigestGroup.objects.create(
            workspace=cast.workspace, digest=digest, place=1, question=question,
            conversation_id=uuid7(), count=2, is_new=True, **counts,
        )  # fmt: skip


def subscribers(cast: Cast) -> int:
    with workspace_scope(cast.workspace.id):
        return DigestSubscription.objects.count()


def test_before_the_first_week_it_says_so(editor: Client) -> None:
    assert "There is no digest yet." in editor.get(PATH).text


def test_the_newest_week_is_shown_and_earlier_ones_are_listed(editor: Client, cast: Cast) -> None:
    write(cast, MONDAY - timedelta(days=7), "Old <i>question</i>?")
    write(cast, MONDAY, "New question?")
    page = editor.get(PATH).text
    assert "New question?" in page and "Old" not in page and "nobody 1" in page
    earlier = editor.get(f"{PATH}2026-11-09/").text
    assert "Old &lt;i&gt;question&lt;/i&gt;?" in earlier and "New question?" not in earlier


@pytest.mark.parametrize("week", ["2026-11-02", "last", "2026-99-99"])
def test_a_week_without_a_digest_is_not_found(editor: Client, cast: Cast, week: str) -> None:
    write(cast, MONDAY, "x")
    assert editor.get(f"{PATH}{week}/").status_code == 404


def test_many_weeks_are_paged(editor: Client, cast: Cast) -> None:
    for number in range(digests.PER_PAGE + 2):
        write(cast, MONDAY - timedelta(days=7 * number), "x")
    assert "Older" in editor.get(PATH).text
    second = editor.get(PATH, {"page": "2"}).text
    assert second.count('<th scope="row">') == 2 and "Newer" in second


def test_members_subscribe_for_themselves_and_back(editor: Client, cast: Cast) -> None:
    for wanted, count in (("yes", 1), ("yes", 1), ("no", 0), ("no", 0)):
        assert editor.post(f"{PATH}mail/", {"wanted": wanted}).status_code == 302
        assert subscribers(cast) == count


def test_agents_and_strangers_neither_read_nor_subscribe(client: Client, cast: Cast) -> None:
    write(cast, MONDAY, "A secret?")
    for who, status in ((cast.bob, 403), (cast.charlie, 404)):
        stranger = log_in(Client(), who)
        for answer in (stranger.get(PATH), stranger.get(f"{PATH}2026-11-16/"),
                       stranger.post(f"{PATH}mail/", {"wanted": "yes"})):  # fmt: skip
            assert answer.status_code == status and "A secret?" not in answer.text
    assert Client().post(f"{PATH}mail/", {"wanted": "yes"}).status_code == 302
    assert subscribers(cast) == 0
