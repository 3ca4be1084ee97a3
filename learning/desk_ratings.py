"""What visitors say of conversations that were closed, where the workspace asks them for it.

The rows are chatbot's ratings: conversation, member, score of 1 to 5, closed_at. Where this version
keeps none, there are none to report.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.db.models import Func, TextField, Value
from django.db.models.functions import Cast

SATISFIED = 4  # of 5, and more: the field's convention for CSAT


@dataclass(frozen=True)
class Rated:
    conversation_id: str
    member_id: str | None
    score: int
    day: str

    @property
    def is_satisfied(self) -> bool:
        return self.score >= SATISFIED


def as_text(field: str) -> Cast:
    return Cast(field, TextField())


def clock(field: str, zone: str) -> Func:
    """A moment as "2026-01-31 6 23": the day, the weekday from Monday = 1 and the hour there.

    Told by the database, since reading many moments is slow.
    """
    local = Func(Value(zone), field, function="timezone")
    form = Value("YYYY-MM-DD ID HH24")
    return Func(local, form, function="to_char", output_field=TextField())


def rated(workspace_id: UUID, begins: datetime, ends: datetime, *, zone: str) -> list[Rated]:
    """Of conversations closed in this time, by the days of a time zone. Needs the scope."""
    kept = apps.get_app_config("chatbot").models.get("rating")
    if kept is None:
        return []
    rows = kept._default_manager.filter(
        workspace_id=workspace_id, closed_at__gte=begins, closed_at__lt=ends
    )
    found = rows.values_list(
        as_text("conversation_id"), as_text("member_id"), "score", clock("closed_at", zone)
    )
    return [Rated(one, member_id, score, at[:10]) for one, member_id, score, at in found]
