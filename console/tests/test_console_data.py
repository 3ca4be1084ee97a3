"""How long conversations are kept, and erasing a visitor, from the console."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import AuditEntry, Role
from accounts.scope import workspace_scope
from chatbot import intake
from chatbot.models import Conversation
from console.tests.pages import BASE, log_in, member, state
from tests.cast import Cast

DATA = f"{BASE}settings/data/"


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    where = (cast.workspace.id, cast.conversation_id, cast.vera.contact_id)
    intake.post_visitor_message(*where, client_id="m", text="Hi")
    return log_in(client, cast.alice)


def conversations(cast: Cast) -> int:
    with workspace_scope(cast.workspace.id):
        return Conversation.objects.count()


def test_the_limit_is_set_and_taken_away(admin: Client, cast: Cast) -> None:
    for days, kept in (("30", 30), ("", None)):
        admin.post(DATA, {"retention_days": days})
        assert state(cast)["retention_days"] == kept
    with workspace_scope(cast.workspace.id):
        entry = AuditEntry.objects.filter(action="settings.changed").earliest("created_at")
    assert (entry.detail["before"], entry.detail["after"]) == (
        {"retention_days": None},
        {"retention_days": 30},
    )
    assert conversations(cast) == 1  # nothing goes at once


@pytest.mark.parametrize("days", ["0", "-1", "36501", "1.5", "all"])
def test_a_limit_that_is_none_is_refused(admin: Client, cast: Cast, days: str) -> None:
    before = state(cast)
    answer = admin.post(DATA, {"retention_days": days})
    assert answer.status_code == 400 and f'value="{days}"' in answer.text
    assert state(cast) == before


def test_a_visitor_is_found_and_erased(admin: Client, cast: Cast) -> None:
    page = admin.get(DATA, {"visitor": str(cast.conversation_id)}).text
    assert "This visitor has 1 conversation." in page and "Erase for good" in page
    path = f"{DATA}visitors/{cast.vera.contact_id}/erase/"
    done = admin.post(path, follow=True)
    assert "The visitor and 1 conversation are erased." in done.text
    assert conversations(cast) == 0
    assert admin.post(path).status_code == 404
    assert "No such visitor." in admin.get(DATA, {"visitor": str(cast.conversation_id)}).text


def test_strangers_and_lesser_roles_erase_nobody(client: Client, cast: Cast, admin: Client) -> None:
    path = f"{DATA}visitors/{cast.vera.contact_id}/erase/"
    for who, status in ((cast.charlie, 404), (member(cast, Role.EDITOR), 403), (cast.bob, 403)):
        assert log_in(Client(), who).post(path).status_code == status
    assert Client().post(path).status_code == 302
    assert log_in(Client(), cast.alice).get(path).status_code == 405
    theirs = f"/console/other/settings/data/visitors/{cast.vera.contact_id}/erase/"
    assert log_in(Client(), cast.charlie).post(theirs).status_code == 404
    assert admin.post(f"{DATA}visitors/{uuid4()}/erase/").status_code == 404
    assert conversations(cast) == 1
