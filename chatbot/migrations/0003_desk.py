"""Queues, offers and handoffs, the inbox, and what lies beside a conversation at the desk."""

from typing import ClassVar

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from accounts.rls import enable_rls, searched_by_owner, visible_to_sweeper
from accounts.tables import CreateModels, key, workspace


class Migration(migrations.Migration):
    replaces: ClassVar = [
        ("chatbot", "0013_queues"),
    ]
    dependencies: ClassVar = [
        ("chatbot", "0002_answers"),
    ]
    operations: ClassVar[list[Operation]] = [
        CreateModels(
            migrations.CreateModel(
                name="Queue",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("name", models.CharField(max_length=60)),
                    ("is_default", models.BooleanField(default=False)),
                    (
                        "languages",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=12), default=list, size=None
                        ),
                    ),
                    (
                        "topics",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=80), default=list, size=None
                        ),
                    ),
                    ("assign", models.BooleanField(default=False)),
                    ("take_up_s", models.PositiveIntegerField(default=60)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "name"), name="queue_name_once"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("is_default", True)),
                            fields=("workspace",),
                            name="one_default_queue",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="QueueMember",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "queue",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="people",
                            to="chatbot.queue",
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
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("queue", "member"), name="queue_member_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="SlaTarget",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "queue",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="targets",
                            to="chatbot.queue",
                        ),
                    ),
                    (
                        "priority",
                        models.PositiveSmallIntegerField(
                            choices=[(0, "Normal"), (1, "High"), (2, "Urgent")]
                        ),
                    ),
                    ("first_reply_min", models.PositiveIntegerField(null=True)),
                    ("next_reply_min", models.PositiveIntegerField(null=True)),
                    ("resolution_min", models.PositiveIntegerField(null=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("queue", "priority"), name="sla_target_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="SlaClock",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="clocks",
                            to="chatbot.conversation",
                        ),
                    ),
                    (
                        "queue",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="chatbot.queue",
                        ),
                    ),
                    (
                        "priority",
                        models.PositiveSmallIntegerField(
                            choices=[(0, "Normal"), (1, "High"), (2, "Urgent")]
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("first_reply", "First Reply"),
                                ("next_reply", "Next Reply"),
                                ("resolution", "Resolution"),
                            ],
                            max_length=12,
                        ),
                    ),
                    ("started_at", models.DateTimeField()),
                    ("soon_at", models.DateTimeField()),
                    ("due_at", models.DateTimeField()),
                    ("stopped_at", models.DateTimeField(null=True)),
                    ("warned_at", models.DateTimeField(null=True)),
                    ("breached_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "started_at"], name="sla_recent")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("stopped_at__isnull", True)),
                            fields=("conversation", "kind"),
                            name="one_running_clock",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("soon_at__lte", models.F("due_at"))),
                            name="soon_before_due",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PriorityRule",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("topic", models.CharField(max_length=80)),
                    (
                        "priority",
                        models.PositiveSmallIntegerField(
                            choices=[(0, "Normal"), (1, "High"), (2, "Urgent")]
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "topic"), name="priority_rule_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="DeskRules",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("silent_min", models.PositiveIntegerField(default=10, null=True)),
                    ("gone_min", models.PositiveIntegerField(default=2, null=True)),
                    ("visitor_gone_min", models.PositiveIntegerField(default=1440, null=True)),
                    ("visitor_left_min", models.PositiveIntegerField(default=30, null=True)),
                    ("holding_min", models.PositiveIntegerField(default=3, null=True)),
                    (
                        "unsafe_words",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=80), default=list, size=None
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace",), name="one_desk_rules_row")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Attendance",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "member",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="attendance",
                            to="accounts.member",
                        ),
                    ),
                    ("away", models.BooleanField(default=False)),
                    ("since", models.DateTimeField(help_text="When `away` was last changed")),
                    ("seen_at", models.DateTimeField(null=True)),
                    (
                        "capacity",
                        models.PositiveSmallIntegerField(
                            default=5, help_text="Conversations at once"
                        ),
                    ),
                    (
                        "offered_at",
                        models.DateTimeField(help_text="For the round robin", null=True),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="Placement",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="placement",
                            to="chatbot.conversation",
                        ),
                    ),
                    (
                        "queue",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="chatbot.queue",
                        ),
                    ),
                    (
                        "priority",
                        models.PositiveSmallIntegerField(
                            choices=[(0, "Normal"), (1, "High"), (2, "Urgent")], default=0
                        ),
                    ),
                    ("awaiting_since", models.DateTimeField(null=True)),
                    ("replied_at", models.DateTimeField(null=True)),
                    (
                        "offered_to",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("offered_until", models.DateTimeField(null=True)),
                    (
                        "passed",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.UUIDField(), default=list, size=None
                        ),
                    ),
                    ("told_at", models.DateTimeField(null=True)),
                    ("told_count", models.PositiveSmallIntegerField(default=0)),
                    ("visitor_seen_at", models.DateTimeField(null=True)),
                    ("look_at", models.DateTimeField()),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["look_at"], name="placement_due"),
                        models.Index(fields=["workspace", "offered_to"], name="placement_offered"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("offered_to__isnull", True),
                                ("offered_until__isnull", False),
                                _connector="OR",
                            ),
                            name="offer_has_an_end",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Handoff",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="handoffs",
                            to="chatbot.conversation",
                        ),
                    ),
                    (
                        "turn",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="chatbot.turn",
                        ),
                    ),
                    ("reason", models.CharField(max_length=40)),
                    ("requested_at", models.DateTimeField(auto_now_add=True)),
                    (
                        "queue",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="chatbot.queue",
                        ),
                    ),
                    (
                        "claimed_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("claimed_at", models.DateTimeField(null=True)),
                    ("replied_at", models.DateTimeField(null=True)),
                    ("ended_at", models.DateTimeField(null=True)),
                    ("outcome", models.CharField(blank=True, max_length=20)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "requested_at"], name="handoff_recent"),
                        models.Index(
                            fields=["workspace", "queue", "-claimed_at"], name="handoff_waits"
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("ended_at__isnull", True)),
                            fields=("conversation",),
                            name="one_open_handoff",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ConversationTag",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("name", models.CharField(max_length=40)),
                    ("key", models.CharField(max_length=80)),
                    (
                        "colour",
                        models.CharField(
                            choices=[
                                ("grey", "Grey"),
                                ("blue", "Blue"),
                                ("green", "Green"),
                                ("amber", "Amber"),
                                ("red", "Red"),
                                ("violet", "Violet"),
                            ],
                            default="grey",
                            max_length=8,
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "key"), name="conversation_tag_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Tagging",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="taggings",
                            to="chatbot.conversation",
                        ),
                    ),
                    (
                        "tag",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversationtag",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "tag", "conversation"], name="tagged_with"
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("conversation", "tag"), name="tagging_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReadMark",
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
                    (
                        "conversation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversation",
                        ),
                    ),
                    ("staff_seq", models.PositiveIntegerField()),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("conversation", "member"), name="read_mark_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="SearchEntry",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversation",
                        ),
                    ),
                    ("event_id", models.UUIDField()),
                    ("author", models.CharField(max_length=8)),
                    ("at", models.DateTimeField()),
                    ("vector", django.contrib.postgres.search.SearchVectorField(null=True)),
                ],
                options={
                    "indexes": [
                        django.contrib.postgres.indexes.GinIndex(
                            fastupdate=False, fields=["vector"], name="words_said"
                        ),
                        models.Index(fields=["workspace", "-at", "-id"], name="said_recently"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Assist",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversation",
                        ),
                    ),
                    (
                        "message",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.message",
                        ),
                    ),
                    ("asked", models.TextField(blank=True)),
                    ("tried", models.TextField(blank=True)),
                    ("left_open", models.TextField(blank=True)),
                    ("failed", models.BooleanField(default=False)),
                    ("made_at", models.DateTimeField(auto_now=True)),
                ],
            ),
            migrations.CreateModel(
                name="LookUp",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversation",
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
                    ("question", models.CharField(max_length=500)),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("waiting", "Waiting"),
                                ("done", "Done"),
                                ("failed", "Failed"),
                            ],
                            default="waiting",
                            max_length=8,
                        ),
                    ),
                    ("asked_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "conversation", "member", "-asked_at"],
                            name="looked_up_last",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Suggestion",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversation",
                        ),
                    ),
                    (
                        "message",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.message",
                        ),
                    ),
                    (
                        "look_up",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="suggestions",
                            to="chatbot.lookup",
                        ),
                    ),
                    ("number", models.PositiveSmallIntegerField()),
                    ("question", models.TextField()),
                    ("history", models.JSONField(default=list)),
                    ("text", models.TextField()),
                    ("citation", models.JSONField(default=dict)),
                    ("article_id", models.UUIDField()),
                    ("revision_id", models.UUIDField()),
                    ("doc_id", models.CharField(max_length=200)),
                    ("start", models.PositiveIntegerField()),
                    ("end", models.PositiveIntegerField()),
                    ("public", models.BooleanField()),
                    ("relevance", models.FloatField()),
                    ("made_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("message", "number"), name="suggestion_once"
                        ),
                        models.UniqueConstraint(
                            fields=("look_up", "number"), name="looked_up_once"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("look_up__isnull", True), ("message__isnull", False)),
                                models.Q(("look_up__isnull", False), ("message__isnull", True)),
                                _connector="OR",
                            ),
                            name="suggested_for_one",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SuggestionUse",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "message",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.message",
                        ),
                    ),
                    (
                        "suggestion",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.suggestion",
                        ),
                    ),
                    ("edited", models.BooleanField()),
                    ("used_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "-used_at"], name="suggestion_use_recent")
                    ],
                },
            ),
            migrations.CreateModel(
                name="CannedReply",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "member",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("name", models.CharField(max_length=40)),
                    ("text", models.TextField()),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "member", "name"),
                            name="canned_name_once",
                            nulls_distinct=False,
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Mention",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversation",
                        ),
                    ),
                    ("staff_seq", models.PositiveIntegerField()),
                    (
                        "member",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    (
                        "by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("text", models.TextField()),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("seen_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            condition=models.Q(("seen_at__isnull", True)),
                            fields=["workspace", "member", "-created_at"],
                            name="mention_unseen",
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("conversation", "staff_seq", "member"), name="mention_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReplyDraft",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversation",
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
                    (
                        "mode",
                        models.CharField(
                            choices=[("reply", "reply"), ("note", "note")], max_length=5
                        ),
                    ),
                    ("text", models.TextField(blank=True)),
                    (
                        "suggestion",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="chatbot.suggestion",
                        ),
                    ),
                    ("revision", models.PositiveIntegerField(default=1)),
                    ("updated_at", models.DateTimeField(auto_now=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("conversation", "member", "mode"), name="reply_draft_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="AnswerVerdict",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "receipt",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.receipt",
                        ),
                    ),
                    (
                        "verdict",
                        models.CharField(
                            choices=[
                                ("right", "right"),
                                ("wrong", "wrong"),
                                ("incomplete", "incomplete"),
                            ],
                            max_length=10,
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
                    ("given_at", models.DateTimeField(auto_now=True)),
                ],
            ),
            migrations.CreateModel(
                name="ColleagueQuestion",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.conversation",
                        ),
                    ),
                    (
                        "turn",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.turn",
                        ),
                    ),
                    ("turn_revision", models.PositiveSmallIntegerField()),
                    (
                        "asked_of",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("question", models.TextField()),
                    ("reason", models.CharField(max_length=40)),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("open", "Open"),
                                ("answered", "Answered"),
                                ("expired", "Expired"),
                                ("withdrawn", "Withdrawn"),
                            ],
                            default="open",
                            max_length=10,
                        ),
                    ),
                    ("answer", models.TextField(blank=True)),
                    (
                        "answered_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("article_id", models.UUIDField(null=True)),
                    ("asked_at", models.DateTimeField(auto_now_add=True)),
                    ("due_at", models.DateTimeField()),
                    ("ended_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            condition=models.Q(("state", "open")),
                            fields=["workspace", "asked_of"],
                            name="question_open_of",
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("state", "open")),
                            fields=("conversation",),
                            name="one_open_question",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="DeskSettings",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("ask_colleague", models.BooleanField(default=False)),
                    ("colleague_minutes", models.PositiveSmallIntegerField(default=3)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace",), name="one_desk_settings_row"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("colleague_minutes__gte", 1), ("colleague_minutes__lte", 60)
                            ),
                            name="colleague_minutes_are_few",
                        ),
                    ],
                },
            ),
        ),
        *enable_rls(
            "chatbot_queue",
            "chatbot_queuemember",
            "chatbot_slatarget",
            "chatbot_slaclock",
            "chatbot_priorityrule",
            "chatbot_deskrules",
            "chatbot_attendance",
            "chatbot_placement",
            "chatbot_handoff",
            "chatbot_conversationtag",
            "chatbot_tagging",
            "chatbot_readmark",
            "chatbot_searchentry",
            "chatbot_assist",
            "chatbot_lookup",
            "chatbot_suggestion",
            "chatbot_suggestionuse",
            "chatbot_cannedreply",
            "chatbot_mention",
            "chatbot_replydraft",
            "chatbot_answerverdict",
            "chatbot_colleaguequestion",
            "chatbot_desksettings",
        ),
        *visible_to_sweeper("chatbot_placement"),
        *searched_by_owner("chatbot_searchentry"),
    ]
