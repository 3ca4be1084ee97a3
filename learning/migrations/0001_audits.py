from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = [
        ("accounts", "0003_audit_share"),
        ("chatbot", "0004_receipt_text"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="Audit",
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
                ("turn_revision", models.PositiveSmallIntegerField()),
                ("question", models.TextField()),
                ("history", models.JSONField(default=list)),
                ("text", models.TextField()),
                ("citations", models.JSONField(default=list)),
                ("passage", models.JSONField(default=dict)),
                ("confidence", models.FloatField()),
                ("threshold", models.FloatField(null=True)),
                ("risk", models.FloatField(null=True)),
                ("features", models.JSONField(default=dict)),
                ("models_version", models.CharField(max_length=80)),
                ("answered", models.BooleanField()),
                ("share", models.FloatField()),
                ("drawn_at", models.DateTimeField(auto_now_add=True)),
                ("claimed_until", models.DateTimeField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("right", "Right"), ("wrong", "Wrong"), ("unclear", "Unclear")],
                        max_length=8,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("article", "Article"),
                            ("words", "Words"),
                            ("outdated", "Outdated"),
                            ("person", "Person"),
                        ],
                        max_length=10,
                    ),
                ),
                ("verdict_at", models.DateTimeField(null=True)),
                ("verdicts", models.PositiveSmallIntegerField(default=0)),
                (
                    "claimed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.member",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chatbot.receipt",
                    ),
                ),
                (
                    "turn",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chatbot.turn",
                    ),
                ),
                (
                    "verdict_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.member",
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
                    models.Index(
                        condition=models.Q(("verdict", "")),
                        fields=["workspace", "drawn_at"],
                        name="audit_waiting",
                    ),
                    models.Index(fields=["workspace", "models_version"], name="audit_of_models"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("turn",), name="audit_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), ("verdict", "wrong"), _connector="OR"),
                        name="audit_reason_of_wrong",
                    ),
                ],
            },
        ),
        *enable_rls("learning_audit"),
    ]
