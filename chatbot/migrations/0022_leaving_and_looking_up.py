from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0009_widget_services"),
        ("chatbot", "0021_checked_answers"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="deskrules",
            name="visitor_left_min",
            field=models.PositiveIntegerField(default=30, null=True),
        ),
        migrations.AddField(
            model_name="placement",
            name="visitor_seen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="LookUp",
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
                ("question", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
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
                "indexes": [
                    models.Index(
                        fields=["workspace", "conversation", "member", "-asked_at"],
                        name="looked_up_last",
                    )
                ],
            },
        ),
        *enable_rls("chatbot_lookup"),
        migrations.AlterField(
            model_name="suggestion",
            name="message",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="chatbot.message",
            ),
        ),
        migrations.AddField(
            model_name="suggestion",
            name="look_up",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="suggestions",
                to="chatbot.lookup",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.UniqueConstraint(fields=["look_up", "number"], name="looked_up_once"),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.CheckConstraint(
                condition=models.Q(message__isnull=False, look_up__isnull=True)
                | models.Q(message__isnull=True, look_up__isnull=False),
                name="suggested_for_one",
            ),
        ),
    ]
