"""`manage.py import_knowledge PATH --workspace W`: publish articles from files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.models import Workspace
from inference.errors import InferenceError
from knowledge.importing import Listener, NothingToImport, Report, import_path
from knowledge.parsing import reader
from knowledge.parsing.document import Broken
from knowledge.parsing.formats import ROWS, suffix


class Command(BaseCommand):
    help = (
        "Import a folder of Markdown, HTML, text, PDF and DOCX files, or a JSON-lines file with "
        "doc_id, title, text; .gz is fine. Returns when all of it is searchable. Exit code 1 if "
        "a file or row was broken; the rest is imported all the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--name", help="the source's name; the path's own if not given")
        parser.add_argument(
            "--sync",
            action="store_true",
            help="archive articles of this source that are no longer in PATH",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace {options['workspace']!r}.")
        path: Path = options["path"]
        with tqdm(total=_articles_in(path), unit=" articles", disable=None) as bar:
            listener = Listener(
                on_article=lambda count: _advance(bar, count),
                on_broken=lambda broken: self._say_broken(bar, broken),
            )
            try:
                report = import_path(
                    workspace.id,
                    path,
                    name=options["name"],
                    sync=options["sync"],
                    listener=listener,
                )
            except (FileNotFoundError, NothingToImport, InferenceError) as error:
                raise CommandError(str(error)) from error
        self._summarise(report)

    def _say_broken(self, bar: "tqdm[Any]", broken: Broken) -> None:
        with bar.external_write_mode(file=self.stderr._out):
            self.stderr.write(f"{broken.place}: {broken.reason}")
        _advance(bar, 1)

    def _summarise(self, report: Report) -> None:
        self.stdout.write(
            f"{report.published} articles published, {report.unchanged} unchanged, "
            f"{report.archived} archived, {len(report.broken)} broken. {report.passages} passages "
            f"in {report.seconds:.1f} s: {report.passages_per_s:.0f} a second."
        )
        if report.kept_for_safety:
            self.stderr.write("What a broken row held is not known, so nothing was archived.")
        if report.broken:
            raise CommandError("Some of it could not be imported; see the lines above.")


def _articles_in(path: Path) -> int | None:
    """How many there will be, where that is cheap to know."""
    if not path.exists() or path.name.endswith(".gz"):
        return None
    if suffix(path.name) in ROWS:
        with path.open("rb") as file:
            return sum(1 for _ in file)
    return len(reader.files(path))


def _advance(bar: "tqdm[Any]", count: int) -> None:
    bar.update(count)
