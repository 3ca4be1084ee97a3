"""Many articles at once: the chosen ones, with the author's own rights, step by step."""

from uuid import UUID

import pytest

from accounts.errors import NotFound
from accounts.models import Member, Role
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from knowledge import bulk, editing
from knowledge.articles import KnowledgeError
from knowledge.editing import Draft
from knowledge.listing import Chosen
from knowledge.models import Article, BulkChange, BulkState
from knowledge.tests.test_drafts import admin, everything
from knowledge.tests.test_editing import actions, editor
from knowledge.tests.test_importing import found
from knowledge.tests.test_tags import of, tagged
from knowledge.tests.worker import claimed, work, work_on
from outbox.models import JobState, OutboxJob
from outbox.registry import handler_of
from outbox.tasks import give_up

pytestmark = pytest.mark.usefixtures("fake_model")


@pytest.fixture
def erin(alices: UUID) -> Member:
    return editor(alices, "erin")


def written(author: Member, count: int) -> list[UUID]:
    drafts = [Draft(f"keys {i}", f"giraffe number{i}") for i in range(count)]
    return [
        editing.save_draft(author, f"a{i:03}", draft, base=0).article.id
        for i, draft in enumerate(drafts)
    ]


def states(workspace_id: UUID) -> list[str]:
    with workspace_scope(workspace_id):
        return list(Article.objects.order_by("external_id").values_list("state", flat=True))


def again(change: BulkChange) -> BulkChange:
    return bulk.one(change.workspace_id, change.id)


def steps(workspace_id: UUID) -> list[UUID]:
    with workspace_scope(workspace_id):
        rows = OutboxJob.objects.filter(kind=bulk.KIND, state=JobState.READY)
        return list(rows.values_list("id", flat=True))


def test_the_checked_articles_are_changed_and_no_others(erin: Member) -> None:
    ids = written(erin, 3)
    for action, value in (("tag", "Billing "), ("audience", "internal"), ("language", "de")):
        change = bulk.start(erin, action, value, ids=ids[:2], chosen=Chosen())
        assert (change.state, change.total, change.changed) == (BulkState.DONE, 2, 2)
    with workspace_scope(erin.workspace_id):
        rows = list(Article.objects.order_by("external_id").values_list("audience", "lang"))
    assert rows == [("internal", "de"), ("internal", "de"), ("public", "en")]
    assert tagged(erin.workspace_id, "billing") == {"a000", "a001"}
    change = bulk.start(erin, "tag", "billing", ids=ids, chosen=Chosen())
    assert (change.changed, change.skipped) == (1, 2)
    bulk.start(erin, "untag", "billing", ids=ids[:1], chosen=Chosen())
    assert of(erin.workspace_id, "a000") == []


def test_publish_and_archive(erin: Member) -> None:
    ids = written(erin, 2)
    bulk.start(erin, "publish", "", ids=ids, chosen=Chosen())
    work(erin.workspace_id)
    assert states(erin.workspace_id) == ["published"] * 2
    assert found(erin.workspace_id, "giraffe") != []
    change = bulk.start(erin, "archive", "", ids=None, chosen=Chosen(text="keys"))
    assert change.changed == 2 and found(erin.workspace_id, "giraffe") == []
    assert bulk.start(erin, "archive", "", ids=ids, chosen=Chosen()).skipped == 2
    assert bulk.start(erin, "publish", "", ids=ids, chosen=Chosen()).changed == 0
    assert actions(erin).count("article.archived") == 2


def test_many_go_on_in_the_background_in_steps(
    erin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "STEP", 2)
    written(erin, 5)
    change = bulk.start(erin, "tag", "x", ids=None, chosen=Chosen(state="draft"))
    assert change.state == BulkState.WAITING and tagged(erin.workspace_id, "x") == set()
    editing.save_draft(erin, "later", Draft("Later", "not chosen"), base=0)
    seen = []
    while steps(erin.workspace_id):
        (job_id,) = steps(erin.workspace_id)
        work_on(erin.workspace_id, job_id)
        seen.append((again(change).seen, again(change).total))
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert again(change).state == BulkState.DONE
    assert len(tagged(erin.workspace_id, "x")) == 5
    assert bulk.living(erin.workspace_id) == []


