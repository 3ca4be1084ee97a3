from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

_NUMBERS = (
    "budget_usd_per_month", "budget_usd_per_visitor", "budget_usd_per_conversation",
    "agent_usd_per_hour",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0009_widget_services")]

    operations: ClassVar[list[Operation]] = [
        *(
            migrations.AddField("workspacesettings", name, models.FloatField(null=True))
            for name in _NUMBERS
        ),
        migrations.AddField(
            "workspacesettings",
            "budget_warning_share",
            models.FloatField(
                default=0.8, help_text="Share of a budget at which administrators are warned"
            ),
        ),
        migrations.AddField(
            "workspacesettings",
            "weigh_people",
            models.BooleanField(
                default=False,
                help_text="A budget that runs out goes to questions that nobody is free for",
            ),
        ),
        migrations.AddConstraint(
            "workspacesettings",
            models.CheckConstraint(
                condition=models.Q(
                    ("budget_warning_share__gt", 0), ("budget_warning_share__lte", 1)
                ),
                name="budget_warning_is_a_share",
            ),
        ),
    ]
