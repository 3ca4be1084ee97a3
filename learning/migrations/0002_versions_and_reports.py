"""Model versions and their training, outcomes, digests and replays."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from accounts.rls import enable_rls
from accounts.tables import CreateModels, key, workspace


class Migration(migrations.Migration):
    replaces: ClassVar = [
        ("learning", "0002_model_versions"),
    ]
    dependencies: ClassVar = [
        ("learning", "0013_lists_at_scale"),  # by its old name: decision 0044
    ]
    operations: ClassVar[list[Operation]] = [
        CreateModels(
            migrations.CreateModel(
                name="ModelVersion",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("number", models.PositiveIntegerField()),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("built", "Built"),
                                ("shadow", "Shadow"),
                                ("partial", "Partial"),
                                ("serving", "Serving"),
                                ("retired", "Retired"),
                                ("rejected", "Rejected"),
                            ],
                            default="built",
                            max_length=8,
                        ),
                    ),
                    ("parts", models.JSONField(default=dict)),
                    ("fingerprints", models.JSONField(default=dict)),
                    ("base", models.JSONField(default=dict)),
                    ("card", models.TextField(blank=True)),
                    ("evaluation", models.JSONField(default=dict)),
                    ("wanted", models.JSONField(default=dict)),
                    ("run_id", models.UUIDField(null=True)),
                    (
                        "parent",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="learning.modelversion",
                        ),
                    ),
                    (
                        "replaced",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="learning.modelversion",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("promoted_at", models.DateTimeField(null=True)),
                    (
                        "promoted_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("tainted_at", models.DateTimeField(null=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "number"), name="version_number_once"
                        ),
                        models.UniqueConstraint(
                            fields=("workspace", "run_id"), name="version_of_run_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="TrainingRow",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "version",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="rows",
                            to="learning.modelversion",
                        ),
                    ),
                    (
                        "source_kind",
                        models.CharField(
                            choices=[
                                ("revision", "Revision"),
                                ("turn", "Turn"),
                                ("message", "Message"),
                                ("feedback", "Feedback"),
                                ("audit", "Audit"),
                                ("question", "Question"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("source_id", models.UUIDField()),
                    ("sha256", models.CharField(max_length=64)),
                    ("conversation_id", models.UUIDField(null=True)),
                    ("contact_id", models.UUIDField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "version", "source_kind"], name="row_by_kind"
                        ),
                        models.Index(
                            fields=["workspace", "conversation_id"], name="row_of_conversation"
                        ),
                        models.Index(fields=["workspace", "contact_id"], name="row_of_contact"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="TrainingRun",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("queued", "Queued"),
                                ("running", "Running"),
                                ("cancelling", "Cancelling"),
                                ("cancelled", "Cancelled"),
                                ("failed", "Failed"),
                                ("done", "Done"),
                            ],
                            default="queued",
                            max_length=10,
                        ),
                    ),
                    ("parts", models.JSONField(default=list)),
                    ("minutes", models.FloatField()),
                    ("stage", models.CharField(blank=True, max_length=20)),
                    ("share", models.FloatField(default=0.0)),
                    ("error", models.CharField(blank=True, max_length=400)),
                    ("version_id", models.UUIDField(null=True)),
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
                        models.Index(fields=["workspace", "created_at"], name="training_by_time")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("state__in", ["queued", "running", "cancelling"])),
                            fields=("workspace",),
                            name="one_training_at_a_time",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ConversationDay",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversation",
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
                    ("id", key()),
                    ("workspace", workspace()),
                    ("changed_at", models.DateTimeField(null=True)),
                    ("last_id", models.UUIDField(null=True)),
                    ("reviewed_at", models.DateTimeField(null=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace",), name="one_review_progress")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Digest",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("week", models.DateField()),
                    ("questions", models.PositiveIntegerField()),
                    ("by_bot", models.PositiveIntegerField()),
                    ("by_model", models.PositiveIntegerField()),
                    ("by_people", models.PositiveIntegerField()),
                    ("by_nobody", models.PositiveIntegerField()),
                    ("made_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "week"), name="digest_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="DigestGroup",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "digest",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="groups",
                            to="learning.digest",
                        ),
                    ),
                    ("place", models.PositiveSmallIntegerField()),
                    ("question", models.TextField(blank=True)),
                    ("conversation_id", models.UUIDField()),
                    ("count", models.PositiveIntegerField()),
                    ("by_bot", models.PositiveIntegerField()),
                    ("by_model", models.PositiveIntegerField()),
                    ("by_people", models.PositiveIntegerField()),
                    ("by_nobody", models.PositiveIntegerField()),
                    ("is_new", models.BooleanField()),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "conversation_id"], name="digest_words_of"
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("digest", "place"), name="digest_place_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="DigestSubscription",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "member",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "member"), name="subscribed_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="DigestMail",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "digest",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="learning.digest",
                        ),
                    ),
                    (
                        "member",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("begun_at", models.DateTimeField(auto_now_add=True)),
                    ("sent_at", models.DateTimeField(null=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("digest", "member"), name="digest_mail_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReplayRun",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("wanted", models.JSONField(default=dict)),
                    ("until", models.DateTimeField()),
                    ("total", models.PositiveIntegerField(default=0)),
                    ("done", models.PositiveIntegerField(default=0)),
                    ("after", models.CharField(blank=True, max_length=32)),
                    ("tally", models.JSONField(default=dict)),
                    ("report", models.JSONField(default=dict)),
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
                        models.Index(fields=["workspace", "-created_at"], name="replay_by_time")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("ended_at", None)),
                            fields=("workspace",),
                            name="one_replay_at_a_time",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReplayChange",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "run",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="changes",
                            to="learning.replayrun",
                        ),
                    ),
                    (
                        "turn",
                        models.ForeignKey(
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
                    ("kind", models.CharField(max_length=10)),
                    ("was", models.JSONField(default=dict)),
                    ("now", models.JSONField(default=dict)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "run", "kind"], name="replay_change_kind")
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("run", "turn"), name="replay_change_once")
                    ],
                },
            ),
        ),
        *enable_rls(
            "learning_modelversion",
            "learning_trainingrow",
            "learning_trainingrun",
            "learning_conversationday",
            "learning_reviewprogress",
            "learning_digest",
            "learning_digestgroup",
            "learning_digestsubscription",
            "learning_digestmail",
            "learning_replayrun",
            "learning_replaychange",
        ),
    ]
