from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

from accounts.rls import append_only, enable_rls

TABLES = (
    "widget", "contact", "conversation", "event", "turn", "message",
    "receipt", "escalation", "handoff", "egressentry",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("chatbot", "0001_initial"),
        ("accounts", "0002_row_level_security"),
    ]
    operations: ClassVar[list[Operation]] = [
        *enable_rls(*(f"chatbot_{table}" for table in TABLES)),
        *append_only("chatbot_event"),
        *append_only("chatbot_egressentry"),
    ]
