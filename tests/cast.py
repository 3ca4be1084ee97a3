"""The cast of the tests: alice (admin) and bob (agent) of acme, charlie of other, vera (visitor).

`make_cast()` needs database access; the fixture `cast` asks for it. Log in with
`client.force_login(cast.alice.user)`, or by PASSWORD where the log-in page is the subject.
"""

import functools
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import Member, Role, User, Workspace
from chatbot.sessions import VisitorSession, start_session
from console.provisioning import Provisioned, add_member, create_workspace

PASSWORD = "correct-horse-battery"
ORIGIN = "https://www.acme.example"
OTHER_ORIGIN = "https://www.other.example"


@dataclass(frozen=True)
class Cast:
    """Members carry their user; a Provisioned has workspace, widget_key and api_key."""

    acme: Provisioned
    other: Provisioned
    alice: Member
    bob: Member
    charlie: Member
    vera: VisitorSession

    @property
    def workspace(self) -> Workspace:
        return self.acme.workspace

    @property
    def conversation_id(self) -> UUID:
        """Vera's, in acme."""
        return self.vera.conversation_id


@functools.cache
def _password_hash() -> str:
    """Hashing takes half a second, so it's done once."""
    return make_password(PASSWORD)


def make_member(place: Provisioned, name: str, *, role: str) -> Member:
    """A user `<name>@example.com` with PASSWORD, and their membership."""
    email = f"{name}@example.com"
    User.objects.get_or_create(
        email=email, defaults={"name": name.title(), "password": _password_hash()}
    )
    return add_member(place.workspace, email, role=role).member


def make_cast() -> Cast:
    acme = create_workspace("acme", name="Acme", origins=[ORIGIN])
    other = create_workspace("other", name="Other", origins=[OTHER_ORIGIN])
    return Cast(
        acme=acme,
        other=other,
        alice=make_member(acme, "alice", role=Role.ADMIN),
        bob=make_member(acme, "bob", role=Role.AGENT),
        charlie=make_member(other, "charlie", role=Role.ADMIN),
        vera=start_session(acme.workspace.id, acme.widget_key, token=None, language="en"),
    )


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()
