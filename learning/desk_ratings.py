"""What visitors say of conversations that were closed, where the workspace asks them for it.

The rows are chatbot's ratings: conversation, member, score of 1 to 5, closed_at. Where this version
keeps none, there are none to report.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.apps import apps

SATISFIED = 4  # of 5, and more: the field's convention for CSAT


@dataclass(frozen=True)
class Rated:
    conversation_id: UUID
    member_id: UUID | None
    score: int
    at: datetime

    @property
    def is_satisfied(self) -> bool:
        return self.score >= SATISFIED


def rated(workspace_id: UUID, begins: datetime, ends: datetime) -> list[Rated]:
    """Of conversations closed in this time. Needs the scope."""
    kept = apps.get_app_config("chatbot").models.get("rating")
    if kept is None:
        return []
    rows = kept._default_manager.filter(
        workspace_id=workspace_id, closed_at__gte=begins, closed_at__lt=ends
    )
    fields = ("conversation_id", "member_id", "score", "closed_at")
    return [Rated(*row) for row in rows.values_list(*fields)]
