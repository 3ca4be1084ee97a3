"""`manage.py protocol_schema`: write docs/protocol.schema.json from the types of the frames."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatbot import protocol_server


def text() -> str:
    """The file as it should be."""
    return json.dumps(protocol_server.schema(), indent=2, ensure_ascii=False) + "\n"


class Command(BaseCommand):
    help = "Write docs/protocol.schema.json from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "protocol.schema.json"
        path.write_text(text(), encoding="utf-8")
        self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}")
