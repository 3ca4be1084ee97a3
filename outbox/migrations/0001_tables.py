"""The queue of jobs, which the sweeper sees in every workspace."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from accounts.rls import enable_rls, visible_to_sweeper
from accounts.tables import CreateModels, key, workspace


class Migration(migrations.Migration):
    initial = True

    replaces: ClassVar = [
        ("outbox", "0001_initial"),
        ("outbox", "0002_row_level_security"),
    ]
    dependencies: ClassVar = [
        ("accounts", "0011_browser_suggestions"),  # by its old name: decision 0044
    ]
    operations: ClassVar[list[Operation]] = [
        CreateModels(
            migrations.CreateModel(
                name="OutboxJob",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("kind", models.CharField(max_length=40)),
                    ("queue", models.CharField(max_length=20)),
                    ("payload", models.JSONField(default=dict)),
                    ("dedup_key", models.CharField(max_length=120, null=True)),
                    (
                        "state",
                        models.CharField(
                            choices=[("ready", "Ready"), ("done", "Done"), ("dead", "Dead")],
                            default="ready",
                            max_length=8,
                        ),
                    ),
                    ("available_at", models.DateTimeField()),
                    ("locked_until", models.DateTimeField(null=True)),
                    ("lease", models.UUIDField(null=True)),
                    ("attempts", models.PositiveSmallIntegerField(default=0)),
                    ("last_error", models.CharField(blank=True, max_length=200)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("finished_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            condition=models.Q(("state", "ready")),
                            fields=["available_at"],
                            name="outbox_ready",
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "kind", "dedup_key"), name="outbox_once"
                        )
                    ],
                },
            ),
        ),
        *enable_rls("outbox_outboxjob"),
        *visible_to_sweeper("outbox_outboxjob"),
    ]
