"""`manage.py fetch_browser_runtime`: what suggestions in the visitor's browser need."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatbot import browser_runtime
from chatbot.browser_runtime import PACKAGE, VERSION, RuntimeUnavailable
from inference.errors import InferenceError


class Command(BaseCommand):
    help = (
        f"Fetch {PACKAGE} {VERSION} (33 MB, checked against a pinned digest) from the npm registry "
        "and put it beside the embedder, for workspaces that suggest help pages in the visitor's "
        "browser. Again after an update: then nothing is fetched that is there. The web process "
        "has to be started again."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--package", type=Path, help=f"the file {PACKAGE}-{VERSION}.tgz, for no network"
        )
        parser.add_argument(
            "--if-possible", action="store_true", help="without it, say so and end well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            folder = browser_runtime.make(options["package"])
        except (RuntimeUnavailable, InferenceError, OSError) as error:
            if not options["if_possible"]:
                raise CommandError(str(error)) from None
            self.stderr.write(f"No suggestions in the browser: {error}")
            return
        size = sum(path.stat().st_size for path in folder.glob("*.gz"))
        self.stdout.write(f"{folder} is ready: {size / 1e6:.1f} MB for a browser to fetch.")
