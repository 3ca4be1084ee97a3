from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0005_decline"),
        ("knowledge", "0005_vector_sets"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="source",
            name="counts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="source",
            name="every_hours",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="source",
            name="finished_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="message",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="source",
            name="next_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="progress",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="source",
            name="run",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="settings",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="source",
            name="started_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="state",
            field=models.CharField(
                choices=[
                    ("idle", "Idle"),
                    ("running", "Running"),
                    ("paused", "Paused"),
                    ("deleting", "Deleting"),
                ],
                default="idle",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="ticket",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="upload",
            name="files",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="upload",
            name="read",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="upload",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("reading", "Reading"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                ],
                default="waiting",
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="SourcePage",
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
                ("address", models.CharField(max_length=1000)),
                ("doc_id", models.CharField(blank=True, max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                            ("failed", "Failed"),
                            ("gone", "Gone"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("seen_in", models.UUIDField(null=True)),
                ("depth", models.PositiveSmallIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("etag", models.CharField(blank=True, max_length=300)),
                ("last_modified", models.CharField(blank=True, max_length=100)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("links", models.JSONField(default=list)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("checked_at", models.DateTimeField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pages",
                        to="knowledge.source",
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
                        fields=["workspace", "source", "state", "depth", "id"],
                        name="source_page_queue",
                    ),
                    models.Index(
                        fields=["workspace", "source", "seen_in"], name="source_page_seen"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "address"), name="source_page_once")
                ],
            },
        ),
        *enable_rls("knowledge_sourcepage"),
    ]
