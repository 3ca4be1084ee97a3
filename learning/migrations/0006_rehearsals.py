from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0005_decline"),
        ("learning", "0005_golden_outcomes"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="DraftCheck",
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
                ("article_id", models.UUIDField(null=True)),
                ("doc_id", models.CharField(max_length=300)),
                ("digest", models.CharField(max_length=64)),
                ("title", models.CharField(max_length=500)),
                ("text", models.TextField()),
                ("text_format", models.CharField(default="markdown", max_length=10)),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("signed_in", "Signed In"),
                            ("internal", "Internal"),
                        ],
                        default="public",
                        max_length=10,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("asked", models.PositiveIntegerField(default=0)),
                ("affected", models.PositiveIntegerField(default=0)),
                ("lost", models.PositiveIntegerField(default=0)),
                ("changes", models.JSONField(default=list)),
                ("neighbours", models.JSONField(default=list)),
                ("problem", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
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
                        fields=["workspace", "doc_id", "-created_at"], name="draft_check_last"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaygroundRun",
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
                ("question", models.TextField()),
                ("history", models.JSONField(default=list)),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("signed_in", "Signed In"),
                            ("internal", "Internal"),
                        ],
                        default="public",
                        max_length=10,
                    ),
                ),
                ("language", models.CharField(default="en", max_length=12)),
                ("draft_id", models.UUIDField(null=True)),
                ("result", models.JSONField(default=dict)),
                ("draft_result", models.JSONField(default=dict)),
                ("problem", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
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
                    models.Index(fields=["workspace", "-created_at"], name="playground_by_time")
                ],
            },
        ),
        *enable_rls("learning_playgroundrun", "learning_draftcheck"),
    ]
