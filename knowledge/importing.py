"""Import a folder or file into a workspace: parse, save, embed, publish, batch by batch.

Each batch is published in one transaction, so a killed import leaves whole articles; run again,
it skips what is published with the same content. Nothing of a broken file is changed.
NothingToImport: there is no file that could be read, so `sync` would archive everything.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from accounts import audit
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import articles, indexing, proposing, tags
from knowledge.models import Article, Source
from knowledge.parsing import reader
from knowledge.parsing.document import Broken, Document
from knowledge.parsing.formats import ROWS, suffix

BATCH_ARTICLES = 64
BATCH_CHARACTERS = 200_000  # of text, so that a batch of long articles stays small


class NothingToImport(Exception):
    """No file of a known format is there."""


@dataclass
class Report:
    """What an import did."""

    unchanged: int = 0
    published: int = 0
    archived: int = 0
    passages: int = 0
    seconds: float = 0.0
    drafted: int = 0
    broken: list[Broken] = field(default_factory=list)
    notes: list[Broken] = field(default_factory=list)  # imported, but for what these say
    kept_for_safety: bool = False  # --sync archived nothing: a broken row had no doc_id

    @property
    def passages_per_s(self) -> float:
        return self.passages / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Way:
    """drafts: what is new waits for a review. author: of what is written."""

    drafts: bool = False
    author: Member | None = None


@dataclass(frozen=True)
class Listener:
    """What happens meanwhile, for a progress bar."""

    on_article: Callable[[int], None] = lambda count: None
    on_broken: Callable[[Broken], None] = lambda broken: None
    on_listed: Callable[[int], None] = lambda files: None  # a ZIP says how many are in it
    on_unchanged: Callable[[int], None] = lambda count: None  # of these articles, before on_article


def import_path(
    workspace_id: UUID,
    path: Path,
    *,
    name: str | None = None,
    sync: bool = False,
    actor: Member | str = "command",
    listener: Listener | None = None,
) -> Report:
    """Everything below `path` becomes searchable before this returns.

    sync: articles of the same source that are not there any more are archived. name: the
    source's, the path's own name if not given. Raises FileNotFoundError, NothingToImport, and
    what the embedder raises when its model is not there.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    if not reader.files(path):
        raise NothingToImport(f"{path} holds no file of a format that can be imported")
    return import_into(
        _source(workspace_id, path, name), path, sync=sync, actor=actor, listener=listener
    )


def import_into(
    source: Source,
    path: Path,
    *,
    sync: bool = False,
    actor: Member | str = "command",
    listener: Listener | None = None,
) -> Report:
    """The same for a source that is there already."""
    started = time.monotonic()
    listener = listener or Listener()
    report, seen = Report(), set[str]()
    for batch in batches(
        valid(reader.read(path, on_listed=listener.on_listed), report, seen, listener)
    ):
        before = report.unchanged
        import_batch(source, batch, report, Way())
        listener.on_unchanged(report.unchanged - before)
        listener.on_article(len(batch))
    if sync:
        _archive_vanished(source, seen, report)
    _record(source, report, actor)
    report.seconds = time.monotonic() - started
    return report


def _source(workspace_id: UUID, path: Path, name: str | None) -> Source:
    kind = "jsonl" if suffix(path.name) in ROWS else "folder" if path.is_dir() else "file"
    called = (name or path.resolve().name)[:200]
    with workspace_scope(workspace_id):
        return articles.source_named(workspace_id, called, kind=kind, location=str(path)[:500])


def _record(source: Source, report: Report, actor: Member | str) -> None:
    """One entry for an import that changed something."""
    if not report.published and not report.archived:
        return
    with workspace_scope(source.workspace_id):
        audit.record(
            actor,
            "source.imported",
            target_kind="source",
            target_id=source.id,
            name=source.name,
            published=report.published,
            archived=report.archived,
            broken=len(report.broken),
        )


def valid(
    outcomes: Iterable[Document | Broken], report: Report, seen: set[str], listener: Listener
) -> Iterator[Document]:
    """The documents; what is broken or there twice goes into the report."""
    for one in outcomes:
        twice = isinstance(one, Document) and one.doc_id in seen
        if one.doc_id is not None:
            seen.add(one.doc_id)
        if isinstance(one, Document) and not twice:
            yield one
            continue
        broken = one
        if isinstance(broken, Document):
            broken = Broken(one.doc_id, one.doc_id or "", "is there twice; the first one counts")
        report.broken.append(broken)
        listener.on_broken(broken)


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.text)
        if len(batch) >= BATCH_ARTICLES or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def import_batch(source: Source, batch: list[Document], report: Report, way: Way) -> None:
    """Publish the documents of one batch, or have them wait as drafts."""
    workspace_id = source.workspace_id
    with workspace_scope(workspace_id):
        if way.drafts:
            saved = proposing.propose_all(batch, source=source, author=way.author)
        else:
            saved = articles.save_all(workspace_id, batch, source=source, author=way.author)
        for one, document in zip(saved, batch, strict=True):
            _note(document, tags.from_file(one.article, document.tags), report)
    if way.drafts:
        report.drafted += sum(one.changed for one in saved)
        report.unchanged += sum(not one.changed for one in saved)
        return
    texts = {document.doc_id: document.text for document in batch}
    changed = [one for one in saved if one.changed]
    for one in changed:
        one.revision.text = texts[one.article.external_id]
    prepared = [indexing.prepare(one.revision) for one in changed]
    report.unchanged += len(saved) - len(changed)
    if prepared:
        report.published += indexing.embed_and_publish(workspace_id, prepared)
        report.passages += sum(len(one.passages) for one in prepared)


def _note(document: Document, refused: list[str], report: Report) -> None:
    for said in [*document.notes, *(f"has a tag that cannot be kept: {one}" for one in refused)]:
        report.notes.append(Broken(document.doc_id, document.doc_id, said))


def _archive_vanished(source: Source, seen: set[str], report: Report) -> None:
    if any(broken.doc_id is None for broken in report.broken):
        report.kept_for_safety = True
        return
    with workspace_scope(source.workspace_id):
        living = Article.objects.filter(source=source, archived_at=None)
        gone = [
            article_id
            for article_id, doc_id in living.values_list("id", "external_id")
            if doc_id not in seen
        ]
        report.archived = indexing.withdraw(source.workspace_id, gone)
