"""What the scope's workspace has chosen, and how not to read it again and again.

Inside `reading_once` each choice is read a single time, which is for a transaction that goes
through several conversations, or asks at several places, and changes none of the choices itself.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from accounts.models import WorkspaceSettings
from accounts.scope import current_workspace_id

T = TypeVar("T")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """To be opened inside a scope. Nested it is the outer one that keeps."""
    if _kept.get() is not None:
        yield
        return
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(what: Hashable, read: Callable[[], T]) -> T:
    """What `read` finds in this workspace; outside of `reading_once` it reads each time."""
    kept = _kept.get()
    if kept is None:
        return read()
    key = (current_workspace_id(), what)
    if key not in kept:
        kept[key] = read()
    found: T = kept[key]
    return found


def settings_row() -> WorkspaceSettings | None:
    """The scope's row; None where nothing was chosen yet. Not to be changed."""
    return once(WorkspaceSettings, WorkspaceSettings.objects.first)
