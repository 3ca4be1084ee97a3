"""Uploads: in steps that go on after a kill, stopped on request, replacing, told, reviewed."""

import io
import zipfile
from uuid import UUID

import pytest

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from knowledge import drafts, importing, tags, uploads
from knowledge.models import Article, Upload
from knowledge.tests.test_drafts import admin
from knowledge.tests.test_editing import editor
from knowledge.tests.test_importing import found
from knowledge.tests.worker import claimed, work
from outbox.models import JobState, OutboxJob

pytestmark = pytest.mark.usefixtures("fake_model")
TABLE = b"question,answer\nWhere is the key?,giraffe\nWho came?,lemur\n"


@pytest.fixture
def erin(alices: UUID) -> Member:
    return editor(alices, "erin")


def only(upload: Upload) -> Upload:
    with workspace_scope(upload.workspace_id):
        return Upload.objects.get(id=upload.id)


def packed(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.md", text)
    return out.getvalue()


def step(upload: Upload, step_s: float = 0.0) -> None:
    """One step of the upload's import."""
    with workspace_scope(upload.workspace_id):
        rows = OutboxJob.objects.filter(kind=uploads.KIND, state=JobState.READY)
        job_id = rows.order_by("id").values_list("id", flat=True)[0]
    uploads.run(claimed(upload.workspace_id, job_id), step_s=step_s)


def test_a_long_upload_makes_room_after_each_step_and_loses_nothing_when_killed(
    erin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_ARTICLES", 1)
    upload = uploads.accept(erin, "a.zip", packed(a="giraffe", b="lemur", c="zebra"))
    step(upload)
    assert (only(upload).state, only(upload).published) == ("reading", 1)
    kept = importing.import_batch

    def killed(*given: object) -> None:
        raise SystemExit

    monkeypatch.setattr(importing, "import_batch", killed)
    with pytest.raises(SystemExit):
        step(upload)
    monkeypatch.setattr(importing, "import_batch", kept)
    with workspace_scope(erin.workspace_id):  # its lease has run out
        OutboxJob.objects.filter(kind=uploads.KIND).update(locked_until=None)
    step(upload, step_s=60.0)
    done = only(upload)
    assert (done.state, done.published, done.unchanged) == ("done", 3, 0)
    assert bytes(done.data) == b"" and found(erin.workspace_id, "zebra") == ["a.zip/c.md"]


def test_a_running_upload_is_stopped_by_its_workspace_alone(
    erin: Member, charlies: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_ARTICLES", 1)
    upload = uploads.accept(erin, "a.zip", packed(a="giraffe", b="lemur"))
    step(upload)
    with pytest.raises(NotFound):
        uploads.cancel(admin(charlies, "charlie"), upload.id)
    assert only(upload).state == "reading"
    for _ in range(2):
        uploads.cancel(erin, upload.id)
    work(erin.workspace_id)
    assert (only(upload).state, only(upload).published) == ("stopped", 1)
    assert found(erin.workspace_id, "lemur") == [] and bytes(only(upload).data) == b""


def test_a_table_replaces_the_earlier_one_of_its_name_if_that_was_chosen(erin: Member) -> None:
    uploads.accept(erin, "faq.csv", TABLE)
    uploads.accept(erin, "other.csv", TABLE)
    work(erin.workspace_id)
    shorter = b"question,answer\nWho came?,lemur\n"
    uploads.accept(erin, "faq.csv", shorter)
    work(erin.workspace_id)
    assert len(found(erin.workspace_id, "giraffe")) == 2
    last = uploads.accept(erin, "faq.csv", shorter, replaces=True)
    work(erin.workspace_id)
    assert (only(last).retired, only(last).unchanged) == (1, 1)
    (left,) = found(erin.workspace_id, "giraffe")
    assert left.startswith("other.csv#")
    unsure = uploads.accept(erin, "faq.csv", b"question,answer\n,giraffe\n", replaces=True)
    work(erin.workspace_id)
    assert only(unsure).retired == 0 and "cannot be told apart" in only(unsure).problems[-1]
    assert len(found(erin.workspace_id, "lemur")) == 2


def test_what_is_imported_waits_for_review_where_the_workspace_wants_it(erin: Member) -> None:
    change_settings(erin.workspace_id, actor="command", imports_reviewed=True, review_required=True)
    for _ in range(2):
        last = uploads.accept(erin, "a.md", b"---\ntags: Zoo\n---\n# A\n\ngiraffe")
        work(erin.workspace_id)
    assert (only(last).drafted, only(last).unchanged, only(last).published) == (0, 1, 0)
    assert found(erin.workspace_id, "giraffe") == []
    with workspace_scope(erin.workspace_id):
        article = Article.objects.select_related("draft_revision").get()
        assert article.draft_state == "review" and tags.names_of(article) == ["zoo"]
        assert not drafts.rights(erin, article).draft
    drafts.publish(editor(erin.workspace_id, "frank"), article.id, seen=1)
    work(erin.workspace_id)
    assert found(erin.workspace_id, "giraffe") == ["a.md"]


def test_a_file_with_bad_front_matter_is_imported_and_it_is_told(erin: Member) -> None:
    text = b"---\nlang: what?\ntags: [ok, '%s']\n---\ngiraffe" % (b"x" * 41)
    upload = uploads.accept(erin, "a.md", text)
    work(erin.workspace_id)
    done = only(upload)
    assert (done.state, done.published) == ("done", 1)
    assert "names a language" in done.problems[0] and "a tag that cannot" in done.problems[1]
