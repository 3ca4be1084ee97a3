from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0005_decline"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="workspacesettings",
            name="review_required",
            field=models.BooleanField(
                default=False, help_text="An editor's text is published by somebody else"
            ),
        ),
    ]
