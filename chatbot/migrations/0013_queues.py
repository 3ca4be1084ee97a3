from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls, visible_to_sweeper


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0007_bot_settings"),
        ("chatbot", "0012_widget_services"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="QueueMember",
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
            ],
        ),
        migrations.CreateModel(
            name="SlaClock",
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
        ),
        migrations.CreateModel(
            name="SlaTarget",
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
        ),
        migrations.CreateModel(
            name="Attendance",
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
                ("away", models.BooleanField(default=False)),
                ("since", models.DateTimeField(help_text="When `away` was last changed")),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "capacity",
                    models.PositiveSmallIntegerField(default=5, help_text="Conversations at once"),
                ),
                ("offered_at", models.DateTimeField(help_text="For the round robin", null=True)),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendance",
                        to="accounts.member",
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DeskRules",
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
                ("silent_min", models.PositiveIntegerField(default=10, null=True)),
                ("gone_min", models.PositiveIntegerField(default=2, null=True)),
                ("visitor_gone_min", models.PositiveIntegerField(default=1440, null=True)),
                ("holding_min", models.PositiveIntegerField(default=3, null=True)),
                (
                    "unsafe_words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, size=None
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
        ),
        migrations.CreateModel(
            name="PriorityRule",
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
                ("topic", models.CharField(max_length=80)),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Normal"), (1, "High"), (2, "Urgent")]
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
        ),
        migrations.CreateModel(
            name="Queue",
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
            name="Placement",
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
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Normal"), (1, "High"), (2, "Urgent")], default=0
                    ),
                ),
                ("awaiting_since", models.DateTimeField(null=True)),
                ("replied_at", models.DateTimeField(null=True)),
                ("offered_until", models.DateTimeField(null=True)),
                (
                    "passed",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("told_at", models.DateTimeField(null=True)),
                ("told_count", models.PositiveSmallIntegerField(default=0)),
                ("look_at", models.DateTimeField()),
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="placement",
                        to="chatbot.conversation",
                    ),
                ),
                (
                    "offered_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.member",
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
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="chatbot.queue",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="handoff",
            name="queue",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chatbot.queue",
            ),
        ),
        migrations.AddIndex(
            model_name="handoff",
            index=models.Index(fields=["workspace", "queue", "-claimed_at"], name="handoff_waits"),
        ),
        migrations.AddField(
            model_name="queuemember",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.member"
            ),
        ),
        migrations.AddField(
            model_name="queuemember",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="people",
                to="chatbot.queue",
            ),
        ),
        migrations.AddField(
            model_name="queuemember",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddField(
            model_name="slaclock",
            name="conversation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="clocks",
                to="chatbot.conversation",
            ),
        ),
        migrations.AddField(
            model_name="slaclock",
            name="queue",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chatbot.queue",
            ),
        ),
        migrations.AddField(
            model_name="slaclock",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddField(
            model_name="slatarget",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="targets",
                to="chatbot.queue",
            ),
        ),
        migrations.AddField(
            model_name="slatarget",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddConstraint(
            model_name="deskrules",
            constraint=models.UniqueConstraint(fields=("workspace",), name="one_desk_rules_row"),
        ),
        migrations.AddConstraint(
            model_name="priorityrule",
            constraint=models.UniqueConstraint(
                fields=("workspace", "topic"), name="priority_rule_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(
                fields=("workspace", "name"), name="queue_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("workspace",),
                name="one_default_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["look_at"], name="placement_due"),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["workspace", "offered_to"], name="placement_offered"),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("offered_to__isnull", True), ("offered_until__isnull", False), _connector="OR"
                ),
                name="offer_has_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="queuemember",
            constraint=models.UniqueConstraint(
                fields=("queue", "member"), name="queue_member_once"
            ),
        ),
        migrations.AddIndex(
            model_name="slaclock",
            index=models.Index(fields=["workspace", "started_at"], name="sla_recent"),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stopped_at__isnull", True)),
                fields=("conversation", "kind"),
                name="one_running_clock",
            ),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.CheckConstraint(
                condition=models.Q(("soon_at__lte", models.F("due_at"))), name="soon_before_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="slatarget",
            constraint=models.UniqueConstraint(
                fields=("queue", "priority"), name="sla_target_once"
            ),
        ),
        *enable_rls(
            "chatbot_queue",
            "chatbot_queuemember",
            "chatbot_slatarget",
            "chatbot_priorityrule",
            "chatbot_deskrules",
            "chatbot_attendance",
            "chatbot_placement",
            "chatbot_slaclock",
        ),
        *visible_to_sweeper("chatbot_placement"),
    ]
