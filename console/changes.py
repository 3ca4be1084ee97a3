"""The audit log in words: who did what, to what, when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEntry, Member
from accounts.scope import workspace_scope

PER_PAGE = 50
ACTIONS = {
    "api_key.made": gettext_lazy("made an API key"),
    "api_key.revoked": gettext_lazy("revoked an API key"),
    "article.archived": gettext_lazy("archived an article"),
    "article.brought_back": gettext_lazy("brought an article back"),
    "article.changed": gettext_lazy("changed who may read an article, its language or address"),
    "article.indexed_again": gettext_lazy("had an article indexed again"),
    "article.restored": gettext_lazy("restored an article's earlier text"),
    "article.saved": gettext_lazy("saved an article"),
    "audit.corrected": gettext_lazy("corrected a verdict on an answer"),
    "audit.judged": gettext_lazy("gave a verdict on an answer"),
    "golden.kept": gettext_lazy("kept golden questions"),
    "golden.removed": gettext_lazy("deleted golden questions"),
    "member.added": gettext_lazy("added a member"),
    "member.removed": gettext_lazy("took a member out"),
    "member.role_changed": gettext_lazy("changed a member's role"),
    "model_version.all": gettext_lazy("had a model version answer all questions"),
    "model_version.registered": gettext_lazy("trained a model version"),
    "model_version.rolled_back": gettext_lazy("went back from a model version"),
    "model_version.shadow": gettext_lazy("had a model version answer unseen"),
    "model_version.share": gettext_lazy("had a model version answer a share"),
    "model_version.tainted": gettext_lazy("marked a model version whose data was erased"),
    "model_version.waits": gettext_lazy("had the passages embedded for a model version"),
    "settings.changed": gettext_lazy("changed the settings"),
    "source.imported": gettext_lazy("imported articles"),
    "upload.received": gettext_lazy("uploaded a file"),
    "widget.greeting_changed": gettext_lazy("changed the widget's greeting"),
    "widget.origins_changed": gettext_lazy("changed the widget's origins"),
    "workspace.made": gettext_lazy("made the workspace"),
}


@dataclass(frozen=True)
class Change:
    """detail: what the entry keeps beside, as (name, value) in words."""

    who: str
    what: str
    target_kind: str
    target_id: str
    at: datetime
    detail: tuple[tuple[str, str], ...]


def changes(
    workspace_id: UUID, *, page: int = 1, count: int = PER_PAGE
) -> tuple[list[Change], bool]:
    """One page, newest first, and whether there are more."""
    with workspace_scope(workspace_id):
        first = (page - 1) * count
        rows = list(AuditEntry.objects.order_by("-created_at", "-id")[first : first + count + 1])
        ids = {row.actor_id for row in rows if row.actor_kind == "member"}
        names = {str(one.id): one.display_name for one in Member.objects.filter(id__in=ids)}
    return [_change(row, names) for row in rows[:count]], len(rows) > count


def _change(row: AuditEntry, names: dict[str, str]) -> Change:
    return Change(
        who=_who(row, names),
        what=str(ACTIONS.get(row.action, row.action)),
        target_kind=row.target_kind,
        target_id=row.target_id,
        at=row.created_at,
        detail=tuple((name, _shown(value)) for name, value in sorted(row.detail.items())),
    )


def _who(row: AuditEntry, names: dict[str, str]) -> str:
    if row.actor_kind == "member":
        return names.get(row.actor_id, _("a former member"))
    if row.actor_kind == "api_key":
        return _("API key %(prefix)s…") % {"prefix": row.actor_id}
    return _("the command line") if row.actor_kind == "command" else _("the service")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(one)}" for name, one in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    return "–" if value is None else str(value)
