"""What answers did cost, what was spent in a day, and which warnings about it went out."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Member, WorkspaceModel


class Kind(models.TextChoices):
    """What was at work. A tier says who answered; a kind says by which means."""

    SMALL_TALK = "small_talk"
    COMPACT = "compact"
    CACHE = "cache"  # an answer that was checked earlier
    LOCAL = "local"  # a generator on one's own machine: CPU seconds, no price
    LARGE = "large"
    CHECK = "check"  # a large model looks again at what tier 1 has answered
    PERSON = "person"


class LedgerEntry(WorkspaceModel):
    """What one piece of work for a visitor did cost, in the prices of its moment. Append-only.

    `answered`: the visitor has this answer; then `counterfactual_usd` is what the large model would
    have cost for it, None where nobody can say, and `priced_by` says whose price that is. `topic`:
    the first tag, by name, of the article that was cited or nearest, as it was called then.
    `agent_s`: a person's time; `agent_usd` is None where no price of an hour was set.

    Lines outlive what they are about: chatbot.ledger.forget empties conversation_id and turn_id.
    """

    created_at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    tier = models.PositiveSmallIntegerField()
    answered = models.BooleanField(default=False)
    conversation_id = models.UUIDField(null=True)
    turn_id = models.UUIDField(null=True)
    article_id = models.UUIDField(null=True)
    topic = models.CharField(max_length=40, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    model_usd = models.FloatField(default=0.0)
    cpu_s = models.FloatField(default=0.0)
    cpu_usd = models.FloatField(default=0.0)
    agent_s = models.FloatField(null=True)
    agent_usd = models.FloatField(null=True)
    counterfactual_usd = models.FloatField(null=True)
    priced_by = models.CharField(max_length=170, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "created_at", "id"], name="ledger_by_time"),
            models.Index(
                fields=["workspace", "conversation_id"],
                condition=Q(conversation_id__isnull=False),
                name="ledger_of_conversation",
            ),
        ]

    @property
    def cost_usd(self) -> float:
        """What machines did cost."""
        return self.model_usd + self.cpu_usd


class SpentDay(WorkspaceModel):
    """US dollars of the escalations that were requested on a UTC day; running ones at their most.

    A trigger on chatbot_escalation keeps it, whoever writes there. What is erased was spent all
    the same, so it only ever follows costs and never deletions.
    """

    day = models.DateField()
    cost_usd = models.FloatField(default=0.0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "day"], name="spent_day_once")]


class Period(models.TextChoices):
    DAY = "day"
    MONTH = "month"


class BudgetWarning(WorkspaceModel):
    """Administrators are warned of a period's budget once. `begins`: the period's first day."""

    period = models.CharField(max_length=5, choices=Period.choices)
    begins = models.DateField()
    spent_usd = models.FloatField()
    limit_usd = models.FloatField()
    warned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "period", "begins"], name="budget_warning_once"
            ),
        ]


class BudgetMail(WorkspaceModel):
    """Written before the mail goes, so that nobody gets it twice. `sent_at`: it went."""

    warning = models.ForeignKey(
        BudgetWarning, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["warning", "member"], name="budget_mail_once"),
        ]

