"""What a workspace may still spend on large models: by day, month, visitor and conversation.

Days and months are those of UTC, as everywhere in the ledger and the reports. The costs of days are
counters that a trigger of the database keeps (see SpentDay), so a month is a sum of 31 rows however
many escalations it had. `Escalation.cost_usd` is what a call can cost at most until it has ended,
and then what it did cost; so running calls count, and one that died unseen stays counted. What was
erased meanwhile was spent all the same. A visitor and a conversation are few rows: they are added
up, and what was erased of them went with them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Workspace, WorkspaceSettings
from chatbot.models import Conversation, Escalation, Period, SpentDay

VISITOR, CONVERSATION = "visitor", "conversation"  # beside the periods


@dataclass(frozen=True)
class Spent:
    """Of one limit. `begins`: the first day of a period; None for a visitor or conversation."""

    of: str
    usd: float
    limit_usd: float
    begins: date | None = None

    @property
    def left_usd(self) -> float:
        return self.limit_usd - self.usd

    @property
    def share(self) -> float:
        """A limit of nothing is used up."""
        return self.usd / self.limit_usd if self.limit_usd > 0 else 1.0


@dataclass(frozen=True)
class Allowance:
    """What may be asked for now. `spent`: every limit that holds, the tightest first."""

    allowed: bool
    spent: tuple[Spent, ...]

    @property
    def left_usd(self) -> float:
        """Of the tightest limit; may be negative."""
        return self.spent[0].left_usd

    @property
    def share(self) -> float:
        """How much of a day's or month's budget is used, whichever is more."""
        return max(one.share for one in self.spent if one.begins)


def allowance(workspace_id: UUID, conversation: Conversation | None = None) -> Allowance:
    """Read and lock: until the transaction ends, nobody else reads this workspace's allowance.

    Without a conversation the limits of the workspace alone. Cost: four indexed queries.
    """
    Workspace.objects.select_for_update(no_key=True).get(id=workspace_id)
    row = WorkspaceSettings.objects.filter(workspace_id=workspace_id).first()
    row = row or WorkspaceSettings(workspace_id=workspace_id)
    found = [*periods(row), *(_of_visitor(row, conversation) if conversation else ())]
    found.sort(key=lambda one: one.left_usd)
    return Allowance(row.large_model_allowed, tuple(found))


def periods(row: WorkspaceSettings) -> list[Spent]:
    """The day, and the month where it has a limit, as they are now; no lock. Needs the scope."""
    today = timezone.now().date()
    first = today.replace(day=1)
    days = SpentDay.objects.filter(workspace_id=row.workspace_id, day__gte=first, day__lte=today)
    sums = days.aggregate(day=Sum("cost_usd", filter=Q(day=today)), month=Sum("cost_usd"))
    limit = settings.LLM_BUDGET_USD_PER_DAY
    if row.budget_usd_per_day is not None:
        limit = min(limit, row.budget_usd_per_day)
    found = [Spent(Period.DAY, sums["day"] or 0.0, limit, today)]
    if row.budget_usd_per_month is not None:
        found.append(Spent(Period.MONTH, sums["month"] or 0.0, row.budget_usd_per_month, first))
    return found


def _of_visitor(row: WorkspaceSettings, conversation: Conversation) -> list[Spent]:
    found = []
    if (limit := row.budget_usd_per_visitor) is not None:
        asked = Escalation.objects.filter(
            turn__conversation__contact_id=conversation.contact_id, requested_at__gte=_midnight()
        )
        found.append(Spent(VISITOR, _cost(asked), limit))
    if (limit := row.budget_usd_per_conversation) is not None:
        asked = Escalation.objects.filter(turn__conversation_id=conversation.id)
        found.append(Spent(CONVERSATION, _cost(asked), limit))
    return found


def _cost(asked: QuerySet[Escalation]) -> float:
    return float(asked.aggregate(sum=Sum("cost_usd"))["sum"] or 0.0)


def _midnight() -> datetime:
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
