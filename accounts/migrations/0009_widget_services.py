from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0008_knowledge_guards"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="workspacesettings",
            name="attachments_allowed",
            field=models.BooleanField(default=True, help_text="Pictures and PDFs"),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="close_after_hours",
            field=models.PositiveIntegerField(help_text="null = never by silence", null=True),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="prechat",
            field=models.JSONField(
                default=dict, help_text="As chatbot.prechat reads it; {} = none"
            ),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="ratings_asked",
            field=models.BooleanField(default=True, help_text="After a conversation is closed"),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="replies_by_mail",
            field=models.BooleanField(default=True, help_text="Where nobody is there"),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="transcripts_allowed",
            field=models.BooleanField(default=True, help_text="By mail, on request"),
        ),
    ]
