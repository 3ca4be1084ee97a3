"""`manage.py models`: the large models that run in the house."""

from argparse import ArgumentTypeError
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import Invalid, NotFound
from chatbot.local_models import hub, store


def _gigabytes(text: str) -> float:
    """Raises ArgumentTypeError."""
    with suppress(ValueError):
        found = float(text)
        if 0 < found <= 1_000_000:
            return found
    raise ArgumentTypeError("a number of gigabytes, more than 0")


class Command(BaseCommand):
    help = "Add, fetch, list and remove large models that run on this machine's own processors."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="keep a folder in onnxruntime-genai's form")
        add.add_argument("folder", type=Path)
        add.add_argument("--name", help="what it is called here; the folder's name if not given")
        pull = actions.add_parser("pull", help="fetch one from the hub; a killed fetch goes on")
        pull.add_argument("repository", metavar="OWNER/NAME")
        pull.add_argument("--name", help="what it is called here; the repository's if not given")
        pull.add_argument("--revision", default="main", help="a branch, tag or commit")
        pull.add_argument("--folder", help="inside the repository, where it holds several")
        pull.add_argument("--most-gb", type=_gigabytes, default=10.0, help="at most; else 10")
        actions.add_parser("list", help="what there is")
        actions.add_parser("remove", help="forget one").add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            match options["action"]:
                case "add":
                    folder = options["folder"]
                    name = options["name"] or store.name_for(folder.resolve().name)
                    self._added(store.add(folder, name))
                case "pull":
                    self._pull(options)
                case "list":
                    self._list()
                case "remove":
                    store.remove(options["name"])
                    self.stdout.write(
                        f"{options['name']} is removed. Workspaces that ask it ask their next "
                        "large model, or hand over to people."
                    )
        except NotFound:
            raise CommandError(f"There is no model {options['name']!r}.") from None
        except Invalid as error:
            raise CommandError(f"{error}.") from None

    def _pull(self, options: dict[str, Any]) -> None:
        wanted = hub.Wanted(
            options["repository"],
            revision=options["revision"],
            folder=options["folder"],
            most_bytes=int(options["most_gb"] * 1e9),
        )
        name = options["name"] or store.name_for(wanted.repository.rpartition("/")[2])
        self._added(hub.pull(wanted, name, say=self.stdout.write))

    def _added(self, manifest: store.Manifest) -> None:
        self.stdout.write(self._line(manifest))
        self.stdout.write(
            "Its worker loads it at its start: stop `make run` and start it again, or "
            "`docker compose --profile generator up --detach`. Then choose it under Settings, "
            "Large models."
        )

    def _list(self) -> None:
        names = store.names()
        for name in names:
            self.stdout.write(self._line(store.manifest_of(name)))
        if not names:
            self.stdout.write("None. `models add` keeps a folder, `models pull` fetches one.")

    @staticmethod
    def _line(manifest: store.Manifest) -> str:
        told = manifest["settings"]
        return (
            f"{manifest['name']}  {told['family']}, {told['size_bytes'] / 1e6:,.1f} MB, "
            f"reads {told['context_tokens']:,} tokens"
        )
