from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("chatbot", "0003_conversation_page"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="receipt",
            name="citations",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="receipt",
            name="text",
            field=models.TextField(blank=True),
        ),
    ]
