"""manage.py mark_erased --workspace W (--contact ID | --conversation ID …)"""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.access import workspace_by_slug
from accounts.errors import NotFound
from learning.versions import mark_erased


class Command(BaseCommand):
    help = "Mark model versions trained on what a visitor wrote; run it before you erase that."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True)
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--contact", type=UUID)
        who.add_argument("--conversation", type=UUID, nargs="+", default=[])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            workspace = workspace_by_slug(options["workspace"])
        except NotFound as error:
            raise CommandError(str(error)) from None
        marked = mark_erased(
            workspace.id, conversation_ids=options["conversation"], contact=options["contact"]
        )
        self.stdout.write(f"Model versions newly marked: {marked}")
