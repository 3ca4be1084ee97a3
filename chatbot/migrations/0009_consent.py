from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0007_bot_settings"),
        ("chatbot", "0008_conversation_changed"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="widget",
            name="colour",
            field=models.CharField(blank=True, max_length=7),
        ),
        migrations.AlterField(
            model_name="message",
            name="slot",
            field=models.CharField(
                choices=[
                    ("holding", "Holding"),
                    ("consent", "Consent"),
                    ("answer", "Answer"),
                    ("clarify", "Clarify"),
                    ("colleague", "Colleague"),
                ],
                max_length=10,
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="turn",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("escalated", "Escalated"),
                    ("answered", "Answered"),
                    ("handed_off", "Handed Off"),
                    ("cancelled", "Cancelled"),
                    ("consent", "Consent"),
                    ("unanswered", "Unanswered"),
                ],
                default="open",
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Consent",
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
                ("granted", models.BooleanField()),
                ("given_at", models.DateTimeField(auto_now_add=True)),
                (
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chatbot.contact",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="chatbot.message",
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
                        fields=["workspace", "contact", "-given_at"], name="consent_of_contact"
                    )
                ],
            },
        ),
        *enable_rls("chatbot_consent"),
    ]
