"""Drafts answer nothing until somebody publishes them; who may is decided by the workspace."""

from uuid import UUID

import pytest

from accounts.errors import NotAllowed, NotFound
from accounts.models import AuditEntry, Member, Role, User
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from knowledge import articles, drafts, editing
from knowledge.articles import KnowledgeError, upsert_article
from knowledge.drafts import DraftChanged
from knowledge.editing import Draft, EditConflict
from knowledge.models import Article, Review, Revision
from knowledge.tests.test_editing import actions, editor
from knowledge.tests.test_importing import found
from knowledge.tests.worker import work

pytestmark = pytest.mark.usefixtures("fake_model")


def admin(workspace_id: UUID, name: str) -> Member:
    user = User.objects.create(email=f"{name}@example.com")
    with workspace_scope(workspace_id):
        return Member.objects.create(
            workspace_id=workspace_id, user=user, role=Role.ADMIN, display_name=name
        )


@pytest.fixture
def erin(alices: UUID) -> Member:
    return editor(alices, "erin")


@pytest.fixture
def frank(alices: UUID) -> Member:
    return editor(alices, "frank")


@pytest.fixture
def reviewed(alices: UUID) -> UUID:
    """The workspace wants every editor's text reviewed."""
    change_settings(alices, actor="command", review_required=True)
    return alices


def row(workspace_id: UUID, doc_id: str = "keys") -> Article:
    with workspace_scope(workspace_id):
        return Article.objects.select_related("draft_revision").get(external_id=doc_id)


def everything(workspace_id: UUID) -> list[object]:
    with workspace_scope(workspace_id):
        return [
            list(Article.objects.order_by("id").values()),
            list(Revision.objects.order_by("id").values_list("id", flat=True)),
            AuditEntry.objects.count(),
            Review.objects.count(),
        ]


def test_a_draft_answers_nothing_until_it_is_published(erin: Member) -> None:
    workspace_id = erin.workspace_id
    for _ in range(2):
        saved = editing.save_draft(erin, "keys", Draft("Keys", "giraffe"), base=0)
    work(workspace_id)
    assert found(workspace_id, "giraffe") == []
    assert (row(workspace_id).state, row(workspace_id).draft_state) == ("draft", "draft")
    drafts.publish(erin, saved.article.id, seen=1)
    work(workspace_id)
    assert found(workspace_id, "giraffe") == ["keys"]
    assert (row(workspace_id).state, row(workspace_id).draft_state) == ("published", "")
    assert actions(erin) == ["article.draft_saved", "article.draft_published"]


def test_the_published_text_answers_while_a_newer_draft_waits(erin: Member) -> None:
    workspace_id = erin.workspace_id
    editing.save(erin, "keys", Draft("Keys", "giraffe"), base=0)
    work(workspace_id)
    editing.save_draft(erin, "keys", Draft("Locks", "zebra"), base=1)
    work(workspace_id)
    assert found(workspace_id, "giraffe") == ["keys"] and found(workspace_id, "zebra") == []
    assert (row(workspace_id).title, row(workspace_id).state) == ("Keys", "published")
    drafts.publish(erin, row(workspace_id).id, seen=2)
    assert found(workspace_id, "giraffe") == ["keys"]  # until the worker has indexed it
    work(workspace_id)
    assert found(workspace_id, "giraffe") == [] and found(workspace_id, "zebra") == ["keys"]
    assert row(workspace_id).title == "Locks"


def test_an_import_publishes_beside_a_draft_and_never_the_draft(erin: Member) -> None:
    workspace_id = erin.workspace_id
    upsert_article(workspace_id, doc_id="keys", title="Keys", text="giraffe")
    editing.save_draft(erin, "keys", Draft("Keys", "zebra"), base=1)
    again = upsert_article(workspace_id, doc_id="keys", title="Keys", text="giraffe")
    assert again.revision.number == 1
    upsert_article(workspace_id, doc_id="keys", title="Keys", text="lemur")
    work(workspace_id)
    assert found(workspace_id, "lemur") == ["keys"] and found(workspace_id, "zebra") == []
    one = row(workspace_id)
    assert one.draft_revision is not None and one.draft_revision.text == "zebra"
    with workspace_scope(workspace_id):
        assert articles.decided_revision(one).text == "lemur"


def test_with_reviews_an_editor_cannot_publish_their_own_text(
    reviewed: UUID, erin: Member, frank: Member
) -> None:
    before = everything(reviewed)
    with pytest.raises(NotAllowed):
        editing.save(erin, "keys", Draft("Keys", "giraffe"), base=0)
    assert everything(reviewed) == before
    article_id = editing.save_draft(erin, "keys", Draft("Keys", "giraffe"), base=0).article.id
    for member in (erin, frank):  # not sent for review yet
        with pytest.raises(NotAllowed):
            drafts.publish(member, article_id, seen=1)
    for _ in range(2):
        drafts.submit(erin, article_id, note="please look")
    before = everything(reviewed)
    with pytest.raises(NotAllowed):
        drafts.publish(erin, article_id, seen=1)
    assert everything(reviewed) == before
    drafts.publish(frank, article_id, seen=1, note="fine")
    work(reviewed)
    assert found(reviewed, "giraffe") == ["keys"]
    assert actions(erin) == ["article.draft_saved", "article.draft_submitted"]
    assert actions(frank) == ["article.draft_published"]
    with workspace_scope(reviewed):
        told = [(one.action, one.note) for one in drafts.history(row(reviewed))]
    assert told == [("published", "fine"), ("submitted", "please look")]


