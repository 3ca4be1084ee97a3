from typing import ClassVar

import django.db.models.deletion
import pgvector.django.vector
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0005_decline"),
        ("chatbot", "0008_conversation_changed"),
        ("learning", "0007_outcomes"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="GapGroup",
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
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("dismissed", "Dismissed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("model_version", models.CharField(max_length=80)),
                ("mean", pgvector.django.vector.VectorField(dimensions=384)),
                ("size", models.PositiveIntegerField(default=0)),
                ("asked", models.PositiveIntegerField(default=0)),
                ("needed", models.PositiveIntegerField(default=0)),
                ("people", models.PositiveIntegerField(default=0)),
                ("cost_usd", models.FloatField(default=0.0)),
                ("first_at", models.DateTimeField(null=True)),
                ("last_at", models.DateTimeField(null=True)),
                ("halved_at", models.DateTimeField(null=True)),
                ("checked", models.PositiveIntegerField(default=0)),
                ("answered", models.PositiveIntegerField(default=0)),
                ("is_answered", models.BooleanField(default=False)),
                ("checked_at", models.DateTimeField(null=True)),
                ("asked_of", models.CharField(blank=True, max_length=64)),
                ("asking_since", models.DateTimeField(null=True)),
                ("drafted_at", models.DateTimeField(null=True)),
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
            name="GapQuestion",
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
                ("text", models.TextField()),
                ("vector", pgvector.django.vector.VectorField(dimensions=384, null=True)),
                ("lang", models.CharField(max_length=12)),
                ("asked_at", models.DateTimeField()),
                ("needs_help", models.BooleanField()),
                (
                    "why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("people", "People"),
                            ("escalated", "Escalated"),
                            ("wrong", "Wrong"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("cost_usd", models.FloatField(default=0.0)),
                ("answer", models.TextField(blank=True)),
                (
                    "answer_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("visitor", "Visitor"),
                            ("bot", "Bot"),
                            ("model", "Model"),
                            ("member", "Member"),
                        ],
                        max_length=8,
                    ),
                ),
                ("citations", models.JSONField(default=list)),
                ("articles", models.JSONField(default=list)),
                ("now_answered", models.BooleanField(null=True)),
                ("now_text", models.TextField(blank=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chatbot.conversation",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="questions",
                        to="learning.gapgroup",
                    ),
                ),
                (
                    "turn",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chatbot.turn",
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
        migrations.AddField(
            model_name="gapgroup",
            name="central",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="learning.gapquestion",
            ),
        ),
        migrations.AddIndex(
            model_name="gapquestion",
            index=models.Index(fields=["workspace", "group", "-asked_at"], name="question_of_gap"),
        ),
        migrations.AddIndex(
            model_name="gapquestion",
            index=models.Index(
                condition=models.Q(("group__isnull", True)),
                fields=["workspace", "id"],
                name="question_without_gap",
            ),
        ),
        migrations.AddIndex(
            model_name="gapgroup",
            index=models.Index(
                fields=["workspace", "state", "is_answered", "-needed", "id"], name="gap_by_volume"
            ),
        ),
        migrations.AddIndex(
            model_name="gapgroup",
            index=models.Index(
                fields=["workspace", "state", "is_answered", "-cost_usd", "id"], name="gap_by_cost"
            ),
        ),
        migrations.AddIndex(
            model_name="gapgroup",
            index=models.Index(
                fields=["workspace", "state", "is_answered", "-last_at", "id"], name="gap_by_time"
            ),
        ),
        *enable_rls("learning_gapgroup", "learning_gapquestion"),
    ]
