"""The one door into a workspace's rows.

Every table of a workspace has row-level security on the setting `app.workspace`. Only the
functions here set it, with transaction scope, so a pooled connection never keeps it. Outside a
scope a query of the app role finds nothing and an insert fails.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connections, transaction

from accounts.errors import ScopeError

_workspace: ContextVar[UUID | None] = ContextVar("workspace", default=None)


def current_workspace_id() -> UUID:
    """The workspace of the enclosing scope. Raises ScopeError outside one."""
    workspace_id = _workspace.get()
    if workspace_id is None:
        raise ScopeError("no workspace scope is open")
    return workspace_id


@contextmanager
def workspace_scope(workspace_id: UUID) -> Iterator[None]:
    """One transaction that sees the rows of this workspace alone.

    Nesting with the same id opens a savepoint; another id raises ScopeError.
    """
    outer = _workspace.get()
    if outer is not None and outer != workspace_id:
        raise ScopeError("a scope of another workspace is open")
    token = _workspace.set(workspace_id)
    try:
        with transaction.atomic():
            _set("app.workspace", str(workspace_id))
            yield
            if outer is None:
                _set("app.workspace", "")
    finally:
        _workspace.reset(token)


@contextmanager
def user_scope(user_id: UUID) -> Iterator[None]:
    """One transaction that sees this user's own memberships, in every workspace."""
    with transaction.atomic():
        _set("app.user", str(user_id))
        yield
        _set("app.user", "")


def _set(name: str, value: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
