from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

from accounts.rls import enable_rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("knowledge", "0001_initial"),
        ("accounts", "0002_row_level_security"),
    ]
    operations: ClassVar[list[Operation]] = enable_rls(
        "knowledge_source",
        "knowledge_article",
        "knowledge_revision",
        "knowledge_passage",
        "knowledge_embedding",
    )
