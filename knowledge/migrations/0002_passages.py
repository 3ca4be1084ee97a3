"""Passages, their vectors, and the lists of words.

Vectors of large workspaces lie once more, at half precision, in a graph that finds the near ones.
That table is cut by workspace into PARTS parts with a graph each, so that a search does not wade
through the vectors of many other large workspaces.
"""

from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
import pgvector.django.halfvec
import pgvector.django.vector
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from accounts.rls import enable_rls
from accounts.tables import CreateModels, key, workspace

# Lists are read whole or by slices; compression would only cost time.
UNCOMPRESSED = [
    "ALTER TABLE knowledge_segment ALTER passage_ids SET STORAGE EXTERNAL",
    "ALTER TABLE knowledge_segment ALTER lengths SET STORAGE EXTERNAL",
    "ALTER TABLE knowledge_posting ALTER postings SET STORAGE EXTERNAL",
]
PARTS = 8
TABLE = """
CREATE TABLE knowledge_nearvector (
  workspace_id uuid NOT NULL,
  passage_id uuid NOT NULL,
  model_version varchar(80) NOT NULL,
  vector halfvec(384) NOT NULL,
  PRIMARY KEY (workspace_id, passage_id, model_version)
) PARTITION BY HASH (workspace_id)
"""
PART = """
CREATE TABLE knowledge_nearvector_{0} PARTITION OF knowledge_nearvector
  FOR VALUES WITH (MODULUS {1}, REMAINDER {0})
"""
# Rows of a page at a time are read for a graph: kept whole in the row, and not compressed.
PLAIN = "ALTER TABLE knowledge_nearvector_{0} ALTER vector SET STORAGE PLAIN"
GRAPH = """
CREATE INDEX near_graph ON knowledge_nearvector USING hnsw (vector halfvec_ip_ops)
  WITH (m = 32, ef_construction = 200)
"""
NEAR = [
    TABLE,
    *(PART.format(part, PARTS) for part in range(PARTS)),
    *(PLAIN.format(part) for part in range(PARTS)),
    GRAPH,
]


class Migration(migrations.Migration):
    replaces: ClassVar = [
        ("knowledge", "0003_lexical_index"),
    ]
    dependencies: ClassVar = [
        ("knowledge", "0010_at_scale"),  # by its old name: decision 0044
    ]
    operations: ClassVar[list[Operation]] = [
        CreateModels(
            migrations.CreateModel(
                name="Passage",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "article",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="knowledge.article",
                        ),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="passages",
                            to="knowledge.revision",
                        ),
                    ),
                    ("position", models.PositiveIntegerField()),
                    (
                        "heading_path",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=300), default=list, size=None
                        ),
                    ),
                    ("start", models.PositiveIntegerField()),
                    ("end", models.PositiveIntegerField()),
                    ("text", models.TextField()),
                ],
                options={
                    "indexes": [models.Index(fields=["workspace"], name="passage_of_workspace")],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("revision", "position"), name="passage_position_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Embedding",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "passage",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="knowledge.passage",
                        ),
                    ),
                    ("model_version", models.CharField(max_length=80)),
                    ("vector", pgvector.django.vector.VectorField(dimensions=384)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "model_version"], name="embedding_scan")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("passage", "model_version"), name="embedding_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="VectorSet",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("model_version", models.CharField(max_length=80)),
                    ("files", models.JSONField(default=dict)),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("building", "Building"),
                                ("ready", "Ready"),
                                ("failed", "Failed"),
                            ],
                            default="building",
                            max_length=8,
                        ),
                    ),
                    ("drop_after", models.DateTimeField(null=True)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "model_version"), name="vector_set_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Segment",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("passages", models.PositiveIntegerField()),
                    ("total_length", models.BigIntegerField()),
                    ("dead", models.BinaryField()),
                    ("first_id", models.UUIDField()),
                    ("last_id", models.UUIDField()),
                    ("passage_ids", models.BinaryField()),
                    ("lengths", models.BinaryField()),
                ],
                options={
                    "indexes": [models.Index(fields=["workspace"], name="segment_of_workspace")],
                },
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
                    ("term", models.CharField(db_collation="C", max_length=64)),
                    (
                        "segment",
                        models.ForeignKey(
                            db_constraint=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="knowledge.segment",
                        ),
                    ),
                    ("passages", models.PositiveIntegerField()),
                    ("postings", models.BinaryField()),
                ],
            ),
            migrations.CreateModel(
                name="NearSet",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("model_version", models.CharField(max_length=80)),
                    ("ready", models.BooleanField(default=False)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "model_version"), name="near_set_once"
                        )
                    ],
                },
            ),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(NEAR, "DROP TABLE knowledge_nearvector")],
            [
                migrations.CreateModel(
                    name="NearVector",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "workspace_id",
                                "passage_id",
                                "model_version",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
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
                            "passage",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="knowledge.passage",
                            ),
                        ),
                        ("model_version", models.CharField(max_length=80)),
                        ("vector", pgvector.django.halfvec.HalfVectorField(dimensions=384)),
                    ],
                ),
            ],
        ),
        migrations.RunSQL(UNCOMPRESSED, migrations.RunSQL.noop),
        *enable_rls(
            "knowledge_passage",
            "knowledge_embedding",
            "knowledge_vectorset",
            "knowledge_segment",
            "knowledge_posting",
            "knowledge_nearset",
            "knowledge_nearvector",
            *(f"knowledge_nearvector_{part}" for part in range(PARTS)),
        ),
    ]
