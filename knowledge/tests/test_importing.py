"""`import_knowledge`: everything is searchable when it returns, and again changes nothing."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from knowledge import embedding, importing
from knowledge.importing import NothingToImport, import_path
from knowledge.models import Article, Passage, Revision
from knowledge.retrieval import Filters, View, search
from knowledge.tests import files
from knowledge.tests.conftest import FakeEmbedder

pytestmark = pytest.mark.usefixtures("fake_model")


def found(workspace_id: UUID, words: str) -> list[str]:
    candidates = search(workspace_id, views=[View(words, None)], filters=Filters())
    return [one.doc_id for one in candidates]


def counts(workspace_id: UUID) -> tuple[int, int, int]:
    with workspace_scope(workspace_id):
        return Article.objects.count(), Revision.objects.count(), Passage.objects.count()


def write_rows(path: Path, rows: Sequence[dict[str, Any] | str]) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def row(doc_id: str, text: str) -> dict[str, Any]:
    return {"doc_id": doc_id, "title": doc_id.title(), "text": text}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "keys.md").write_text("# Keys\n\nA lost key costs a giraffe.")
    (shop / "open.txt").write_text("Open on mondays for badgers.")
    (shop / "page.html").write_text("<main><h1>Page</h1><p>An ocelot pays nothing.</p></main>")
    (shop / "form.pdf").write_bytes(files.pdf("Every walrus fills in this form."))
    (shop / "deep").mkdir()
    (shop / "deep/terms.docx").write_bytes(files.docx(heading="Terms", paragraphs=["A lemur."]))
    return shop


def test_a_folder_of_every_format_is_searchable_at_once(alices: UUID, folder: Path) -> None:
    report = import_path(alices, folder)
    assert (report.published, report.broken) == (5, [])
    for words, doc_id in (
        ("giraffe", "keys.md"),
        ("badger", "open.txt"),
        ("ocelots", "page.html"),
        ("walrus", "form.pdf"),
        ("lemur", "deep/terms.docx"),
    ):
        assert found(alices, words) == [doc_id]


def test_the_second_import_changes_nothing(alices: UUID, folder: Path) -> None:
    import_path(alices, folder)
    before = counts(alices)
    again = import_path(alices, folder, sync=True)
    assert (again.unchanged, again.published, again.archived) == (5, 0, 0)
    assert counts(alices) == before
    with workspace_scope(alices):
        assert AuditEntry.objects.filter(action="source.imported").count() == 1


def test_a_changed_file_makes_a_revision_and_forgets_the_old_words(
    alices: UUID, folder: Path
) -> None:
    import_path(alices, folder)
    (folder / "keys.md").write_text("# Keys\n\nA lost key costs an antelope.")
    assert import_path(alices, folder).published == 1
    assert (found(alices, "giraffe"), found(alices, "antelope")) == ([], ["keys.md"])
    assert counts(alices)[:2] == (5, 6)


def test_offsets_are_code_points_of_the_text_as_given(alices: UUID, tmp_path: Path) -> None:
    text = "# 😀 Größe\r\n\r\nΔ first 𝒳.\r\n\r\n## Two\r\n\r\n" + "Ein Wörtchen 😀 mehr. " * 90
    import_path(alices, write_rows(tmp_path / "rows.jsonl", [row("a", text)]))
    with workspace_scope(alices):
        assert Revision.objects.get().text == text
        passages = list(Passage.objects.order_by("position"))
    assert len(passages) > 2
    assert all(text[one.start : one.end] == one.text for one in passages)
    assert passages[-1].heading_path == ["😀 Größe", "Two"]


def test_without_sync_nothing_is_archived_and_with_it_what_vanished(
    alices: UUID, folder: Path
) -> None:
    import_path(alices, folder)
    (folder / "keys.md").unlink()
    assert import_path(alices, folder).archived == 0
    assert import_path(alices, folder, sync=True).archived == 1
    assert found(alices, "giraffe") == [] and found(alices, "badger") == ["open.txt"]
    (folder / "keys.md").write_text("# Keys\n\nA lost key costs a giraffe.")
    assert import_path(alices, folder).published == 1
    assert found(alices, "giraffe") == ["keys.md"]


def test_sync_touches_no_other_source_and_nothing_that_is_only_broken(
    alices: UUID, folder: Path, tmp_path: Path
) -> None:
    import_path(alices, folder)
    import_path(alices, write_rows(tmp_path / "rows.jsonl", [row("a", "zebra"), row("b", "newt")]))
    (folder / "form.pdf").write_bytes(b"%PDF broken")
    report = import_path(alices, folder, sync=True)
    assert ([one.place for one in report.broken], report.archived) == (["form.pdf"], 0)
    assert (found(alices, "walrus"), found(alices, "zebra")) == (["form.pdf"], ["a"])
    rows = write_rows(tmp_path / "rows.jsonl", [row("a", "zebra"), "{"])
    report = import_path(alices, rows, sync=True)
    assert report.kept_for_safety and found(alices, "newt") == ["b"]


def test_an_empty_folder_archives_nothing(alices: UUID, folder: Path) -> None:
    import_path(alices, folder)
    for path in [*folder.glob("*.*"), folder / "deep/terms.docx"]:
        path.unlink()
    with pytest.raises(NothingToImport):
        import_path(alices, folder, sync=True)
    assert found(alices, "badger") == ["open.txt"]


def test_an_interrupted_import_is_finished_by_the_next(
    alices: UUID, folder: Path, fake_model: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_ARTICLES", 2)
    calls = iter([fake_model, fake_model])  # one batch takes two; the next is killed

    def embedder() -> FakeEmbedder:
        try:
            return next(calls)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(embedding, "BATCH", 1_000)
    monkeypatch.setattr(embedding, "embedder", embedder)
    with pytest.raises(KeyboardInterrupt):
        import_path(alices, folder)
    with workspace_scope(alices):
        assert Article.objects.exclude(published_revision=None).count() == 2
    monkeypatch.setattr(embedding, "embedder", lambda: fake_model)
    report = import_path(alices, folder)
    assert (report.unchanged, report.published) == (2, 3)
    assert counts(alices)[:2] == (5, 5)
    assert found(alices, "walrus") == ["form.pdf"]


def test_a_row_that_is_there_twice_counts_once(alices: UUID, tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "rows.jsonl", [row("a", "zebra"), row("a", "newt")])
    report = import_path(alices, rows)
    assert [one.reason for one in report.broken] == ["is there twice; the first one counts"]
    assert (found(alices, "zebra"), found(alices, "newt")) == (["a"], [])


def test_the_command_says_one_line_for_a_broken_file_and_exits_with_1(
    alices: UUID, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "form.pdf").write_bytes(b"%PDF broken")
    with pytest.raises(CommandError) as failure:
        call_command("import_knowledge", str(folder), workspace="alices")
    assert failure.value.returncode == 1
    said = capsys.readouterr()
    assert [line[:10] for line in said.err.splitlines() if "PDF" in line] == ["form.pdf: "]
    assert said.out.startswith("4 articles published, 0 unchanged, 0 archived, 1 broken.")
    assert found(alices, "badger") == ["open.txt"]


@pytest.mark.parametrize(
    ("path", "workspace"), [("nowhere", "alices"), (".", "alices"), (".", "nobodys")]
)
def test_the_command_refuses_what_is_not_there(
    alices: UUID, tmp_path: Path, path: str, workspace: str
) -> None:
    with pytest.raises(CommandError):
        call_command("import_knowledge", str(tmp_path / path), workspace=workspace)
    assert counts(alices) == (0, 0, 0)
