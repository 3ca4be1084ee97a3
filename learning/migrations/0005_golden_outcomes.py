from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0005_decline"),
        ("learning", "0004_training_runs"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="GoldenRun",
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
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="goldenquestion",
            name="answer",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="goldenquestion",
            name="asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="goldenquestion",
            name="audience",
            field=models.CharField(
                choices=[
                    ("public", "Public"),
                    ("signed_in", "Signed In"),
                    ("internal", "Internal"),
                ],
                default="public",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="goldenquestion",
            name="decision",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="goldenquestion",
            name="quotes",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="goldenquestion",
            name="state",
            field=models.CharField(
                blank=True,
                choices=[
                    ("right", "Right"),
                    ("wrong", "Wrong"),
                    ("unanswered", "Unanswered"),
                    ("open", "Open"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="goldenquestion",
            index=models.Index(fields=["workspace", "state", "key"], name="golden_by_state"),
        ),
        migrations.AddField(
            model_name="goldenrun",
            name="started_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.member",
            ),
        ),
        migrations.AddField(
            model_name="goldenrun",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddIndex(
            model_name="goldenrun",
            index=models.Index(fields=["workspace", "created_at"], name="golden_run_by_time"),
        ),
        migrations.AddConstraint(
            model_name="goldenrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("workspace",),
                name="one_golden_run_at_a_time",
            ),
        ),
        *enable_rls("learning_goldenrun"),
    ]
