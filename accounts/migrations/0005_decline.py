from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0004_clarify"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="workspacesettings",
            name="decline",
            field=models.BooleanField(default=True, help_text="The bot may call it out of scope"),
        ),
    ]
