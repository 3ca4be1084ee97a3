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
    "agent.capacity_changed": gettext_lazy("changed how many conversations an agent takes"),
    "answer.confirmed": gettext_lazy("confirmed an answer"),
    "answer.judged": gettext_lazy("judged an answer at the desk"),
    "answer.unconfirmed": gettext_lazy("took a confirmed answer back"),
    "answer_cache.forgot": gettext_lazy("had earlier answers forgotten"),
    "answer_cache.switched": gettext_lazy("switched earlier answers on or off"),
    "answer_rules.changed": gettext_lazy("changed what becomes of unsure answers"),
    "api_key.made": gettext_lazy("made an API key"),
    "api_key.revoked": gettext_lazy("revoked an API key"),
    "article.archive_failed": gettext_lazy("could not archive an article at its moment"),
    "article.archive_held": gettext_lazy(
        "did not archive an article at its moment: golden answers would get lost"
    ),
    "article.archive_kept": gettext_lazy("archived an article at its moment"),
    "article.archive_scheduled": gettext_lazy("chose when an article is archived"),
    "article.archive_unscheduled": gettext_lazy("no longer wants an article archived later"),
    "article.archived": gettext_lazy("archived an article"),
    "article.brought_back": gettext_lazy("brought an article back"),
    "article.bulk_confirmed": gettext_lazy("went on with a change of many articles"),
    "article.bulk_started": gettext_lazy("changed many articles"),
    "article.bulk_stopped": gettext_lazy("stopped a change of many articles"),
    "article.changed": gettext_lazy("changed an article's readers, language, address or tags"),
    "article.draft_discarded": gettext_lazy("discarded a draft"),
    "article.draft_published": gettext_lazy("published a draft"),
    "article.draft_returned": gettext_lazy("sent a draft back"),
    "article.draft_saved": gettext_lazy("saved a draft"),
    "article.draft_submitted": gettext_lazy("sent a draft for review"),
    "article.indexed_again": gettext_lazy("had an article indexed again"),
    "article.publish_failed": gettext_lazy("could not publish a draft at its moment"),
    "article.publish_held": gettext_lazy(
        "did not publish a draft at its moment: golden answers would get lost"
    ),
    "article.publish_kept": gettext_lazy("published a draft at its moment"),
    "article.publish_scheduled": gettext_lazy("chose when a draft is published"),
    "article.publish_unscheduled": gettext_lazy("no longer wants a draft published later"),
    "article.restored": gettext_lazy("restored an article's earlier text"),
    "article.saved": gettext_lazy("saved an article"),
    "article.translation_checked": gettext_lazy("found a translation up to date"),
    "article.translation_linked": gettext_lazy("linked a translation"),
    "article.translation_unlinked": gettext_lazy("unlinked a translation"),
    "audit.corrected": gettext_lazy("corrected a verdict on an answer"),
    "audit.judged": gettext_lazy("gave a verdict on an answer"),
    "canned.deleted": gettext_lazy("deleted a canned reply"),
    "canned.saved": gettext_lazy("saved a canned reply"),
    "consent.withdrawn": gettext_lazy("no longer agrees to asking the large model"),
    "conversations.erased": gettext_lazy("erased conversations that were too old"),
    "desk.changed": gettext_lazy("changed whether the bot may ask a colleague"),
    "desk_rules.changed": gettext_lazy("changed the desk's rules"),
    "digest.subscribed": gettext_lazy("subscribed to the weekly digest"),
    "digest.unsubscribed": gettext_lazy("unsubscribed from the weekly digest"),
    "gap.dismissed": gettext_lazy("dismissed a gap"),
    "gap.merged": gettext_lazy("merged two gaps"),
    "gap.reopened": gettext_lazy("put a gap back on the list"),
    "golden.kept": gettext_lazy("kept golden questions"),
    "golden.removed": gettext_lazy("deleted golden questions"),
    "identity_key.made": gettext_lazy("made an identity key"),
    "identity_key.retired": gettext_lazy("retired an identity key"),
    "large_model.added": gettext_lazy("added a large model"),
    "large_model.changed": gettext_lazy("changed a large model"),
    "large_model.moved": gettext_lazy("changed the order of the large models"),
    "large_model.removed": gettext_lazy("removed a large model"),
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
    "picture.added": gettext_lazy("added a picture"),
    "queue.changed": gettext_lazy("changed a queue"),
    "queue.deleted": gettext_lazy("deleted a queue"),
    "queue.made": gettext_lazy("made a queue"),
    "settings.changed": gettext_lazy("changed the settings"),
    "source.added": gettext_lazy("added a source"),
    "source.changed": gettext_lazy("changed a source"),
    "source.deleted": gettext_lazy("deleted a source"),
    "source.imported": gettext_lazy("imported articles"),
    "source.paused": gettext_lazy("paused a source"),
    "source.run": gettext_lazy("had a source read"),
    "tag.deleted": gettext_lazy("deleted a tag"),
    "tag.merged": gettext_lazy("merged two tags"),
    "tag.renamed": gettext_lazy("renamed a tag"),
    "training.cancelled": gettext_lazy("stopped a training"),
    "training.resumed": gettext_lazy("went on with a training"),
    "training.started": gettext_lazy("started a training"),
    "upload.received": gettext_lazy("uploaded a file"),
    "upload.stopped": gettext_lazy("stopped an upload"),
    "visitor.erased": gettext_lazy("erased a visitor's conversations"),
    "widget.greeting_changed": gettext_lazy("changed the widget's greeting"),
    "widget.look_changed": gettext_lazy("changed the bot's name or the widget's colour"),
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
    kinds = {"command": _("the command line"), "visitor": _("a visitor")}
    return kinds.get(row.actor_kind, _("the service"))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(one)}" for name, one in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    return "–" if value is None else str(value)
