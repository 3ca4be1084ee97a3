"""The risk dial's page: what it shows, who may turn it, and two who turn it at once."""

import pytest
from django.test import Client

from accounts.models import AuditEntry, Role
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings, settings_of
from chatbot.answer_rules import Rules, rules
from console.tests.pages import BASE, log_in, member
from learning.tests.test_dial import audited, shop, weighing_here  # noqa: F401  fixtures
from tests.cast import Cast

DIAL = f"{BASE}dial/"


def risk_of(cast: Cast) -> float | None:
    with workspace_scope(cast.workspace.id):
        return settings_of(cast.workspace.id).risk


def test_without_audits_it_says_what_is_missing(client: Client, cast: Cast) -> None:
    log_in(client, cast.alice)
    page = client.get(DIAL).text
    assert "No answer of the models in use has been checked yet" in page
    assert "45 more right answers at least" in page and "114 more right answers" in page
    assert "<svg" not in page


def test_audits_give_a_curve_and_certify(client: Client, shop: Cast) -> None:  # noqa: F811  fixture
    audited(shop, 60, confidence=0.4)
    audited(shop, 8, confidence=0.2, wrong=8)
    log_in(client, shop.alice)
    page = client.get(DIAL).text
    assert "68 answers drawn at random and checked count" in page
    assert page.count("<svg") == 2 and '<polyline class="line"' in page
    assert "certified</span>" in page and "88%" in page
    assert page.count(f"/desk/{shop.workspace.slug}/#") >= 3 and page.count("/checks/") >= 3
    assert "Just sure enough" in page or "Just not sure enough" in page


def test_an_administrator_turns_the_dial(client: Client, cast: Cast) -> None:
    log_in(client, cast.alice)
    done = client.post(DIAL, {"risk": "0.1", "seen": ""})
    assert done.status_code == 302 and risk_of(cast) == 0.1
    with workspace_scope(cast.workspace.id):
        assert AuditEntry.objects.filter(action="settings.changed").exists()
    assert "in force" in client.get(DIAL).text


def test_the_second_of_two_is_told(client: Client, cast: Cast) -> None:
    log_in(client, cast.alice)
    change_settings(cast.workspace.id, actor=cast.alice, risk=0.2)
    refused = client.post(DIAL, {"risk": "0.1", "seen": ""})
    assert refused.status_code == 409 and "Somebody else has turned the dial" in refused.text
    assert risk_of(cast) == 0.2


@pytest.mark.parametrize("wrong", [{}, {"risk": "much"}, {"risk": "0.9"}, {"risk": "nan"}])
def test_nonsense_is_refused(client: Client, cast: Cast, wrong: dict[str, str]) -> None:
    log_in(client, cast.alice)
    assert client.post(DIAL, {"seen": "", **wrong}).status_code == 400
    assert risk_of(cast) is None


def test_others_read_at_most(client: Client, cast: Cast) -> None:
    for role, status in ((Role.ANALYST, 200), (Role.EDITOR, 403)):
        log_in(client, member(cast, role))
        assert client.get(DIAL).status_code == status
        assert client.post(DIAL, {"risk": "0.1", "seen": ""}).status_code == 403
    log_in(client, cast.bob)
    assert client.get(DIAL).status_code == 403
    log_in(client, cast.charlie)
    assert client.get(DIAL).status_code == 404
    assert client.post(DIAL, {"risk": "0.1", "seen": ""}).status_code == 404
    client.logout()
    assert client.get(DIAL).status_code == 302
    assert risk_of(cast) is None


def rules_of(cast: Cast) -> Rules:
    with workspace_scope(cast.workspace.id):
        return rules()


WANTED = {"checked_risk": "0.3", "unsupported_sentences": "remove"}
SEEN = {"seen_risk": "", "seen_sentences": "hand_over"}


def test_an_administrator_has_answers_checked_afterwards(client: Client, cast: Cast) -> None:
    log_in(client, cast.alice)
    page = client.get(DIAL).text
    assert "where at most 30% would be wrong" in page
    assert "where at most 5% would be wrong" not in page  # not above the dial
    assert client.post(DIAL, WANTED | SEEN).status_code == 302
    assert rules_of(cast) == Rules("remove", 0.3)
    again = client.post(DIAL, WANTED | {"seen_risk": "0.3", "seen_sentences": "remove"})
    assert again.status_code == 302
    with workspace_scope(cast.workspace.id):
        assert AuditEntry.objects.filter(action="answer_rules.changed").count() == 1
    assert '<option value="0.3" selected>' in client.get(DIAL).text


def test_the_second_who_changes_the_rules_is_told(client: Client, cast: Cast) -> None:
    log_in(client, cast.alice)
    client.post(DIAL, WANTED | SEEN)
    refused = client.post(DIAL, {**WANTED, "checked_risk": "", **SEEN})
    assert refused.status_code == 409 and "Somebody else has changed this" in refused.text
    assert rules_of(cast) == Rules("remove", 0.3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"checked_risk": "0.01"},
        {"checked_risk": "much"},
        {"unsupported_sentences": "keep"},
        {"seen_risk": "x"},
    ],
)
def test_rules_that_make_no_sense_are_refused(
    client: Client, cast: Cast, wrong: dict[str, str]
) -> None:
    log_in(client, cast.alice)
    assert client.post(DIAL, WANTED | SEEN | wrong).status_code == 400
    assert rules_of(cast) == Rules()


def test_nobody_else_changes_the_rules(client: Client, cast: Cast) -> None:
    for role in (Role.ANALYST, Role.EDITOR, Role.AGENT):
        log_in(client, member(cast, role))
        assert client.post(DIAL, WANTED | SEEN).status_code == 403
    log_in(client, cast.charlie)
    assert client.post(DIAL, WANTED | SEEN).status_code in {403, 404}
    assert rules_of(cast) == Rules()
