"""Counting what a model version decided, and how it compared, reads no other version's rows."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [("chatbot", "0022_leaving_and_looking_up")]

    operations: ClassVar[list[Operation]] = [
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(
                condition=models.Q(("version_id__isnull", False)),
                fields=["workspace", "version_id"],
                name="receipt_of_version",
            ),
        ),
        migrations.AddIndex(
            model_name="shadowdecision",
            index=models.Index(fields=["workspace", "version_id", "id"], name="shadow_newest"),
        ),
        migrations.RemoveIndex(model_name="shadowdecision", name="shadow_of_version"),
    ]
