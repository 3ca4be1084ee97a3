"""Agents give verdicts on drawn answers in the console; analysts read them."""

import pytest
from django.test import Client

from accounts.models import Role
from accounts.scope import workspace_scope
from console.tests.pages import BASE, log_in, member
from learning import audits
from learning.models import Audit
from learning.tests.auditing import drawn, new_visitor, rows, say, set_share
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")
CHECKS = f"{BASE}checks/"


@pytest.fixture
def two(cast: Cast) -> list[Audit]:
    """A shown answer and one that was held back."""
    set_share(cast, 1.0)
    say(cast, cast.vera, "May I return an anvil?")
    say(cast, new_visitor(cast), "And a giraffe?")
    return drawn(cast)


def page_of(audit: Audit) -> str:
    return f"{CHECKS}{audit.id}/"


def test_an_agent_checks_one_after_the_other(client: Client, cast: Cast, two: list[Audit]) -> None:
    log_in(client, cast.bob)
    assert "2</span>" in client.get(CHECKS).text
    first = client.post(f"{CHECKS}next/")
    assert first["Location"] == page_of(two[0])
    second = client.post(page_of(two[0]), {"verdict": "wrong", "seen": "0"})
    assert second["Location"] == f"{page_of(two[1])}?last={two[0].id}"
    page = client.get(second["Location"]).text
    assert "Saved: wrong." in page and 'value="outdated"' in page
    back = client.post(f"{page_of(two[0])}reason/", {"reason": "outdated"})
    assert back["Location"] == page_of(two[1])
    done = client.post(page_of(two[1]), {"verdict": "right", "seen": "0"})
    assert done["Location"] == f"{CHECKS}?last={two[1].id}"
    end = client.get(done["Location"]).text
    assert "Saved: right." in end and "Out of date" in end and "Nothing to do" in end
    assert [(one.verdict, one.reason) for one in drawn(cast)] == [
        ("wrong", "outdated"),
        ("right", ""),
    ]


def test_the_page_shows_all_but_the_bot_s_own_opinion(
    client: Client, cast: Cast, two: list[Audit]
) -> None:
    log_in(client, cast.bob)
    for audit in two:
        page = client.get(page_of(audit)).text
        assert audit.question in page and "<strong>30 days</strong>" in page
        assert "<mark>" in page and "Refunds take a week." in page
        assert audit.citations[0]["url"] in page
        assert "0.8" not in page and "0.3" not in page
        assert "visitor saw" not in page and "did not see" not in page
    audits.judge(two[1].id, actor=cast.bob, verdict="right")
    assert "The visitor did not see this answer" in client.get(page_of(two[1])).text


def test_the_second_of_two_agents_is_told(client: Client, cast: Cast, two: list[Audit]) -> None:
    log_in(client, cast.bob)
    audits.judge(two[0].id, actor=cast.alice, verdict="right")
    before = rows(cast)[0]
    answer = client.post(page_of(two[0]), {"verdict": "wrong", "seen": "0"}, follow=True)
    assert "A colleague has that answer already" in answer.text
    assert rows(cast)[0] == before
    held = audits.claim_next(cast.alice)
    assert held is None  # bob was given the other one
    log_in(client, cast.alice)
    page = client.get(page_of(two[1])).text
    assert "is checking this answer now" in page and 'value="unclear"' not in page


def test_a_verdict_is_corrected(client: Client, cast: Cast, two: list[Audit]) -> None:
    audits.judge(two[0].id, actor=cast.alice, verdict="wrong")
    log_in(client, cast.bob)
    assert 'name="seen" value="1"' in client.get(page_of(two[0])).text
    client.post(page_of(two[0]), {"verdict": "right", "seen": "1"})
    assert drawn(cast)[0].verdict == "right" and drawn(cast)[0].verdict_by_id == cast.bob.id


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("", {}), ("", {"verdict": "good", "seen": "0"}), ("", {"verdict": "right"}),
        ("", {"verdict": "right", "seen": "-1"}), ("reason/", {"reason": "mood"}),
    ],
)  # fmt: skip
def test_a_bad_verdict_is_refused(
    client: Client, cast: Cast, two: list[Audit], path: str, given: dict[str, str]
) -> None:
    log_in(client, cast.bob)
    before = rows(cast)
    answer = client.post(page_of(two[0]) + path, given)
    assert answer.status_code == 400 and "Choose one of" in answer.text
    assert rows(cast) == before


@pytest.mark.parametrize("role", [Role.ANALYST, Role.EDITOR])
def test_others_of_the_workspace_give_no_verdict(
    client: Client, cast: Cast, two: list[Audit], role: str
) -> None:
    log_in(client, member(cast, role))
    before = rows(cast)
    assert client.post(page_of(two[0]), {"verdict": "right", "seen": "0"}).status_code == 403
    assert client.post(f"{page_of(two[0])}reason/", {"reason": "words"}).status_code == 403
    page = client.get(page_of(two[0]))
    assert page.status_code == (200 if role == Role.ANALYST else 403)
    assert 'value="unclear"' not in page.text
    assert rows(cast) == before


def test_a_stranger_finds_no_answer_to_check(client: Client, cast: Cast, two: list[Audit]) -> None:
    log_in(client, cast.charlie)
    before = rows(cast)
    for base in (BASE, "/console/other/"):
        path = f"{base}checks/{two[0].id}/"
        assert client.get(path).status_code == 404
        assert client.post(path, {"verdict": "right", "seen": "0"}).status_code == 404
        assert client.post(f"{path}reason/", {"reason": "words"}).status_code == 404
    assert rows(cast) == before


def test_what_visitors_and_articles_wrote_is_no_html(client: Client, cast: Cast) -> None:
    set_share(cast, 1.0)
    say(cast, cast.vera, "<script>alert('anvil')</script>")
    (audit,) = drawn(cast)
    audit.text = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    with_passage = {"text": "a <script>b</script>", "start": 0, "answer_start": 0, "answer_end": 9}
    audit.passage = with_passage
    with workspace_scope(cast.workspace.id):
        audit.save()
    page = log_in(client, cast.bob).get(page_of(audit)).text
    assert "alert(1)" not in page and "onerror" not in page
    assert "&lt;script&gt;" in page
