"""`manage.py rebuild_index --workspace W`: make the index anew from the articles."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.models import Workspace
from knowledge.rebuilding import health, rebuild


class Command(BaseCommand):
    help = (
        "Make a workspace's passages, vectors and word index anew from its published articles, "
        "e.g. for a new embedder. Searches find the old index until the new one is complete."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--check", action="store_true", help="compare, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace {options['workspace']!r}.")
        if not options["check"]:
            with tqdm(unit=" passages", disable=None) as bar:
                rebuild(workspace.id, on_batch=bar.update)
        state = health(workspace.id)
        self.stdout.write(
            f"{state.passages} passages, {state.vectors} with a vector, {state.words} with words."
        )
        if not state.healthy:
            raise CommandError("The index is not complete. Run rebuild_index without --check.")
