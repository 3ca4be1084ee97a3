from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0003_audit_share"),
        ("chatbot", "0005_served_models"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="receipt",
            name="certified",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="ServedThresholds",
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
                ("models_version", models.CharField(max_length=80)),
                ("thresholds", models.JSONField(default=dict)),
                ("labels", models.PositiveIntegerField(default=0)),
                ("computed_at", models.DateTimeField(auto_now=True)),
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
        ),
        migrations.AddConstraint(
            model_name="servedthresholds",
            constraint=models.UniqueConstraint(
                fields=("workspace", "models_version"), name="thresholds_of_models_once"
            ),
        ),
        *enable_rls("chatbot_servedthresholds"),
    ]