def test_administrators_publish_without_a_review(reviewed: UUID) -> None:
    alice = admin(reviewed, "alice")
    editing.save(alice, "keys", Draft("Keys", "giraffe"), base=0)
    work(reviewed)
    assert found(reviewed, "giraffe") == ["keys"]


def test_a_draft_is_sent_back_with_a_note_and_sent_again(
    reviewed: UUID, erin: Member, frank: Member
) -> None:
    article_id = editing.save_draft(erin, "keys", Draft("Keys", "giraffe"), base=0).article.id
    drafts.submit(erin, article_id)
    before = everything(reviewed)
    with pytest.raises(KnowledgeError, match="Say what"):
        drafts.send_back(frank, article_id, note=" ", seen=1)
    assert everything(reviewed) == before
    for _ in range(2):
        drafts.send_back(frank, article_id, note="name the price", seen=1)
    assert row(reviewed).draft_state == "returned"
    assert actions(frank) == ["article.draft_returned"]
    editing.save_draft(erin, "keys", Draft("Keys", "giraffe, ten"), base=1)
    assert row(reviewed).draft_state == "draft"
    drafts.submit(erin, article_id)
    assert row(reviewed).draft_state == "review"


def test_what_was_not_seen_is_not_published(erin: Member, frank: Member) -> None:
    article_id = editing.save_draft(erin, "keys", Draft("Keys", "giraffe"), base=0).article.id
    editing.save_draft(erin, "keys", Draft("Keys", "zebra"), base=1)
    drafts.submit(erin, article_id)
    before = everything(erin.workspace_id)
    with pytest.raises(DraftChanged):
        drafts.publish(frank, article_id, seen=1)
    with pytest.raises(DraftChanged):
        drafts.send_back(frank, article_id, note="no", seen=1)
    with pytest.raises(EditConflict):
        editing.save_draft(frank, "keys", Draft("Keys", "lemur"), base=1)
    assert everything(erin.workspace_id) == before


def test_with_reviews_nobody_opens_a_published_article_alone(reviewed: UUID, erin: Member) -> None:
    alice = admin(reviewed, "alice")
    editing.save(alice, "keys", Draft("Keys", "giraffe", audience="internal"), base=0)
    before = everything(reviewed)
    with pytest.raises(KnowledgeError, match="administrator"):
        editing.save_draft(erin, "keys", Draft("Keys", "zebra", audience="public"), base=1)
    with pytest.raises(KnowledgeError, match="administrator"):
        editing.set_fact(erin, row(reviewed).id, "audience", "public")
    assert everything(reviewed) == before


def test_with_reviews_a_restored_text_is_a_draft(reviewed: UUID, erin: Member) -> None:
    alice = admin(reviewed, "alice")
    saved = editing.save(alice, "keys", Draft("Keys", "giraffe"), base=0)
    editing.save(alice, "keys", Draft("Keys", "zebra"), base=1)
    work(reviewed)
    for _ in range(2):
        editing.restore(erin, saved.article.id, 1)
    work(reviewed)
    assert found(reviewed, "zebra") == ["keys"] and found(reviewed, "giraffe") == []
    assert row(reviewed).draft_state == "draft"
    assert actions(erin) == ["article.restored"]


def test_a_discarded_draft_leaves_what_is_published(erin: Member) -> None:
    only = editing.save_draft(erin, "new", Draft("New", "lemur"), base=0).article.id
    with pytest.raises(KnowledgeError, match="Archive"):
        drafts.discard(erin, only)
    saved = editing.save(erin, "keys", Draft("Keys", "giraffe"), base=0)
    editing.save_draft(erin, "keys", Draft("Keys", "zebra"), base=1)
    drafts.discard(erin, saved.article.id)
    with pytest.raises(NotFound):
        drafts.discard(erin, saved.article.id)
    work(erin.workspace_id)
    assert found(erin.workspace_id, "giraffe") == ["keys"]
    assert row(erin.workspace_id).draft_revision is None


def test_the_draft_itself_is_published_by_saving_it_unchanged(erin: Member) -> None:
    editing.save_draft(erin, "keys", Draft("Keys", "giraffe"), base=0)
    saved = editing.save(erin, "keys", Draft("Keys", "giraffe"), base=1)
    work(erin.workspace_id)
    assert saved.revision.number == 1 and found(erin.workspace_id, "giraffe") == ["keys"]
    assert row(erin.workspace_id).draft_state == ""


def test_an_archived_draft_comes_back_as_a_draft(erin: Member) -> None:
    saved = editing.save_draft(erin, "keys", Draft("Keys", "giraffe"), base=0)
    editing.archive(erin, saved.article.id)
    assert row(erin.workspace_id).state == "archived"
    editing.bring_back(erin, saved.article.id)
    work(erin.workspace_id)
    assert row(erin.workspace_id).state == "draft"
    assert found(erin.workspace_id, "giraffe") == []


def test_strangers_reach_no_draft(erin: Member, charlies: UUID) -> None:
    charlie = admin(charlies, "charlie")
    saved = editing.save_draft(erin, "keys", Draft("Keys", "giraffe"), base=0)
    before = everything(erin.workspace_id)
    for change in (drafts.submit, drafts.discard):
        with pytest.raises(NotFound):
            change(charlie, saved.article.id)
    with pytest.raises(NotFound):
        drafts.publish(charlie, saved.article.id, seen=1)
    with pytest.raises(NotFound):
        drafts.send_back(charlie, saved.article.id, note="no", seen=1)
    assert everything(erin.workspace_id) == before
