from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0004_clarify"),
        ("chatbot", "0006_served_thresholds"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="message",
            name="options",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="message",
            name="chosen_from",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="chatbot.message",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="chosen",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("chosen_from",), name="choice_once"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
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
        ),
    ]
