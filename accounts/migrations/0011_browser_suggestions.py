from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0010_budgets"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="workspacesettings",
            name="browser_suggestions",
            field=models.BooleanField(
                default=False,
                help_text="Help pages while a visitor types, by a model in their browser",
            ),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="browser_snapshot",
            field=models.CharField(
                blank=True,
                default="",
                help_text="As knowledge.snapshots built it last",
                max_length=64,
            ),
        ),
    ]
