"""Sources, uploads, articles with their revisions, reviews, tags and pictures."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from accounts.rls import enable_rls
from accounts.tables import CreateModels, key, workspace


class Migration(migrations.Migration):
    initial = True

    replaces: ClassVar = [
        ("knowledge", "0001_initial"),
        ("knowledge", "0002_row_level_security"),
        ("knowledge", "0004_upload"),
        ("knowledge", "0005_vector_sets"),
        ("knowledge", "0006_sources"),
        ("knowledge", "0007_article_workflow"),
        ("knowledge", "0008_article_states"),
        ("knowledge", "0009_guarded_changes_and_uploads"),
        ("knowledge", "0010_at_scale"),
    ]
    dependencies: ClassVar = [
        ("accounts", "0011_browser_suggestions"),  # by its old name: decision 0044
    ]
    operations: ClassVar[list[Operation]] = [
        CreateModels(
            migrations.CreateModel(
                name="Source",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("kind", models.CharField(max_length=20)),
                    ("name", models.CharField(max_length=200)),
                    ("location", models.CharField(blank=True, max_length=500)),
                    ("settings", models.JSONField(default=dict)),
                    ("every_hours", models.PositiveSmallIntegerField(default=0)),
                    (
                        "state",
                        models.CharField(
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
                    ("run", models.UUIDField(null=True)),
                    ("ticket", models.UUIDField(null=True)),
                    ("progress", models.JSONField(default=dict)),
                    ("counts", models.JSONField(default=dict)),
                    ("message", models.CharField(blank=True, max_length=300)),
                    ("started_at", models.DateTimeField(null=True)),
                    ("finished_at", models.DateTimeField(null=True)),
                    ("next_at", models.DateTimeField(null=True)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "name"), name="source_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="SourcePage",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "source",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="pages",
                            to="knowledge.source",
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
                        models.UniqueConstraint(
                            fields=("source", "address"), name="source_page_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Upload",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("name", models.CharField(max_length=200)),
                    ("data", models.BinaryField()),
                    ("digest", models.CharField(max_length=64)),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("waiting", "Waiting"),
                                ("reading", "Reading"),
                                ("done", "Done"),
                                ("failed", "Failed"),
                                ("stopped", "Stopped"),
                            ],
                            default="waiting",
                            max_length=8,
                        ),
                    ),
                    ("files", models.PositiveIntegerField(default=1)),
                    ("read", models.PositiveIntegerField(default=0)),
                    ("published", models.PositiveIntegerField(default=0)),
                    ("unchanged", models.PositiveIntegerField(default=0)),
                    ("drafted", models.PositiveIntegerField(default=0)),
                    ("retired", models.PositiveIntegerField(default=0)),
                    ("replaces", models.BooleanField(default=False)),
                    ("progress", models.JSONField(default=dict)),
                    ("problems", models.JSONField(default=list)),
                    (
                        "author",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("started_at", models.DateTimeField(null=True)),
                    ("finished_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "-created_at"], name="upload_recent")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Article",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "source",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="knowledge.source",
                        ),
                    ),
                    ("external_id", models.CharField(max_length=300)),
                    ("title", models.CharField(max_length=500)),
                    ("url", models.URLField(blank=True, max_length=1000)),
                    ("lang", models.CharField(default="en", max_length=12)),
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
                    (
                        "published_revision",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="knowledge.revision",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("updated_at", models.DateTimeField(auto_now=True)),
                    ("archived_at", models.DateTimeField(null=True)),
                    (
                        "wanted_revision",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="knowledge.revision",
                        ),
                    ),
                    (
                        "draft_revision",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="knowledge.revision",
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("draft", "Draft"),
                                ("indexing", "Indexing"),
                                ("failed", "Failed"),
                                ("published", "Published"),
                                ("archived", "Archived"),
                            ],
                            default="draft",
                            max_length=10,
                        ),
                    ),
                    (
                        "draft_state",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("draft", "Written"),
                                ("review", "In Review"),
                                ("returned", "Sent Back"),
                            ],
                            default="",
                            max_length=8,
                        ),
                    ),
                    ("publish_at", models.DateTimeField(null=True)),
                    ("archive_at", models.DateTimeField(null=True)),
                    ("translation_group", models.UUIDField(null=True)),
                    ("translated_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "-updated_at", "-id"], name="article_recent"
                        ),
                        models.Index(
                            fields=["workspace", "state", "-updated_at", "-id"],
                            name="article_by_state",
                        ),
                        models.Index(
                            fields=["workspace", "lang", "-updated_at", "-id"],
                            name="article_by_lang",
                        ),
                        models.Index(
                            fields=["workspace", "audience", "-updated_at", "-id"],
                            name="article_by_audience",
                        ),
                        models.Index(
                            condition=models.Q(("draft_state", ""), _negated=True),
                            fields=["workspace", "draft_state", "-updated_at", "-id"],
                            name="article_by_draft",
                        ),
                        models.Index(
                            condition=models.Q(
                                ("publish_at__isnull", False),
                                ("archive_at__isnull", False),
                                _connector="OR",
                            ),
                            fields=["workspace", "-updated_at", "-id"],
                            name="article_scheduled",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "external_id"), name="article_once"
                        ),
                        models.UniqueConstraint(
                            fields=("workspace", "translation_group", "lang"),
                            name="translation_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Revision",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "article",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="revisions",
                            to="knowledge.article",
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    ("title", models.CharField(max_length=500)),
                    ("text", models.TextField()),
                    ("text_format", models.CharField(default="markdown", max_length=10)),
                    ("content_hash", models.CharField(max_length=64)),
                    (
                        "author",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("article", "number"), name="revision_number_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Review",
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
                            related_name="+",
                            to="knowledge.revision",
                        ),
                    ),
                    (
                        "actor",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("action", models.CharField(max_length=10)),
                    ("note", models.TextField(blank=True)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["article", "-created_at"], name="review_recent")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Tag",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("name", models.CharField(db_collation="C", max_length=40)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "name"), name="tag_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="ArticleTag",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "tag",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="knowledge.tag",
                        ),
                    ),
                    (
                        "article",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="labels",
                            to="knowledge.article",
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("tag", "article"), name="article_tag_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="ArticleWord",
                fields=[
                    (
                        "pk",
                        models.CompositePrimaryKey(
                            "workspace_id",
                            "word",
                            "article_id",
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
                    ("word", models.CharField(db_collation="C", max_length=40)),
                    (
                        "article",
                        models.ForeignKey(
                            db_constraint=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="knowledge.article",
                        ),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="Picture",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("digest", models.CharField(max_length=64)),
                    ("kind", models.CharField(max_length=4)),
                    ("width", models.PositiveIntegerField()),
                    ("height", models.PositiveIntegerField()),
                    ("size", models.PositiveIntegerField()),
                    (
                        "author",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "digest"), name="picture_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="PictureUse",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "picture",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="knowledge.picture",
                        ),
                    ),
                    (
                        "article",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="knowledge.article",
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("picture", "article"), name="picture_use_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="BulkChange",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "author",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("action", models.CharField(max_length=10)),
                    ("value", models.CharField(blank=True, max_length=40)),
                    ("chosen", models.JSONField(default=dict)),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("checking", "Checking"),
                                ("held", "Held"),
                                ("waiting", "Waiting"),
                                ("running", "Running"),
                                ("done", "Done"),
                                ("stopped", "Stopped"),
                                ("failed", "Failed"),
                            ],
                            default="waiting",
                            max_length=8,
                        ),
                    ),
                    ("total", models.PositiveIntegerField(null=True)),
                    ("seen", models.PositiveIntegerField(default=0)),
                    ("changed", models.PositiveIntegerField(default=0)),
                    ("skipped", models.PositiveIntegerField(default=0)),
                    ("problems", models.JSONField(default=list)),
                    ("losing", models.JSONField(default=list)),
                    ("after", models.UUIDField(null=True)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("finished_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "-created_at"], name="bulk_recent")
                    ],
                },
            ),
        ),
        *enable_rls(
            "knowledge_source",
            "knowledge_sourcepage",
            "knowledge_upload",
            "knowledge_article",
            "knowledge_revision",
            "knowledge_review",
            "knowledge_tag",
            "knowledge_articletag",
            "knowledge_articleword",
            "knowledge_picture",
            "knowledge_pictureuse",
            "knowledge_bulkchange",
        ),
    ]
