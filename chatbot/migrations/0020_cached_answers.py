from typing import ClassVar

import django.db.models.deletion
import django.utils.timezone
import pgvector.django.vector
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


def key() -> models.UUIDField:
    return models.UUIDField(
        default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False
    )


def workspace() -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="accounts.workspace",
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0009_widget_services"),
        ("chatbot", "0019_ledger"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField("message", "repeated", models.BooleanField(default=False)),
        migrations.AddField("receipt", "cached_id", models.UUIDField(null=True)),
        migrations.AddIndex(
            "receipt",
            models.Index(
                condition=models.Q(("cached_id__isnull", False)),
                fields=["workspace", "created_at"],
                name="receipt_from_cache",
            ),
        ),
        migrations.CreateModel(
            name="AnswerCache",
            fields=[
                ("id", key()),
                ("enabled", models.BooleanField()),
                ("workspace", workspace()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace",), name="answer_cache_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CachedAnswer",
            fields=[
                ("id", key()),
                ("audience", models.CharField(max_length=9)),
                ("embedder", models.CharField(max_length=80)),
                ("key", models.CharField(max_length=64)),
                ("question", models.TextField()),
                ("vector", pgvector.django.vector.VectorField(dimensions=384)),
                ("sentences", models.JSONField(default=list)),
                ("rests_on", models.JSONField(default=list)),
                ("model", models.CharField(max_length=120)),
                ("saved_usd", models.FloatField(default=0.0)),
                ("hits", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "turn",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chatbot.turn",
                    ),
                ),
                ("workspace", workspace()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "last_used_at"], name="cached_answer_used")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "audience", "embedder", "key"),
                        name="cached_answer_once",
                    )
                ],
            },
        ),
        *enable_rls("chatbot_answercache", "chatbot_cachedanswer"),
    ]
