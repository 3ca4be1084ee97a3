import django.db.models.deletion
from django.db import migrations, models

import accounts.ids
from accounts.rls import enable_rls

# Lists are read whole or by slices; compression would only cost time.
UNCOMPRESSED = [
    "ALTER TABLE knowledge_segment ALTER passage_ids SET STORAGE EXTERNAL",
    "ALTER TABLE knowledge_segment ALTER lengths SET STORAGE EXTERNAL",
    "ALTER TABLE knowledge_posting ALTER postings SET STORAGE EXTERNAL",
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_row_level_security"),
        ("knowledge", "0002_row_level_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="Segment",
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
                ("passages", models.PositiveIntegerField()),
                ("total_length", models.BigIntegerField()),
                ("dead", models.BinaryField()),
                ("first_id", models.UUIDField()),
                ("last_id", models.UUIDField()),
                ("passage_ids", models.BinaryField()),
                ("lengths", models.BinaryField()),
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
            name="Posting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id",
                        "term",
                        "segment_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("term", models.CharField(db_collation="C", max_length=64)),
                ("passages", models.PositiveIntegerField()),
                ("postings", models.BinaryField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="knowledge.segment",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="segment",
            index=models.Index(fields=["workspace"], name="segment_of_workspace"),
        ),
        *enable_rls("knowledge_segment", "knowledge_posting"),
        migrations.RunSQL(UNCOMPRESSED, migrations.RunSQL.noop),
    ]
