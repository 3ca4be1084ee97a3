from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0003_audit_share"),
        ("learning", "0001_audits"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="ModelVersion",
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
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("built", "Built"),
                            ("shadow", "Shadow"),
                            ("partial", "Partial"),
                            ("serving", "Serving"),
                            ("retired", "Retired"),
                            ("rejected", "Rejected"),
                        ],
                        default="built",
                        max_length=8,
                    ),
                ),
                ("parts", models.JSONField(default=dict)),
                ("fingerprints", models.JSONField(default=dict)),
                ("base", models.JSONField(default=dict)),
                ("card", models.TextField(blank=True)),
                ("evaluation", models.JSONField(default=dict)),
                ("wanted", models.JSONField(default=dict)),
                ("run_id", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("promoted_at", models.DateTimeField(null=True)),
                ("tainted_at", models.DateTimeField(null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="learning.modelversion",
                    ),
                ),
                (
                    "promoted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.member",
                    ),
                ),
                (
                    "replaced",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="learning.modelversion",
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
        ),
        migrations.CreateModel(
            name="TrainingRow",
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
                (
                    "source_kind",
                    models.CharField(
                        choices=[
                            ("revision", "Revision"),
                            ("turn", "Turn"),
                            ("message", "Message"),
                            ("feedback", "Feedback"),
                            ("audit", "Audit"),
                            ("question", "Question"),
                        ],
                        max_length=10,
                    ),
                ),
                ("source_id", models.UUIDField()),
                ("sha256", models.CharField(max_length=64)),
                ("conversation_id", models.UUIDField(null=True)),
                ("contact_id", models.UUIDField(null=True)),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="learning.modelversion",
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
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(
                fields=("workspace", "number"), name="version_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(
                fields=("workspace", "run_id"), name="version_of_run_once"
            ),
        ),
        migrations.AddIndex(
            model_name="trainingrow",
            index=models.Index(fields=["workspace", "version"], name="row_of_version"),
        ),
        migrations.AddIndex(
            model_name="trainingrow",
            index=models.Index(fields=["workspace", "conversation_id"], name="row_of_conversation"),
        ),
        migrations.AddIndex(
            model_name="trainingrow",
            index=models.Index(fields=["workspace", "contact_id"], name="row_of_contact"),
        ),
        *enable_rls("learning_modelversion", "learning_trainingrow"),
    ]
