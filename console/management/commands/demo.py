"""`manage.py demo`: where the demo is and how to log in; `demo --load` makes it first."""

import json
from typing import Any

from django.core import checks
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import AccountsError, Invalid, NotFound
from chatbot.errors import ChatError
from config.checks import TAG
from config.local.errors import LocalError
from console import demo
from inference.errors import InferenceError
from knowledge.importing import NothingToImport


class Command(BaseCommand):
    help = "Say where the demo page, the console and the desk are, and how to log in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--load", action="store_true", help="make the demo workspace, or bring it up to date"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["load"]:
            self._load()
        if options["json"]:
            self.stdout.write(json.dumps(_described().as_json()))
        else:
            self._say(_described())

    def _load(self) -> None:
        self.check(tags=[TAG], databases=["default"], fail_level=checks.WARNING)
        try:
            report = demo.load()
        except Invalid as error:
            raise CommandError(f"{error} (the demo members' password is DEMO_PASSWORD)") from error
        except LocalError as error:
            raise CommandError(f"DEMO_PASSWORD is not set. {error}") from error
        except (AccountsError, ChatError, InferenceError, NothingToImport) as error:
            raise CommandError(str(error)) from error
        for broken in report.broken:
            self.stderr.write(f"{broken.place}: {broken.reason}")
        if report.published or report.archived:
            self.stderr.write(f"{report.published} articles published, {report.archived} archived")

    def _say(self, found: demo.Demo) -> None:
        width = max(len(member.email) for member in found.members)
        lines = [
            "",
            f"Demo page  {found.urls['demo']}",
            f"Console    {found.urls['console']}",
            f"Desk       {found.urls['desk']}",
            "",
            "Log in as:",
            *(
                f"  {member.email:<{width}}  initial password {member.password}"
                for member in found.members
            ),
        ]
        self.stdout.write("\n".join(lines))


def _described() -> demo.Demo:
    try:
        return demo.describe()
    except NotFound:
        raise CommandError("There is no demo workspace yet: manage.py demo --load") from None
