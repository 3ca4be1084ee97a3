"""What a workspace has chosen is read once where that was asked for, and never for another one."""

import pytest

from accounts.chosen import once, reading_once, settings_row
from accounts.errors import ScopeError
from accounts.models import WorkspaceSettings
from accounts.scope import workspace_scope
from tests.cast import Cast


def choose(cast: Cast, share: float) -> None:
    with workspace_scope(cast.workspace.id):
        WorkspaceSettings.objects.update_or_create(
            workspace_id=cast.workspace.id, defaults={"budget_warning_share": share}
        )


def share_now() -> float | None:
    row = settings_row()
    return row.budget_warning_share if row else None


def test_outside_it_is_read_each_time(cast: Cast) -> None:
    for share in (0.5, 0.6):
        choose(cast, share)
        with workspace_scope(cast.workspace.id):
            assert share_now() == share


def test_inside_it_is_read_a_single_time_and_forgotten_afterwards(cast: Cast) -> None:
    choose(cast, 0.5)
    with workspace_scope(cast.workspace.id):
        with reading_once(), reading_once():
            assert share_now() == 0.5
            WorkspaceSettings.objects.update(budget_warning_share=0.6)
            assert share_now() == 0.5
        assert share_now() == 0.6


def test_another_workspace_never_gets_it(cast: Cast) -> None:
    choose(cast, 0.5)
    with reading_once():
        with workspace_scope(cast.workspace.id):
            assert once("word", lambda: "acme's") == "acme's" and share_now() == 0.5
        with workspace_scope(cast.other.workspace.id):
            assert once("word", lambda: "other's") == "other's" and share_now() != 0.5


def test_without_a_scope_nothing_is_kept(cast: Cast) -> None:
    with reading_once(), pytest.raises(ScopeError):
        once("word", lambda: "whose?")
