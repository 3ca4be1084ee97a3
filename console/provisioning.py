"""Set up workspaces and members, for commands and the console. Everything here can be repeated."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from accounts import members
from accounts.keys import initial_api_key
from accounts.members import AddedMember
from accounts.models import Member, Workspace
from accounts.scope import workspace_scope
from accounts.workspaces import ensure_workspace
from chatbot.widgets import allow_origins, ensure_widget

COMMAND = "command"


@dataclass(frozen=True)
class Provisioned:
    """A workspace and what a site and a server need; `api_key` is None once it was revoked."""

    workspace: Workspace
    widget_key: str
    api_key: str | None


def create_workspace(
    slug: str,
    *,
    name: str | None = None,
    origins: Iterable[str] = (),
    actor: Member | str = COMMAND,
) -> Provisioned:
    """Make the workspace with its widget and initial API key, or find them.

    Origins are added to those that may show the widget. Two calls at once return the same, and
    a refused one makes nothing.
    Raises accounts.errors.Invalid for a bad slug, chatbot.errors.Invalid for a bad origin.
    """
    with transaction.atomic():
        workspace = ensure_workspace(slug, name=name, actor=actor)
        with workspace_scope(workspace.id):
            widget = allow_origins(ensure_widget(workspace), origins, actor=actor)
            api_key = initial_api_key(workspace.id, actor=actor)
    return Provisioned(workspace, widget.key, api_key)


def add_member(
    workspace: Workspace,
    email: str,
    *,
    role: str,
    name: str = "",
    password: str | None = None,
    actor: Member | str = COMMAND,
) -> AddedMember:
    """See accounts.members.add_member."""
    return members.add_member(
        workspace.id, email, role=role, name=name, password=password, actor=actor
    )
