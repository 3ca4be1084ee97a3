from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

from accounts.rls import enable_rls, visible_to_sweeper


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("outbox", "0001_initial"),
        ("accounts", "0002_row_level_security"),
    ]
    operations: ClassVar[list[Operation]] = [
        *enable_rls("outbox_outboxjob"),
        *visible_to_sweeper("outbox_outboxjob"),
    ]
