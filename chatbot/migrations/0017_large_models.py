from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0007_bot_settings"),
        ("chatbot", "0016_withdrawn"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="escalation",
            name="attempts",
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name="LargeModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("vendor", models.CharField(max_length=12)),
                ("base_url", models.CharField(blank=True, max_length=300)),
                ("model", models.CharField(max_length=120)),
                ("sealed_key", models.TextField(blank=True)),
                ("key_ends", models.CharField(blank=True, max_length=4)),
                ("price_input_per_mtok", models.FloatField(null=True)),
                ("price_output_per_mtok", models.FloatField(null=True)),
                ("enabled", models.BooleanField(default=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("check_result", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "position"], name="large_model_order")
                ],
            },
        ),
        *enable_rls("chatbot_largemodel"),
    ]
