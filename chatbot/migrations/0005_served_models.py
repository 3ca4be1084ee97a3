from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0003_audit_share"),
        ("chatbot", "0004_receipt_text"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="receipt",
            name="version_id",
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name="ServedModels",
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
                ("version_id", models.UUIDField(null=True)),
                ("parts", models.JSONField(default=dict)),
                ("base", models.JSONField(default=dict)),
                ("candidate_id", models.UUIDField(null=True)),
                ("candidate_parts", models.JSONField(default=dict)),
                ("candidate_base", models.JSONField(default=dict)),
                (
                    "stage",
                    models.CharField(
                        blank=True, choices=[("shadow", "shadow"), ("share", "share")], max_length=8
                    ),
                ),
                ("share", models.FloatField(default=0.0)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("failed_id", models.UUIDField(null=True)),
                ("failure", models.CharField(blank=True, max_length=200)),
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
                    models.UniqueConstraint(fields=("workspace",), name="served_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("candidate_id__isnull", True), ("stage", "")),
                            models.Q(
                                models.Q(("stage", ""), _negated=True),
                                ("candidate_id__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="candidate_has_stage",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShadowDecision",
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
                ("version_id", models.UUIDField()),
                ("decision", models.CharField(max_length=12)),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("confidence", models.FloatField()),
                ("agrees", models.BooleanField()),
                ("duration_ms", models.FloatField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "receipt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shadow",
                        to="chatbot.receipt",
                    ),
                ),
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
                    models.Index(fields=["workspace", "version_id"], name="shadow_of_version")
                ],
            },
        ),
        *enable_rls("chatbot_servedmodels", "chatbot_shadowdecision"),
    ]
