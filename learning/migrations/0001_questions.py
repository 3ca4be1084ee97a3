"""Audits, golden questions and rehearsals, gaps and confirmed answers."""

from typing import ClassVar

import django.db.models.deletion
import pgvector.django.vector
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from accounts.rls import enable_rls
from accounts.tables import CreateModels, key, workspace


class Migration(migrations.Migration):
    initial = True

    replaces: ClassVar = [
        ("learning", "0001_audits"),
        ("learning", "0003_golden_questions"),
        ("learning", "0004_training_runs"),
        ("learning", "0005_golden_outcomes"),
        ("learning", "0006_rehearsals"),
        ("learning", "0007_outcomes"),
        ("learning", "0008_gaps"),
        ("learning", "0009_digests"),
        ("learning", "0010_check_then"),
        ("learning", "0012_replays_and_confirmed"),
        ("learning", "0013_lists_at_scale"),
    ]
    dependencies: ClassVar = [
        ("accounts", "0011_browser_suggestions"),  # by its old name: decision 0044
        ("chatbot", "0023_versions_at_scale"),  # by its old name: decision 0044
    ]
    operations: ClassVar[list[Operation]] = [
        CreateModels(
            migrations.CreateModel(
                name="Audit",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "turn",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.turn",
                        ),
                    ),
                    ("turn_revision", models.PositiveSmallIntegerField()),
                    (
                        "receipt",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.receipt",
                        ),
                    ),
                    ("question", models.TextField()),
                    ("history", models.JSONField(default=list)),
                    ("text", models.TextField()),
                    ("citations", models.JSONField(default=list)),
                    ("passage", models.JSONField(default=dict)),
                    ("confidence", models.FloatField()),
                    ("threshold", models.FloatField(null=True)),
                    ("risk", models.FloatField(null=True)),
                    ("features", models.JSONField(default=dict)),
                    ("models_version", models.CharField(max_length=80)),
                    ("answered", models.BooleanField()),
                    ("share", models.FloatField()),
                    ("drawn_at", models.DateTimeField(auto_now_add=True)),
                    (
                        "claimed_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("claimed_until", models.DateTimeField(null=True)),
                    (
                        "verdict",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("right", "Right"),
                                ("wrong", "Wrong"),
                                ("unclear", "Unclear"),
                            ],
                            max_length=8,
                        ),
                    ),
                    (
                        "reason",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("article", "Article"),
                                ("words", "Words"),
                                ("outdated", "Outdated"),
                                ("person", "Person"),
                            ],
                            max_length=10,
                        ),
                    ),
                    (
                        "verdict_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("verdict_at", models.DateTimeField(null=True)),
                    ("verdicts", models.PositiveSmallIntegerField(default=0)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            condition=models.Q(("verdict", "")),
                            fields=["workspace", "drawn_at"],
                            name="audit_waiting",
                        ),
                        models.Index(
                            fields=["workspace", "models_version"], name="audit_of_models"
                        ),
                        models.Index(
                            fields=["workspace", "verdict", "-verdict_at", "-id"],
                            name="audit_by_verdict",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("turn",), name="audit_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("reason", ""), ("verdict", "wrong"), _connector="OR"
                            ),
                            name="audit_reason_of_wrong",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="GoldenQuestion",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("key", models.CharField(max_length=200)),
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
                    ("doc_id", models.CharField(max_length=500, null=True)),
                    ("spans", models.JSONField(default=list)),
                    ("quotes", models.JSONField(default=list)),
                    ("answers", models.JSONField(default=list)),
                    ("answerable", models.BooleanField(null=True)),
                    ("group", models.CharField(max_length=500, null=True)),
                    ("updated_at", models.DateTimeField(auto_now=True)),
                    (
                        "state",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("right", "Right"),
                                ("wrong", "Wrong"),
                                ("unanswered", "Unanswered"),
                                ("open", "Open"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("decision", models.CharField(blank=True, max_length=10)),
                    ("answer", models.TextField(blank=True)),
                    ("asked_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "state", "key"], name="golden_by_state")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "key"), name="golden_question_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="GoldenRun",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("total", models.PositiveIntegerField(default=0)),
                    ("done", models.PositiveIntegerField(default=0)),
                    ("problem", models.CharField(blank=True, max_length=200)),
                    (
                        "started_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("ended_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "created_at"], name="golden_run_by_time")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("ended_at", None)),
                            fields=("workspace",),
                            name="one_golden_run_at_a_time",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="PlaygroundRun",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
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
                    (
                        "asked_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("ended_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "-created_at"], name="playground_by_time")
                    ],
                },
            ),
            migrations.CreateModel(
                name="DraftCheck",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
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
                    ("then", models.JSONField(default=list)),
                    ("problem", models.CharField(blank=True, max_length=200)),
                    (
                        "asked_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("ended_at", models.DateTimeField(null=True)),
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
                name="GapGroup",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "state",
                        models.CharField(
                            choices=[("open", "Open"), ("dismissed", "Dismissed")],
                            default="open",
                            max_length=10,
                        ),
                    ),
                    (
                        "central",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="learning.gapquestion",
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
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "state", "is_answered", "-needed", "id"],
                            name="gap_by_volume",
                        ),
                        models.Index(
                            fields=["workspace", "state", "is_answered", "-cost_usd", "id"],
                            name="gap_by_cost",
                        ),
                        models.Index(
                            fields=["workspace", "state", "is_answered", "-last_at", "id"],
                            name="gap_by_time",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="GapQuestion",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "turn",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.turn",
                        ),
                    ),
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
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "group", "-asked_at"], name="question_of_gap"
                        ),
                        models.Index(
                            condition=models.Q(("group__isnull", True)),
                            fields=["workspace", "id"],
                            name="question_without_gap",
                        ),
                        models.Index(
                            condition=models.Q(
                                ("answer_by__in", ["model", "member"]),
                                ("needs_help", True),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            fields=["workspace", "-asked_at", "-id"],
                            name="question_to_confirm",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ConfirmedAnswer",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "turn",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.turn",
                        ),
                    ),
                    (
                        "conversation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversation",
                        ),
                    ),
                    ("question", models.TextField()),
                    ("answer", models.TextField()),
                    (
                        "answer_by",
                        models.CharField(
                            choices=[
                                ("visitor", "Visitor"),
                                ("bot", "Bot"),
                                ("model", "Model"),
                                ("member", "Member"),
                            ],
                            max_length=8,
                        ),
                    ),
                    ("golden_key", models.CharField(max_length=200)),
                    ("doc_id", models.CharField(max_length=500)),
                    ("drafted", models.BooleanField(default=False)),
                    (
                        "confirmed_by",
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
                    "indexes": [
                        models.Index(fields=["workspace", "-created_at"], name="confirmed_by_time"),
                        models.Index(
                            fields=["workspace", "conversation"], name="confirmed_of_conversation"
                        ),
                        models.Index(
                            fields=["workspace", "golden_key"], name="confirmed_by_golden"
                        ),
                    ],
                },
            ),
        ),
        *enable_rls(
            "learning_audit",
            "learning_goldenquestion",
            "learning_goldenrun",
            "learning_playgroundrun",
            "learning_draftcheck",
            "learning_gapgroup",
            "learning_gapquestion",
            "learning_confirmedanswer",
        ),
    ]
