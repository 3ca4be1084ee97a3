"""What administrators choose for visitors, identity keys, and ratings among the outcomes."""

import re

import pytest
from django.test import Client

from accounts.scope import workspace_scope
from chatbot import browser_runtime, closing, intake, ratings
from chatbot.models import IdentityKey
from console.tests.pages import BASE, last_action, log_in, member, state
from knowledge import snapshots
from outbox.models import OutboxJob
from tests.cast import Cast

PAGE, IDENTITY = f"{BASE}settings/visitors/", f"{BASE}settings/identity/"
GIVEN = {
    "attachments_allowed": "on",
    "close_after_hours": "48",
    "ask_email": "required",
    "ask_topic": "optional",
    "topics_en": "Delivery\r\n Returns \r\nDelivery",
    "ask_note": "optional",
    "note_ru": "Номер заказа",
}


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.alice)


def test_choices_are_saved_and_shown(admin: Client, cast: Cast) -> None:
    for _ in range(2):
        assert admin.post(PAGE, GIVEN).status_code == 302
    prechat = {
        "fields": {"email": "required", "topic": "optional", "note": "optional"},
        "topics": {"en": ["Delivery", "Returns"]},
        "note_label": {"ru": "Номер заказа"},
    }
    assert state(cast)["visitors"] == (False, 48, prechat)
    page = admin.get(PAGE).text
    assert "Delivery\nReturns" in page and 'value="48"' in page
    assert "This server sends no mail" in page


def test_suggestions_in_the_browser_are_off_until_they_are_asked_for(
    admin: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def builds() -> int:
        with workspace_scope(cast.workspace.id):
            return OutboxJob.objects.filter(kind=snapshots.KIND).count()

    monkeypatch.setattr(browser_runtime, "available", lambda: None)
    assert "manage.py fetch_browser_runtime" in admin.get(PAGE).text
    monkeypatch.setattr(browser_runtime, "available", lambda: "folder")
    assert "manage.py fetch_browser_runtime" not in admin.get(PAGE).text
    admin.post(PAGE, GIVEN)
    assert (state(cast)["suggestions"], builds()) == (False, 0)
    for _ in range(2):  # twice asks for one build
        admin.post(PAGE, GIVEN | {"browser_suggestions": "on"})
    assert (state(cast)["suggestions"], builds()) == (True, 1)
    admin.post(PAGE, GIVEN)
    assert state(cast)["suggestions"] is False


@pytest.mark.parametrize(
    "bad",
    [
        {"ask_email": "often"},
        {"topics_en": ""},
        {"topics_en": "\n".join(str(number) for number in range(21))},
        {"topics_en": "x" * 81},
        {"note_ru": ""},
        {"close_after_hours": "0"},
        {"close_after_hours": "2161"},
    ],
)
def test_what_cannot_be_is_refused_and_kept_to_be_mended(
    admin: Client, cast: Cast, bad: dict[str, str]
) -> None:
    before = state(cast)
    answer = admin.post(PAGE, GIVEN | bad)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert state(cast) == before


def test_a_key_is_made_shown_once_and_retired(admin: Client, cast: Cast) -> None:
    made = admin.post(IDENTITY).text
    found = re.search(r"<code>([\w-]{64})</code>", made)
    assert found and found[1] not in admin.get(IDENTITY).text
    with workspace_scope(cast.workspace.id):
        kid = IdentityKey.objects.get().kid
    assert last_action(cast) == (str(cast.alice.id), "identity_key.made")
    for _ in range(2):
        assert admin.post(f"{IDENTITY}retire/", {"kid": kid}).status_code == 302
    assert last_action(cast) == (str(cast.alice.id), "identity_key.retired")
    assert "retired" in admin.get(IDENTITY).text


@pytest.mark.parametrize("role", ["agent", "editor", "analyst"])
def test_others_are_refused(client: Client, cast: Cast, role: str) -> None:
    before = state(cast)
    for path in (PAGE, IDENTITY, f"{IDENTITY}retire/"):
        assert client.post(path, GIVEN).status_code == 302  # to the log-in
    others = member(cast, role), cast.charlie
    before = state(cast)
    for who, status in zip(others, (403, 404), strict=True):
        log_in(client, who)
        for path in (PAGE, IDENTITY, f"{IDENTITY}retire/"):
            assert client.post(path, GIVEN).status_code == status
    assert state(cast) == before


def test_ratings_are_among_the_outcomes(admin: Client, cast: Cast) -> None:
    from learning import reviewing

    where = (cast.workspace.id, cast.conversation_id, cast.vera.contact_id)
    intake.post_visitor_message(*where, client_id="a", text="Hello")
    closing.solved(*where)
    ratings.give(*where, score=5, comment="Well <done>")
    with workspace_scope(cast.workspace.id):
        reviewing.step(cast.workspace.id)
    page = admin.get(f"{BASE}outcomes/").text
    assert "CSAT: 1 of 1 rating was 4 or 5" in page and "Well &lt;done&gt;" in page
    log_in(admin, cast.charlie)
    assert admin.get(f"{BASE}outcomes/").status_code == 404
