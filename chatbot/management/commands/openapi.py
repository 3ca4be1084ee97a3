"""`manage.py openapi`: write docs/openapi.json, the description of the REST API."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatbot.api import root


class Command(BaseCommand):
    help = "Write docs/openapi.json from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "openapi.json"
        path.write_text(root.openapi(), encoding="utf-8")
        self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}")
