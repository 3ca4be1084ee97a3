"""Every access goes through here: one function for each kind of object.

Not found and not allowed look alike from outside: NotFound. NotAllowed is raised only towards a
member of the workspace, whose role does not permit the action.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from accounts.errors import NotAllowed, NotFound
from accounts.models import ApiKey, Member, Role, User, WidgetKey, Workspace
from accounts.scope import user_scope

EVERYBODY = frozenset(Role.values)
ADMINS = frozenset({Role.OWNER, Role.ADMIN})
EDITORS = ADMINS | {Role.EDITOR}
AGENTS = ADMINS | {Role.AGENT}
MAX_KEY = 200


@dataclass(frozen=True)
class ApiPrincipal:
    """The server behind an API key."""

    workspace_id: UUID
    workspace_slug: str
    role: str
    prefix: str


def member_for(user: User, *, workspace_slug: str, roles: Collection[str] = EVERYBODY) -> Member:
    """The user's membership. Raises NotFound for strangers, NotAllowed for a lesser role."""
    with user_scope(user.id):
        member = (
            Member.objects.select_related("workspace", "user")
            .filter(
                user=user,
                workspace__slug=workspace_slug,
                is_active=True,
                user__is_active=True,
            )
            .first()
        )
    if member is None:
        raise NotFound("no such workspace")
    if member.role not in roles:
        raise NotAllowed("your role does not permit this")
    return member


def memberships(user: User) -> list[Member]:
    """The user's active memberships in every workspace, by name."""
    with user_scope(user.id):
        found = Member.objects.select_related("workspace").filter(user=user, is_active=True)
        return list(found.order_by("workspace__name"))


def workspace_by_slug(slug: str) -> Workspace:
    """For commands and public pages. Raises NotFound."""
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        raise NotFound(f"no workspace {slug!r}")
    return workspace


def widget_workspace(key: str) -> UUID:
    """The workspace of a widget's public key. Raises NotFound."""
    row = None if "\0" in key else WidgetKey.objects.filter(key=key[:MAX_KEY]).first()
    if row is None:
        raise NotFound("no such widget")
    return row.workspace_id


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def api_principal(token: str) -> ApiPrincipal:
    """Who holds this API token. Raises NotFound for an unknown or revoked one."""
    key = (
        ApiKey.objects.select_related("workspace")
        .filter(digest=digest(token[:MAX_KEY]), revoked_at__isnull=True)
        .first()
    )
    if key is None:
        raise NotFound("no such key")
    return ApiPrincipal(key.workspace_id, key.workspace.slug, key.role, key.prefix)
