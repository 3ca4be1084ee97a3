"""The cast in rows: acme with alice, bob and vera; charlie and his workspace, other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.db import connections

from accounts.models import Member, Role, User, Workspace
from accounts.scope import workspace_scope
from chatbot import intake
from chatbot.models import Channel, Contact, Conversation, Event

if TYPE_CHECKING:
    from chatbot.tests.escalating import Escalated


@dataclass(frozen=True)
class Visit:
    """A visitor's conversation and who they are; `where` is what intake's functions begin with."""

    workspace_id: UUID
    conversation_id: UUID
    contact_id: UUID

    @property
    def where(self) -> tuple[UUID, UUID, UUID]:
        return self.workspace_id, self.conversation_id, self.contact_id

    def says(self, text: str, *, client_id: str | None = None) -> intake.Posted:
        return intake.post_visitor_message(*self.where, client_id=client_id or text, text=text)

    def now(self) -> Conversation:
        """The row as it is in the database."""
        with workspace_scope(self.workspace_id):
            return Conversation.objects.select_related("owner_member").get(id=self.conversation_id)

    def events(self, *, visitor: bool = False) -> list[Event]:
        with workspace_scope(self.workspace_id):
            rows = Event.objects.filter(conversation_id=self.conversation_id)
            if visitor:
                return list(rows.filter(visitor_seq__isnull=False).order_by("visitor_seq"))
            return list(rows.order_by("staff_seq"))

    def kinds(self, *, visitor: bool = False) -> list[str]:
        return [event.kind for event in self.events(visitor=visitor)]


def new_visit(workspace_id: UUID) -> Visit:
    with workspace_scope(workspace_id):
        contact = Contact.objects.create(workspace_id=workspace_id)
        conversation = Conversation.objects.create(
            workspace_id=workspace_id, channel=Channel.API, contact=contact
        )
    return Visit(workspace_id, conversation.id, contact.id)


def new_member(workspace: Workspace, name: str, role: Role) -> Member:
    user = User.objects.create_user(f"{name.lower()}@example.org")
    with workspace_scope(workspace.id):
        return Member.objects.create(workspace=workspace, user=user, role=role, display_name=name)


@pytest.fixture
def acme(db: None) -> Workspace:
    return Workspace.objects.create(slug="acme", name="Acme")


@pytest.fixture
def other(db: None) -> Workspace:
    return Workspace.objects.create(slug="other", name="Other")


@pytest.fixture
def alice(acme: Workspace) -> Member:
    return new_member(acme, "Alice", Role.ADMIN)


@pytest.fixture
def bob(acme: Workspace) -> Member:
    return new_member(acme, "Bob", Role.AGENT)


@pytest.fixture
def charlie(other: Workspace) -> Member:
    return new_member(other, "Charlie", Role.AGENT)


@pytest.fixture
def vera(acme: Workspace) -> Visit:
    return new_visit(acme.id)


@pytest.fixture
def unchanged(vera: Visit) -> Callable[[], bool]:
    """True as long as vera's conversation is as it was when this fixture was made."""

    def state() -> tuple[object, ...]:
        row = vera.now()
        return row.owner, row.owner_member_id, row.status, row.staff_seq, row.visitor_seq

    before = state()
    return lambda: state() == before


@pytest.fixture
def short_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's threads end with the test's loop; none may keep a connection open."""
    for alias in connections.settings:
        monkeypatch.setitem(connections.settings[alias], "CONN_MAX_AGE", 0)


@pytest.fixture
def escalated(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Escalated]":
    """A visit whose questions go to a large model's server of our own."""
    from chatbot.tests.escalating import escalating

    with escalating(acme, monkeypatch) as ready:
        yield ready
