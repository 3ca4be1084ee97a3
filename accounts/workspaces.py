"""Make a workspace, and change its settings. Every change leaves an audit entry."""

import re
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext

from accounts import audit
from accounts.errors import Conflict, Invalid
from accounts.models import Member, Tone, Workspace, WorkspaceSettings
from accounts.scope import workspace_scope

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
CHANGEABLE = frozenset(
    {
        "risk", "large_model_allowed", "budget_usd_per_day", "audit_share", "clarify", "decline",
        "compact_model_allowed", "people_allowed", "consent_required", "tone", "languages",
        "default_language", "time_zone", "hours", "holidays", "retention_days", "review_required",
        "check_required", "schedule_waits", "imports_reviewed",
        "ratings_asked", "attachments_allowed", "transcripts_allowed", "replies_by_mail",
        "close_after_hours", "prechat", "browser_suggestions", "budget_usd_per_month",
        "budget_usd_per_visitor", "budget_usd_per_conversation", "budget_warning_share",
        "weigh_people", "agent_usd_per_hour",
    }
)  # fmt: skip
MONEY = (
    "budget_usd_per_day", "budget_usd_per_month", "budget_usd_per_visitor",
    "budget_usd_per_conversation", "agent_usd_per_hour",
)  # fmt: skip
LONGEST_RETENTION_DAYS = 36_500
LONGEST_SILENCE_HOURS = 24 * 90
Setting = float | bool | str | list[Any] | dict[str, Any] | None


def ensure_workspace(slug: str, *, name: str | None, actor: Member | str) -> Workspace:
    """The workspace of this slug, made with its settings if it is not there.

    Two callers at once get the same one. An existing workspace keeps its name. Raises Invalid.
    """
    if not SLUG.fullmatch(slug):
        raise Invalid("A slug is made of a-z, 0-9 and inner hyphens, 60 at most")
    name = (name or slug).strip()[:120]
    workspace, created = Workspace.objects.get_or_create(slug=slug, defaults={"name": name})
    with workspace_scope(workspace.id):
        lock(workspace.id)
        WorkspaceSettings.objects.get_or_create(workspace_id=workspace.id)
        if created:
            audit.record(actor, "workspace.made", target_kind="workspace", target_id=workspace.id)
    return workspace


def lock(workspace_id: UUID) -> Workspace:
    """Hold the workspace's row until the transaction ends: one change of its set-up at a time."""
    return Workspace.objects.select_for_update().get(id=workspace_id)


def settings_of(workspace_id: UUID) -> WorkspaceSettings:
    """The workspace's settings. Needs its scope."""
    row, _ = WorkspaceSettings.objects.get_or_create(workspace_id=workspace_id)
    return row


def change_settings(
    workspace_id: UUID,
    *,
    actor: Member | str,
    seen: Mapping[str, Setting] | None = None,
    **changes: Setting,
) -> WorkspaceSettings:
    """Set the named settings, those of CHANGEABLE; None is the server's default.

    `seen`: what the author of the change saw, setting → value. Raises Invalid, and Conflict where
    one of those is another by now; changes nothing then.
    """
    _check(changes)
    with workspace_scope(workspace_id):
        lock(workspace_id)
        row = settings_of(workspace_id)
        if any(getattr(row, name) != value for name, value in (seen or {}).items()):
            raise Conflict("the settings were changed meanwhile")
        before: dict[str, Any] = {name: getattr(row, name) for name in changes}
        moved = [name for name in changes if before[name] != changes[name]]
        if not moved:
            return row
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(update_fields=list(changes))
        audit.record(
            actor,
            "settings.changed",
            target_kind="workspace",
            target_id=workspace_id,
            before=_plain({name: before[name] for name in moved}),
            after=_plain({name: changes[name] for name in moved}),
        )
    return row


def _check(changes: Mapping[str, Setting]) -> None:
    if unknown := changes.keys() - CHANGEABLE:
        raise Invalid(f"no such setting: {', '.join(sorted(unknown))}")
    risk = cast(float | None, changes.get("risk"))
    if risk is not None and not 0.001 <= risk <= 0.5:
        raise Invalid(gettext("The risk must lie between 0.001 and 0.5"))
    if any(cast(float, changes.get(name) or 0.0) < 0 for name in MONEY):
        raise Invalid(gettext("The budget cannot be negative"))
    if not 0 < cast(float, changes.get("budget_warning_share", 0.8)) <= 1:
        raise Invalid(gettext("A warning comes at 1 to 100 percent of a budget"))
    if not 0 <= cast(float, changes.get("audit_share") or 0.0) <= 1:
        raise Invalid(gettext("The share of checked answers must lie between 0 and 1"))
    if changes.get("tone", Tone.FRIENDLY) not in Tone.values:
        raise Invalid("no such tone")
    days = cast(int | None, changes.get("retention_days"))
    if days is not None and not 1 <= days <= LONGEST_RETENTION_DAYS:
        raise Invalid(gettext("Conversations can be kept for 1 to 36,500 days"))
    silence = cast(int | None, changes.get("close_after_hours"))
    if silence is not None and not 1 <= silence <= LONGEST_SILENCE_HOURS:
        raise Invalid(gettext("Conversations can be closed after 1 to 2,160 hours"))
    if changes.get("time_zone", "UTC") not in time_zones():
        raise Invalid(gettext("There is no such time zone"))
    _check_languages(changes)


def time_zones() -> set[str]:
    """Those that the database knows too, which tells times by them: not this machine's own."""
    return available_timezones() - {"localtime"}


def _check_languages(changes: Mapping[str, Setting]) -> None:
    spoken = {code for code, _ in settings.LANGUAGES}
    offered = cast(list[str], changes.get("languages") or [])
    if not spoken.issuperset(offered):
        raise Invalid(gettext("The service does not speak this language"))
    if changes.get("default_language", "en") not in (set(offered) or spoken):
        raise Invalid(gettext("The default language must be one of those offered"))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON keeps it: dates as text."""
    return {
        name: [str(one) for one in value] if name == "holidays" else value
        for name, value in values.items()
    }
