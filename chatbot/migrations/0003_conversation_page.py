from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [("chatbot", "0002_row_level_security")]
    operations: ClassVar[list[Operation]] = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["workspace", "-id"], name="conversation_page"),
        ),
    ]
