"""Who changed what. Entries are added in the transaction of the change."""

from typing import Any

from accounts.models import AuditEntry, Member
from accounts.scope import current_workspace_id


def record(
    actor: Member | str,
    action: str,
    *,
    target_kind: str,
    target_id: object = "",
    **detail: Any,
) -> None:
    """`actor` is a member, or a word such as "command" or "api_key fl_ab12". Needs a scope."""
    if isinstance(actor, Member):
        kind, actor_id = "member", str(actor.id)
    else:
        kind, _, actor_id = actor.partition(" ")
    AuditEntry.objects.create(
        workspace_id=current_workspace_id(),
        actor_kind=kind,
        actor_id=actor_id,
        action=action,
        target_kind=target_kind,
        target_id=str(target_id),
        detail=detail,
    )
