"""What the audit log of a workspace says, for tests."""

from typing import Any

from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from console.provisioning import Provisioned


def audit_entries(place: Provisioned) -> list[tuple[str, str, dict[str, Any]]]:
    """(kind of actor, action, detail), oldest first."""
    with workspace_scope(place.workspace.id):
        rows = AuditEntry.objects.order_by("created_at", "id")
        return [(row.actor_kind, row.action, row.detail) for row in rows]
