"""A workspace is made once, and its settings stay within their bounds."""

import pytest

from accounts.errors import Invalid
from accounts.models import Workspace
from accounts.scope import workspace_scope
from accounts.tests.entries import audit_entries
from accounts.workspaces import change_settings, ensure_workspace, settings_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_workspace_is_made_once_and_keeps_its_name(cast: Cast) -> None:
    again = ensure_workspace("acme", name="Another", actor="command")

    assert (again, again.name) == (cast.acme.workspace, "Acme")
    assert [action for _, action, _ in audit_entries(cast.acme)].count("workspace.made") == 1


@pytest.mark.parametrize("slug", ["", "Acme", "a b", "-a", "a-", "ä", "a/b", "a\n", "x" * 61])
def test_a_slug_fits_into_addresses(db: None, slug: str) -> None:
    with pytest.raises(Invalid):
        ensure_workspace(slug, name=None, actor="command")

    assert not Workspace.objects.exists()


def test_a_changed_setting_is_in_the_audit_log_once(cast: Cast) -> None:
    acme = cast.acme.workspace.id
    for _ in range(2):
        change_settings(acme, actor=cast.alice, risk=0.02, large_model_allowed=False)

    with workspace_scope(acme):
        row = settings_of(acme)
    assert (row.risk, row.large_model_allowed, row.budget_usd_per_day) == (0.02, False, None)
    entries = [one for one in audit_entries(cast.acme) if one[1] == "settings.changed"]
    assert entries == [
        (
            "member",
            "settings.changed",
            {
                "before": {"risk": None, "large_model_allowed": True},
                "after": {"risk": 0.02, "large_model_allowed": False},
            },
        )
    ]


@pytest.mark.parametrize(
    "changes", [{"risk": 0.0}, {"risk": 1.0}, {"budget_usd_per_day": -1.0}, {"nonsense": 1.0}]
)
def test_a_setting_out_of_bounds_changes_nothing(cast: Cast, changes: dict[str, float]) -> None:
    entries = audit_entries(cast.acme)

    with pytest.raises(Invalid):
        change_settings(cast.acme.workspace.id, actor=cast.alice, seen=None, **changes)

    assert audit_entries(cast.acme) == entries


def test_settings_of_another_workspace_stay(cast: Cast) -> None:
    change_settings(cast.acme.workspace.id, actor=cast.alice, risk=0.2)

    with workspace_scope(cast.other.workspace.id):
        assert settings_of(cast.other.workspace.id).risk is None
