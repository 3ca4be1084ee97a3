"""Vectors of large workspaces once more, at half precision, in a graph that finds the near ones.

The table is cut by workspace into PARTS parts with a graph each, so that a search does not wade
through the vectors of many other large workspaces. Uploads say when reading them began, so that the
time that is left can be told. Counting a workspace's passages reads no other workspace's.
"""

from typing import ClassVar

import django.db.models.deletion
import pgvector.django.halfvec
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls

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
CREATE = [
    TABLE,
    *(PART.format(part, PARTS) for part in range(PARTS)),
    *(PLAIN.format(part) for part in range(PARTS)),
    GRAPH,
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0003_audit_share"),
        ("knowledge", "0009_guarded_changes_and_uploads"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="upload", name="started_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddIndex(
            model_name="passage",
            index=models.Index(fields=["workspace"], name="passage_of_workspace"),
        ),
        migrations.CreateModel(
            name="NearSet",
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
                ("model_version", models.CharField(max_length=80)),
                ("ready", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                        fields=("workspace", "model_version"), name="near_set_once"
                    )
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(CREATE, "DROP TABLE knowledge_nearvector")],
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
                        ("model_version", models.CharField(max_length=80)),
                        ("vector", pgvector.django.halfvec.HalfVectorField(dimensions=384)),
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
                    ],
                ),
            ],
        ),
        *enable_rls(
            "knowledge_nearset",
            "knowledge_nearvector",
            *(f"knowledge_nearvector_{part}" for part in range(PARTS)),
        ),
    ]
