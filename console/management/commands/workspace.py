"""`manage.py workspace create SLUG`: make a workspace, its widget and its API key, or find them."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import AccountsError
from chatbot.errors import ChatError
from console.provisioning import Provisioned, create_workspace


class Command(BaseCommand):
    help = "Make a workspace. Again with the same slug it changes nothing and prints the same keys."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help=self.help)
        create.add_argument("slug")
        create.add_argument("--name", help="what people see; the slug if not given")
        create.add_argument(
            "--origin",
            action="append",
            default=[],
            metavar="URL",
            help="a site that may show the widget, e.g. https://www.example.com; can be repeated",
        )
        create.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = create_workspace(
                options["slug"], name=options["name"], origins=options["origin"]
            )
        except (AccountsError, ChatError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(_fields(made)))
            return
        for name, value in _fields(made).items():
            self.stdout.write(f"{name:<11} {value or 'revoked; make another in the console'}")


def _fields(made: Provisioned) -> dict[str, str | None]:
    return {
        "id": str(made.workspace.id),
        "slug": made.workspace.slug,
        "widget_key": made.widget_key,
        "api_key": made.api_key,
    }
