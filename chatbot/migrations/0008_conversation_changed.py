from typing import ClassVar

import django.utils.timezone
from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [("chatbot", "0007_quick_replies")]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="conversation",
            name="changed_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "changed_at", "id"], name="conversation_changed"
            ),
        ),
    ]
