"""Changes by members: each has its audit entry, again changes nothing, strangers reach nothing."""

from uuid import UUID, uuid4

import pytest

from accounts.errors import NotFound
from accounts.models import AuditEntry, Member, Role, User
from accounts.scope import workspace_scope
from knowledge import editing, uploads
from knowledge.articles import KnowledgeError
from knowledge.editing import Draft, EditConflict
from knowledge.models import Article, Revision, Source, Upload, UploadState
from knowledge.tests import files
from knowledge.tests.test_importing import found
from knowledge.tests.worker import claimed, work
from outbox.models import OutboxJob
from outbox.registry import handler_of
from outbox.tasks import give_up

pytestmark = pytest.mark.usefixtures("fake_model")


def editor(workspace_id: UUID, name: str) -> Member:
    user = User.objects.create(email=f"{name}@example.com")
    with workspace_scope(workspace_id):
        return Member.objects.create(
            workspace_id=workspace_id, user=user, role=Role.EDITOR, display_name=name
        )


@pytest.fixture
def alice(alices: UUID) -> Member:
    return editor(alices, "alice")


@pytest.fixture
def charlie(charlies: UUID) -> Member:
    return editor(charlies, "charlie")


def actions(member: Member) -> list[str]:
    with workspace_scope(member.workspace_id):
        rows = AuditEntry.objects.filter(actor_id=str(member.id)).order_by("id")
        return list(rows.values_list("action", flat=True))


def test_saving_twice_writes_one_revision(alice: Member) -> None:
    draft = Draft("Keys", "A giraffe.")
    for _ in range(2):
        saved = editing.save(alice, "keys", draft, base=0)
    work(alice.workspace_id)
    assert (saved.revision.number, saved.revision.author_id) == (1, alice.id)
    assert found(alice.workspace_id, "giraffe") == ["keys"]
    assert actions(alice) == ["article.saved"]
    with workspace_scope(alice.workspace_id):
        assert Source.objects.get().kind == "console"


def test_a_change_over_somebody_elses_is_refused(alice: Member) -> None:
    editing.save(alice, "keys", Draft("Keys", "one"), base=0)
    editing.save(alice, "keys", Draft("Keys", "two"), base=1)
    for base in (0, 1, 7):
        with pytest.raises(EditConflict):
            editing.save(alice, "keys", Draft("Keys", "three"), base=base)
    with workspace_scope(alice.workspace_id):
        assert Revision.objects.count() == 2
    assert actions(alice) == ["article.saved"] * 2


def test_audience_and_language_change_without_a_revision(alice: Member) -> None:
    editing.save(alice, "keys", Draft("Keys", "giraffe"), base=0)
    work(alice.workspace_id)
    for _ in range(2):
        editing.save(alice, "keys", Draft("Keys", "giraffe", audience="internal"), base=1)
    assert found(alice.workspace_id, "giraffe") == []
    assert actions(alice) == ["article.saved", "article.changed"]


def test_an_old_revision_is_restored_as_a_new_one(alice: Member) -> None:
    saved = editing.save(alice, "keys", Draft("Keys", "giraffe", lang="de"), base=0)
    editing.save(alice, "keys", Draft("Locks", "zebra", lang="de"), base=1)
    for _ in range(2):
        editing.restore(alice, saved.article.id, 1)
    work(alice.workspace_id)
    with workspace_scope(alice.workspace_id):
        article = Article.objects.get()
        assert (article.title, article.lang, article.revisions.count()) == ("Keys", "de", 3)
    assert found(alice.workspace_id, "giraffe") == ["keys"]
    assert actions(alice)[2:] == ["article.restored"]
    with pytest.raises(NotFound):
        editing.restore(alice, saved.article.id, 9)


def test_archiving_and_bringing_back_twice_is_harmless(alice: Member) -> None:
    saved = editing.save(alice, "keys", Draft("Keys", "giraffe"), base=0)
    work(alice.workspace_id)
    for change, names in ((editing.archive, []), (editing.bring_back, ["keys"])):
        for _ in range(2):
            change(alice, saved.article.id)
        work(alice.workspace_id)
        assert found(alice.workspace_id, "giraffe") == names
    assert actions(alice)[1:] == ["article.archived", "article.brought_back"]


def test_a_stranger_reaches_nothing(alice: Member, charlie: Member) -> None:
    saved = editing.save(alice, "keys", Draft("Keys", "giraffe"), base=0)
    work(alice.workspace_id)
    for article_id in (saved.article.id, uuid4()):
        for change in (editing.archive, editing.bring_back):
            with pytest.raises(NotFound):
                change(charlie, article_id)
        with pytest.raises(NotFound):
            editing.restore(charlie, article_id, 1)
    assert found(alice.workspace_id, "giraffe") == ["keys"] and actions(charlie) == []


def test_an_uploaded_file_is_imported_by_the_worker(alice: Member) -> None:
    data = files.docx(heading="Terms", paragraphs=["A lemur."])
    uploads.accept(alice, "C:\\docs\\terms.docx", data)
    uploads.accept(alice, "terms.docx", data)  # a double click
    assert found(alice.workspace_id, "lemur") == []
    work(alice.workspace_id)
    assert found(alice.workspace_id, "lemur") == ["terms.docx"]
    ((upload,), _more) = uploads.recent(alice.workspace_id)
    assert (upload.state, upload.published, upload.problems) == (UploadState.DONE, 1, [])
    assert actions(alice) == ["upload.received", "source.imported"]
    with workspace_scope(alice.workspace_id):
        assert bytes(Upload.objects.get().data) == b""


def test_a_broken_upload_says_why(alice: Member) -> None:
    uploads.accept(alice, "form.pdf", b"%PDF broken")
    work(alice.workspace_id)
    ((upload,), _more) = uploads.recent(alice.workspace_id)
    assert upload.state == UploadState.FAILED and "no readable PDF" in upload.problems[0]


def test_a_file_that_kills_the_worker_is_given_up(
    alice: Member,
) -> None:
    uploads.accept(alice, "a.md", b"giraffe")
    with workspace_scope(alice.workspace_id):
        job_id = OutboxJob.objects.get().id
    give_up(claimed(alice.workspace_id, job_id), handler_of(uploads.KIND))
    ((upload,), _more) = uploads.recent(alice.workspace_id)
    assert upload.state == UploadState.FAILED and found(alice.workspace_id, "giraffe") == []


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.png", b"x", "no format"),
        ("", b"x", "needs a name"),
        (".md", b"x", "needs a name"),
        ("a\n.md", b"x", "needs a name"),
        ("x" * 200 + ".md", b"x", "needs a name"),
        ("a.md", b"", "is empty"),
    ],
)
def test_a_bad_upload_is_refused(alice: Member, name: str, data: bytes, said: str) -> None:
    with pytest.raises(KnowledgeError, match=said):
        uploads.accept(alice, name, data)
    assert uploads.recent(alice.workspace_id)[0] == [] and actions(alice) == []


def test_a_large_upload_is_refused(alice: Member) -> None:
    with pytest.raises(KnowledgeError, match="larger than 20 MB"):
        uploads.accept(alice, "a.md", bytes(uploads.LARGEST + 1))
    assert uploads.recent(alice.workspace_id)[0] == []
