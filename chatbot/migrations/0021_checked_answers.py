from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0009_widget_services"),
        ("chatbot", "0020_cached_answers"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="escalation",
            name="purpose",
            field=models.CharField(
                choices=[("escalation", "Answer"), ("verification", "Verify")],
                default="escalation",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="check_state",
            field=models.CharField(
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
        migrations.CreateModel(
            name="AnswerRules",
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
                    "unsupported_sentences",
                    models.CharField(
                        choices=[("hand_over", "Hand Over"), ("remove", "Remove")],
                        default="hand_over",
                        max_length=10,
                    ),
                ),
                ("checked_risk", models.FloatField(null=True)),
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
                    models.UniqueConstraint(fields=["workspace"], name="answer_rules_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("checked_risk__isnull", True),
                            models.Q(("checked_risk__gt", 0), ("checked_risk__lte", 0.5)),
                            _connector="OR",
                        ),
                        name="checked_risk_is_a_risk",
                    ),
                ]
            },
        ),
        *enable_rls("chatbot_answerrules"),
    ]