def test_a_step_that_dies_is_done_again_and_nothing_twice(
    erin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "STEP", 3)
    written(erin, 4)
    change = bulk.start(erin, "tag", "x", ids=None, chosen=Chosen())
    (job_id,) = steps(erin.workspace_id)

    def dies(_bulk: BulkChange) -> None:
        raise OSError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "_ask", dies)
        with pytest.raises(OSError, match="gone"):
            work_on(erin.workspace_id, job_id)
    assert again(change).seen == 0 and tagged(erin.workspace_id, "x") == set()
    with workspace_scope(erin.workspace_id):
        OutboxJob.objects.filter(id=job_id).update(locked_until=None)
    while steps(erin.workspace_id):
        work_on(erin.workspace_id, steps(erin.workspace_id)[0])
    assert (again(change).seen, again(change).changed) == (4, 4)


def test_a_change_is_stopped(erin: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    written(erin, 3)
    change = bulk.start(erin, "archive", "", ids=None, chosen=Chosen())
    assert [one.id for one in bulk.living(erin.workspace_id)] == [change.id]
    for _ in range(2):
        bulk.stop(erin, change.id)
    work(erin.workspace_id)
    assert states(erin.workspace_id) == ["draft"] * 3 and again(change).state == "stopped"


def test_an_author_who_may_no_longer_edit_changes_nothing_more(
    erin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    written(erin, 3)
    change = bulk.start(erin, "archive", "", ids=None, chosen=Chosen())
    with workspace_scope(erin.workspace_id):
        Member.objects.filter(id=erin.id).update(role=Role.ANALYST)
    work(erin.workspace_id)
    assert states(erin.workspace_id) == ["draft"] * 3 and again(change).state == "failed"


def test_no_review_is_passed_by(alices: UUID, erin: Member) -> None:
    ids = written(erin, 1)
    change_settings(alices, actor="command", review_required=True)
    change = bulk.start(erin, "publish", "", ids=ids, chosen=Chosen())
    assert states(alices) == ["draft"] and change.skipped == 1
    assert change.problems == ["keys 0: somebody else has to publish it"]
    alice = admin(alices, "alice")
    bulk.start(alice, "publish", "", ids=ids, chosen=Chosen())
    change = bulk.start(erin, "audience", "internal", ids=ids, chosen=Chosen())
    assert "administrator" in change.problems[0]


@pytest.mark.parametrize(
    ("action", "value"),
    [("explode", ""), ("tag", " "), ("tag", "a,b"), ("audience", "all"), ("language", "english!")],
)
def test_what_makes_no_sense_is_refused(erin: Member, action: str, value: str) -> None:
    ids = written(erin, 1)
    before = everything(erin.workspace_id)
    with pytest.raises(KnowledgeError):
        bulk.start(erin, action, value, ids=ids, chosen=Chosen())
    assert everything(erin.workspace_id) == before


def test_where_no_worker_can_do_it_it_has_failed(
    erin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    written(erin, 2)
    change = bulk.start(erin, "archive", "", ids=None, chosen=Chosen())
    (job_id,) = steps(erin.workspace_id)
    give_up(claimed(erin.workspace_id, job_id), handler_of(bulk.KIND))
    assert again(change).state == "failed" and again(change).problems


def test_strangers_neither_choose_nor_stop(erin: Member, charlies: UUID) -> None:
    charlie = admin(charlies, "charlie")
    ids = written(erin, 2)
    change = bulk.start(erin, "tag", "x", ids=ids, chosen=Chosen())
    before = everything(erin.workspace_id)
    assert bulk.start(charlie, "archive", "", ids=ids, chosen=Chosen()).seen == 0
    assert bulk.start(charlie, "archive", "", ids=None, chosen=Chosen()).seen == 0
    assert bulk.count_of(charlies, ids, Chosen()).number == 0
    for reach in (lambda: bulk.stop(charlie, change.id), lambda: bulk.one(charlies, change.id)):
        with pytest.raises(NotFound):
            reach()
    assert everything(erin.workspace_id) == before
