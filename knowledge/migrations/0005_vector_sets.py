from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0003_audit_share"),
        ("knowledge", "0004_upload"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="VectorSet",
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
                ("model_version", models.CharField(max_length=80)),
                ("files", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("building", "Building"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="building",
                        max_length=8,
                    ),
                ),
                ("drop_after", models.DateTimeField(null=True)),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "model_version"), name="vector_set_once"
                    )
                ],
            },
        ),
        *enable_rls("knowledge_vectorset"),
    ]
