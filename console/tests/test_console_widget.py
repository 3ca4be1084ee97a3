"""The bot's name, colour, tone and languages: set in the console, followed by what visitors see."""

import pytest
from django.test import Client

from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import external, intake, phrases
from chatbot.colours import readable_on
from chatbot.models import Conversation, Event
from chatbot.sessions import start_session
from chatbot.wordings import WORDINGS
from console.tests.pages import BASE, log_in, state
from tests.cast import Cast

WIDGET = f"{BASE}settings/widget/"
GIVEN = {
    "origins": "",
    "name": "  Ada   of Acme ",
    "greeting": "Ask me",
    "colour": "#FFCC00",
    "tone": "formal",
    "languages": ["ru"],
    "default_language": "ru",
}


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.alice)


def frame(cast: Cast, **more: str) -> str:
    return Client().get(f"/widget/v1/frame/{cast.acme.widget_key}/", more).text


def test_everything_is_saved_and_logged_with_both_values(admin: Client, cast: Cast) -> None:
    for _ in range(2):
        assert admin.post(WIDGET, GIVEN).status_code == 302
    after = state(cast)
    assert after["looks"] == [{"name": "Ada of Acme", "colour": "#ffcc00"}]
    assert after["words"] == ("formal", ["ru"], "ru")
    with workspace_scope(cast.workspace.id):
        look = AuditEntry.objects.get(action="widget.look_changed")
        words = AuditEntry.objects.get(action="settings.changed")
    assert look.detail["before"] == {"name": "Acme", "colour": ""}
    assert look.detail["after"] == {"name": "Ada of Acme", "colour": "#ffcc00"}
    assert words.detail["before"]["tone"] == "friendly"
    page = admin.get(WIDGET).text
    assert 'value="Ada of Acme"' in page and 'value="#ffcc00"' in page
    assert "changed the bot&#x27;s name" in admin.get(f"{BASE}settings/audit/").text


def test_visitors_see_name_colour_and_greeting(admin: Client, cast: Cast) -> None:
    admin.post(WIDGET, GIVEN | {"languages": ["en", "ru"], "greeting": ""})
    page = frame(cast, language="en")
    assert "<h1>Ada of Acme</h1>" in page and "Good day. How may we help you?" in page
    assert '"brand": "#ffcc00", "on_brand": "#000000"' in page
    session = start_session(cast.workspace.id, cast.acme.widget_key, token=None, language="en")
    assert (session.bot_name, session.greeting) == ("Ada of Acme", "Good day. How may we help you?")


def test_only_offered_languages_are_spoken(admin: Client, cast: Cast) -> None:
    admin.post(WIDGET, GIVEN)
    assert '<html lang="ru"' in frame(cast, language="en-US")
    where = (cast.workspace.id, cast.acme.widget_key)
    assert start_session(*where, token=None, language="en-US").language == "ru"
    begun = external.begin(cast.workspace.id)
    with workspace_scope(cast.workspace.id):
        assert Conversation.objects.get(id=begun.conversation_id).language == "ru"
    admin.post(WIDGET, GIVEN | {"languages": ["en", "ru"]})
    assert state(cast)["words"] == ("formal", [], "ru")
    assert start_session(*where, token=None, language="en-US").language == "en"
    assert start_session(*where, token=None, language="fr").language == "ru"


def test_a_visitor_reads_the_formal_words(admin: Client, cast: Cast) -> None:
    admin.post(WIDGET, GIVEN | {"languages": ["en"], "default_language": "en"})
    intake.request_person(cast.workspace.id, cast.conversation_id, cast.vera.contact_id)
    with workspace_scope(cast.workspace.id):
        told = Event.objects.get(conversation_id=cast.conversation_id)
    assert told.payload["text"].startswith("Your request is being passed to a member of our staff.")


def test_an_empty_name_is_the_workspaces_and_the_own_colour_is_none(
    admin: Client, cast: Cast
) -> None:
    admin.post(WIDGET, GIVEN)
    admin.post(WIDGET, {"name": "", "colour": "#14665C"})
    assert state(cast)["looks"] == [{"name": "Acme", "colour": ""}]
    assert '"colours": null' in frame(cast)


@pytest.mark.parametrize(
    "bad",
    [
        {"colour": "red"}, {"colour": "#fff"}, {"colour": "#ffffff;x"}, {"name": "x" * 81},
        {"tone": "rude"}, {"languages": ["fr"]}, {"default_language": "en"},
        {"default_language": "fr"}, {"origins": "ftp://x"},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_as_a_whole_and_kept_to_be_mended(
    admin: Client, cast: Cast, bad: dict[str, str]
) -> None:
    before = state(cast)
    answer = admin.post(WIDGET, GIVEN | bad)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert "Ask me" in answer.text
    assert state(cast) == before


def test_the_preview_runs_no_script_and_shows_what_is_chosen(admin: Client, cast: Cast) -> None:
    admin.post(WIDGET, GIVEN | {"languages": ["en", "ru"], "greeting": ""})
    path = f"{WIDGET}preview/"
    page = admin.get(path, {"tone": "friendly", "language": "en"})
    assert "Hello! What would you like to know?" in page.text and "<script" not in page.text
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert "Good day." in admin.get(path, {"tone": "x", "language": "en"}).text
    assert '<html lang="ru"' in admin.get(path, {"language": "fr"}).text


def test_both_tones_have_every_phrase(cast: Cast) -> None:
    friendly, formal = WORDINGS["friendly"], WORDINGS["formal"]
    for part in ("handoff", "lead", "owner", "status", "fixed"):
        one, two = getattr(friendly, part), getattr(formal, part)
        assert one.keys() == two.keys()
        said = [key for key in one if one[key] and not key.startswith("check_")]  # labels have none
        assert all(one[key] != two[key] for key in said)
    change_settings(cast.workspace.id, actor=cast.alice, tone="formal")
    assert phrases.fixed("en", "thanks", tone="formal").startswith("You are most welcome.")


@pytest.mark.parametrize(
    ("colour", "text"),
    [
        ("#ffffff", "#000000"),
        ("#000000", "#ffffff"),
        ("#14665c", "#ffffff"),
        ("#ffcc00", "#000000"),
    ],
)
def test_text_can_be_read_on_any_colour(colour: str, text: str) -> None:
    assert readable_on(colour) == text
