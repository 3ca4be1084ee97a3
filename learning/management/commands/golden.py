"""`manage.py golden import FILE.jsonl --workspace W`, `export`, `remove`."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import workspace_by_slug
from accounts.errors import Invalid, NotFound
from learning import golden
from learning.questions import read_questions


class Command(BaseCommand):
    help = (
        "Golden questions: what the workspace's bot must answer, and how. import reads the same "
        "JSON lines as evaluate; a file with a broken row is not brought in at all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        bring = actions.add_parser("import", help="add the questions of a file, or change them")
        bring.add_argument("file", type=Path, metavar="FILE.jsonl")
        bring.add_argument(
            "--replace", action="store_true", help="remove those that are not in the file"
        )
        give = actions.add_parser("export", help="write them as JSON lines")
        give.add_argument("file", type=Path, metavar="FILE.jsonl")
        drop = actions.add_parser("remove", help="remove questions by their ids")
        drop.add_argument("ids", nargs="+", metavar="ID")
        for one in (bring, give, drop):
            one.add_argument("--workspace", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            workspace_id = workspace_by_slug(options["workspace"]).id
        except NotFound as error:
            raise CommandError(f"There is no workspace {options['workspace']!r}.") from error
        match options["action"]:
            case "import":
                self._import(workspace_id, options["file"], options["replace"])
            case "export":
                self._export(workspace_id, options["file"])
            case "remove":
                gone = golden.remove(workspace_id, options["ids"], actor="command")
                self.stdout.write(f"{gone} golden questions removed.")

    def _import(self, workspace_id: UUID, path: Path, replace: bool) -> None:
        broken: list[str] = []
        try:
            found = read_questions(
                path, on_broken=lambda number, why: broken.append(f"Row {number}: {why}")
            )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        for line in broken:
            self.stderr.write(line)
        if broken or not found:
            raise CommandError("Nothing was brought in: mend the file and try again.")
        try:
            new = golden.keep(workspace_id, found, actor="command", replace=replace)
        except Invalid as error:
            raise CommandError(f"{error}. Nothing was brought in.") from error
        self.stdout.write(f"{new} golden questions are new, {len(found) - new} were there.")

    def _export(self, workspace_id: UUID, path: Path) -> None:
        found = golden.questions(workspace_id)
        lines = [json.dumps(golden.as_row(one), ensure_ascii=False) + "\n" for one in found]
        try:
            path.write_text("".join(lines), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{len(found)} golden questions written.")
