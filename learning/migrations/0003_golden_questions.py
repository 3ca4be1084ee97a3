from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0003_audit_share"),
        ("learning", "0002_model_versions"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="GoldenQuestion",
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
                ("key", models.CharField(max_length=200)),
                ("question", models.TextField()),
                ("history", models.JSONField(default=list)),
                ("doc_id", models.CharField(max_length=500, null=True)),
                ("spans", models.JSONField(default=list)),
                ("answers", models.JSONField(default=list)),
                ("answerable", models.BooleanField(null=True)),
                ("group", models.CharField(max_length=500, null=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
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
                        fields=("workspace", "key"), name="golden_question_once"
                    )
                ],
            },
        ),
        *enable_rls("learning_goldenquestion"),
    ]
