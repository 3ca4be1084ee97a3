from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0005_decline"),
        ("chatbot", "0008_conversation_changed"),
        ("learning", "0006_rehearsals"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="ConversationDay",
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
                ("day", models.DateField()),
                ("started_at", models.DateTimeField()),
                ("language", models.CharField(max_length=12)),
                (
                    "channel",
                    models.CharField(
                        choices=[("widget", "Widget"), ("api", "Api"), ("email", "Email")],
                        max_length=10,
                    ),
                ),
                ("questions", models.PositiveIntegerField(default=0)),
                ("tier", models.PositiveSmallIntegerField(null=True)),
                ("helped", models.BooleanField(default=False)),
                ("wrong", models.BooleanField(default=False)),
                ("reopened", models.BooleanField(default=False)),
                ("escalated", models.CharField(blank=True, max_length=40)),
                ("handed_off", models.CharField(blank=True, max_length=40)),
                ("article_id", models.UUIDField(null=True)),
                ("first_answer_s", models.FloatField(null=True)),
                ("model_answers", models.PositiveIntegerField(default=0)),
                ("model_answers_usd", models.FloatField(default=0.0)),
                ("cost_usd", models.FloatField(default=0.0)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chatbot.conversation",
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
                        fields=["workspace", "day", "started_at", "id"], name="outcome_by_day"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("conversation", "day"), name="conversation_day_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewProgress",
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
                ("changed_at", models.DateTimeField(null=True)),
                ("last_id", models.UUIDField(null=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
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
                    models.UniqueConstraint(fields=("workspace",), name="one_review_progress")
                ],
            },
        ),
        *enable_rls("learning_conversationday", "learning_reviewprogress"),
    ]
