"""How much of a workspace's budget for the day is left. A day is a UTC day.

`Escalation.cost_usd` is what a call can cost at most until it has ended, and then what it did
cost; so the sum over the day's rows includes the running ones, and one that died unseen stays
counted. What was erased meanwhile was spent all the same.
"""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Workspace, WorkspaceSettings
from chatbot.models import ErasedDay, Escalation


@dataclass(frozen=True)
class Allowance:
    """What the workspace allows now; `left_usd` may be negative."""

    allowed: bool
    left_usd: float


def allowance(workspace_id: UUID) -> Allowance:
    """Read and lock: until the transaction ends, nobody else reads this workspace's allowance."""
    Workspace.objects.select_for_update(no_key=True).get(id=workspace_id)
    row = WorkspaceSettings.objects.filter(workspace_id=workspace_id).first()
    limit = settings.LLM_BUDGET_USD_PER_DAY
    if row and row.budget_usd_per_day is not None:
        limit = min(limit, row.budget_usd_per_day)
    return Allowance(
        allowed=row is None or row.large_model_allowed,
        left_usd=limit - _spent_today_usd(workspace_id),
    )


def _spent_today_usd(workspace_id: UUID) -> float:
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Escalation.objects.filter(workspace_id=workspace_id, requested_at__gte=midnight)
    erased = ErasedDay.objects.filter(workspace_id=workspace_id, day=midnight.date())
    sums = [found.aggregate(sum=Sum("cost_usd"))["sum"] for found in (rows, erased)]
    return float(sum(one or 0.0 for one in sums))
