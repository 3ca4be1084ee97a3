from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [("chatbot", "0010_erasing")]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="conversation",
            name="context",
            field=models.JSONField(default=dict),
        ),
    ]
