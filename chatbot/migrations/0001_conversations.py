"""Widgets, visitors, conversations with their events, turns and messages, and what comes after."""

from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from accounts.rls import append_only, enable_rls
from accounts.tables import CreateModels, key, workspace


class Migration(migrations.Migration):
    initial = True

    replaces: ClassVar = [
        ("chatbot", "0001_initial"),
        ("chatbot", "0002_row_level_security"),
        ("chatbot", "0003_conversation_page"),
        ("chatbot", "0004_receipt_text"),
        ("chatbot", "0006_served_thresholds"),
        ("chatbot", "0007_quick_replies"),
        ("chatbot", "0008_conversation_changed"),
        ("chatbot", "0009_consent"),
        ("chatbot", "0010_erasing"),
        ("chatbot", "0011_page_context"),
        ("chatbot", "0012_widget_services"),
        ("chatbot", "0014_inbox"),
        ("chatbot", "0015_desk_pane"),
        ("chatbot", "0016_withdrawn"),
        ("chatbot", "0017_large_models"),
        ("chatbot", "0020_cached_answers"),
        ("chatbot", "0021_checked_answers"),
        ("chatbot", "0022_leaving_and_looking_up"),
        ("chatbot", "0023_versions_at_scale"),
    ]
    dependencies: ClassVar = [
        ("accounts", "0011_browser_suggestions"),  # by its old name: decision 0044
    ]
    operations: ClassVar[list[Operation]] = [
        CreateModels(
            migrations.CreateModel(
                name="Widget",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("key", models.CharField(max_length=40, unique=True)),
                    ("name", models.CharField(max_length=80)),
                    (
                        "origins",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=200), default=list, size=None
                        ),
                    ),
                    ("greeting", models.CharField(blank=True, max_length=500)),
                    ("colour", models.CharField(blank=True, max_length=7)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
            ),
            migrations.CreateModel(
                name="Contact",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("token_digest", models.CharField(max_length=64, null=True)),
                    ("external_id", models.CharField(max_length=200, null=True)),
                    ("name", models.CharField(blank=True, max_length=120)),
                    ("email", models.EmailField(blank=True, max_length=254)),
                    ("identified_at", models.DateTimeField(null=True)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("last_seen_at", models.DateTimeField(null=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "token_digest"), name="contact_token"
                        ),
                        models.UniqueConstraint(
                            fields=("workspace", "external_id"), name="contact_external"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="VisitorToken",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "contact",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.contact",
                        ),
                    ),
                    ("digest", models.CharField(max_length=64)),
                    ("made_at", models.DateTimeField(auto_now_add=True)),
                    ("ends_at", models.DateTimeField()),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "digest"), name="visitor_token_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="IdentityKey",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("kid", models.CharField(max_length=40)),
                    ("sealed", models.TextField()),
                    (
                        "made_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("made_at", models.DateTimeField(auto_now_add=True)),
                    ("used_at", models.DateTimeField(null=True)),
                    ("retired_at", models.DateTimeField(null=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "kid"), name="kid_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Conversation",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "channel",
                        models.CharField(
                            choices=[("widget", "Widget"), ("api", "Api"), ("email", "Email")],
                            max_length=10,
                        ),
                    ),
                    (
                        "contact",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.contact",
                        ),
                    ),
                    (
                        "widget",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="chatbot.widget",
                        ),
                    ),
                    (
                        "owner",
                        models.CharField(
                            choices=[("bot", "Bot"), ("queue", "Queue"), ("member", "Member")],
                            default="bot",
                            max_length=8,
                        ),
                    ),
                    (
                        "owner_member",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    (
                        "status",
                        models.CharField(
                            choices=[
                                ("open", "Open"),
                                ("snoozed", "Snoozed"),
                                ("resolved", "Resolved"),
                            ],
                            default="open",
                            max_length=10,
                        ),
                    ),
                    ("snoozed_until", models.DateTimeField(null=True)),
                    ("queued_at", models.DateTimeField(null=True)),
                    ("staff_seq", models.PositiveIntegerField(default=0)),
                    ("visitor_seq", models.PositiveIntegerField(default=0)),
                    ("language", models.CharField(default="en", max_length=12)),
                    (
                        "merged_into",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="chatbot.conversation",
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("last_message_at", models.DateTimeField(null=True)),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("context", models.JSONField(default=dict)),
                    ("visitor_wrote_seq", models.PositiveIntegerField(default=0)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "owner", "status", "queued_at"], name="desk_queue"
                        ),
                        models.Index(
                            fields=["workspace", "contact", "-created_at"], name="of_contact"
                        ),
                        models.Index(
                            fields=["workspace", "-last_message_at"], name="conversation_recent"
                        ),
                        models.Index(fields=["workspace", "-id"], name="conversation_page"),
                        models.Index(
                            fields=["workspace", "changed_at", "id"], name="conversation_changed"
                        ),
                        models.Index(
                            fields=["workspace", "status", "-last_message_at", "-id"],
                            name="inbox_status",
                        ),
                        models.Index(
                            fields=[
                                "workspace",
                                "owner_member",
                                "status",
                                "-last_message_at",
                                "-id",
                            ],
                            name="inbox_member",
                        ),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("owner", "member"), ("owner_member__isnull", False)),
                                models.Q(
                                    models.Q(("owner", "member"), _negated=True),
                                    ("owner_member__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="member_owner_has_member",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("owner", "queue"), ("queued_at__isnull", False)),
                                models.Q(
                                    models.Q(("owner", "queue"), _negated=True),
                                    ("queued_at__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="queued_has_time",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("snoozed_until__isnull", False), ("status", "snoozed")),
                                models.Q(
                                    models.Q(("status", "snoozed"), _negated=True),
                                    ("snoozed_until__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="snoozed_has_time",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Event",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.DO_NOTHING,
                            related_name="events",
                            to="chatbot.conversation",
                        ),
                    ),
                    ("staff_seq", models.PositiveIntegerField()),
                    ("visitor_seq", models.PositiveIntegerField(null=True)),
                    ("kind", models.CharField(max_length=40)),
                    ("payload", models.JSONField(default=dict)),
                    ("staff_payload", models.JSONField(default=dict)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("conversation", "staff_seq"), name="staff_seq_once"
                        ),
                        models.UniqueConstraint(
                            fields=("conversation", "visitor_seq"), name="visitor_seq_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Turn",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="turns",
                            to="chatbot.conversation",
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("open", "Open"),
                                ("escalated", "Escalated"),
                                ("answered", "Answered"),
                                ("handed_off", "Handed Off"),
                                ("cancelled", "Cancelled"),
                                ("consent", "Consent"),
                                ("colleague", "Colleague"),
                                ("unanswered", "Unanswered"),
                            ],
                            default="open",
                            max_length=12,
                        ),
                    ),
                    ("revision", models.PositiveSmallIntegerField(default=1)),
                    ("extensions", models.PositiveSmallIntegerField(default=0)),
                    ("opened_at", models.DateTimeField(auto_now_add=True)),
                    ("closed_at", models.DateTimeField(null=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("conversation", "number"), name="turn_number_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Message",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="messages",
                            to="chatbot.conversation",
                        ),
                    ),
                    (
                        "turn",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="messages",
                            to="chatbot.turn",
                        ),
                    ),
                    (
                        "author",
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
                    (
                        "member",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("text", models.TextField()),
                    (
                        "slot",
                        models.CharField(
                            choices=[
                                ("holding", "Holding"),
                                ("consent", "Consent"),
                                ("answer", "Answer"),
                                ("clarify", "Clarify"),
                                ("colleague", "Colleague"),
                                ("withdrawn", "Withdrawn"),
                            ],
                            max_length=10,
                            null=True,
                        ),
                    ),
                    ("client_id", models.CharField(max_length=64, null=True)),
                    ("citations", models.JSONField(default=list)),
                    ("options", models.JSONField(default=list)),
                    (
                        "chosen_from",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.message",
                        ),
                    ),
                    ("chosen", models.PositiveSmallIntegerField(null=True)),
                    ("repeated", models.BooleanField(default=False)),
                    (
                        "check_state",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("pending", "Pending"),
                                ("checked", "Checked"),
                                ("amended", "Amended"),
                                ("withdrawn", "Withdrawn"),
                                ("unchecked", "Unchecked"),
                            ],
                            default="",
                            max_length=9,
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "conversation", "created_at"], name="message_order"
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("conversation", "client_id"), name="message_client_id_once"
                        ),
                        models.UniqueConstraint(fields=("turn", "slot"), name="reply_once"),
                        models.UniqueConstraint(fields=("chosen_from",), name="choice_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("chosen__isnull", True), ("chosen_from__isnull", True)),
                                models.Q(
                                    ("author", "visitor"),
                                    ("chosen__gte", 1),
                                    ("chosen_from__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="choice_is_a_visitors",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("author", "member"), ("member__isnull", False)),
                                models.Q(("author", "member"), _negated=True),
                                _connector="OR",
                            ),
                            name="member_message_has_member",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Attachment",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="attachments",
                            to="chatbot.conversation",
                        ),
                    ),
                    (
                        "message",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="attachments",
                            to="chatbot.message",
                        ),
                    ),
                    (
                        "member",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("name", models.CharField(max_length=120)),
                    ("kind", models.CharField(max_length=4)),
                    ("digest", models.CharField(max_length=64)),
                    ("preview", models.CharField(blank=True, max_length=64)),
                    ("size", models.PositiveIntegerField()),
                    ("width", models.PositiveIntegerField(default=0)),
                    ("height", models.PositiveIntegerField(default=0)),
                    ("pages", models.PositiveIntegerField(default=0)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "conversation", "id"], name="attachment_of"
                        ),
                        models.Index(
                            condition=models.Q(("message__isnull", True)),
                            fields=["workspace", "created_at"],
                            name="attachment_unsent",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PrechatAnswer",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="prechat",
                            to="chatbot.conversation",
                        ),
                    ),
                    ("name", models.CharField(blank=True, max_length=120)),
                    ("email", models.EmailField(blank=True, max_length=254)),
                    ("topic", models.CharField(blank=True, max_length=80)),
                    ("note", models.CharField(blank=True, max_length=500)),
                    ("given_at", models.DateTimeField(auto_now_add=True)),
                ],
            ),
            migrations.CreateModel(
                name="Rating",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "conversation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="ratings",
                            to="chatbot.conversation",
                        ),
                    ),
                    ("closing", models.PositiveIntegerField()),
                    ("closed_at", models.DateTimeField()),
                    (
                        "member",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("score", models.PositiveSmallIntegerField()),
                    ("comment", models.TextField(blank=True)),
                    ("given_at", models.DateTimeField(auto_now_add=True)),
                    ("changed_at", models.DateTimeField(auto_now=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "closed_at"], name="rating_by_closing")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("conversation", "closing"), name="rating_once"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("score__gte", 1), ("score__lte", 5)),
                            name="rating_1_to_5",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SentMail",
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
                    ("key", models.UUIDField()),
                    ("begun_at", models.DateTimeField(auto_now_add=True)),
                    ("sent_at", models.DateTimeField(null=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("conversation", "key"), name="mail_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="TranscriptWish",
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
                    ("email", models.EmailField(max_length=254)),
                    ("signed", models.BooleanField(default=False)),
                    ("last", models.PositiveIntegerField()),
                    ("wished_at", models.DateTimeField(auto_now_add=True)),
                    ("confirmed_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "conversation", "-wished_at"], name="transcript_of"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReplyMail",
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
                    ("email", models.EmailField(max_length=254)),
                    ("left_at", models.DateTimeField(auto_now=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("conversation",), name="one_reply_mail")
                    ],
                },
            ),
            migrations.CreateModel(
                name="ErasedDay",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("day", models.DateField()),
                    ("conversations", models.PositiveIntegerField(default=0)),
                    ("messages", models.PositiveIntegerField(default=0)),
                    ("answered_0", models.PositiveIntegerField(default=0)),
                    ("answered_1", models.PositiveIntegerField(default=0)),
                    ("answered_2", models.PositiveIntegerField(default=0)),
                    ("escalations", models.PositiveIntegerField(default=0)),
                    ("handoffs", models.PositiveIntegerField(default=0)),
                    ("cost_usd", models.FloatField(default=0.0)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "day"), name="erased_day_once")
                    ],
                },
            ),
        ),
        *enable_rls(
            "chatbot_widget",
            "chatbot_contact",
            "chatbot_visitortoken",
            "chatbot_identitykey",
            "chatbot_conversation",
            "chatbot_event",
            "chatbot_turn",
            "chatbot_message",
            "chatbot_attachment",
            "chatbot_prechatanswer",
            "chatbot_rating",
            "chatbot_sentmail",
            "chatbot_transcriptwish",
            "chatbot_replymail",
            "chatbot_erasedday",
        ),
        *append_only("chatbot_event"),
    ]
