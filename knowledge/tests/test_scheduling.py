"""Publishing and archiving at a moment: once, also after a restart, and never when cancelled."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.errors import NotAllowed, NotFound
from accounts.models import AuditEntry, Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from knowledge import drafts, editing, scheduling
from knowledge.articles import KnowledgeError
from knowledge.editing import Draft
from knowledge.tests.test_drafts import admin, everything, row
from knowledge.tests.test_editing import actions, editor
from knowledge.tests.test_importing import found
from knowledge.tests.worker import claimed, work, work_on
from outbox.models import JobState, OutboxJob
from outbox.registry import handler_of
from outbox.tasks import give_up

pytestmark = pytest.mark.usefixtures("fake_model")
SOON = timedelta(hours=2)


@pytest.fixture
def erin(alices: UUID) -> Member:
    return editor(alices, "erin")


@pytest.fixture
def draft_id(erin: Member) -> UUID:
    return editing.save_draft(erin, "keys", Draft("Keys", "giraffe"), base=0).article.id


def jobs(workspace_id: UUID) -> list[OutboxJob]:
    with workspace_scope(workspace_id):
        waiting = OutboxJob.objects.filter(kind=scheduling.KIND, state=JobState.READY)
        return list(waiting.order_by("id"))


def let_time_pass(workspace_id: UUID) -> list[UUID]:
    """All scheduled jobs are due, whatever their moment; their ids."""
    ids = [job.id for job in jobs(workspace_id)]
    with workspace_scope(workspace_id):
        OutboxJob.objects.filter(id__in=ids).update(available_at=timezone.now())
    return ids


def test_a_draft_is_published_once_at_its_moment(erin: Member, draft_id: UUID) -> None:
    workspace_id, at = erin.workspace_id, timezone.now() + SOON
    for _ in range(2):
        scheduling.schedule(erin, draft_id, "publish", at)
    (job,) = jobs(workspace_id)
    assert abs(job.available_at - at) < timedelta(seconds=1)
    assert found(workspace_id, "giraffe") == []
    (job_id,) = let_time_pass(workspace_id)
    work_on(workspace_id, job_id)
    work(workspace_id)
    assert found(workspace_id, "giraffe") == ["keys"] and row(workspace_id).publish_at is None
    assert actions(erin) == ["article.draft_saved", "article.publish_scheduled"]
    with workspace_scope(workspace_id):
        kept = AuditEntry.objects.get(action="article.publish_kept")
    assert (kept.actor_kind, kept.detail["scheduled_by"]) == ("system", str(erin.id))


def test_a_job_that_runs_again_after_a_restart_does_nothing_more(
    erin: Member, draft_id: UUID
) -> None:
    scheduling.schedule(erin, draft_id, "publish", timezone.now() + SOON)
    (job_id,) = let_time_pass(erin.workspace_id)
    work_on(erin.workspace_id, job_id)
    with workspace_scope(erin.workspace_id):  # as if the worker had died before it said so
        OutboxJob.objects.filter(id=job_id).update(state=JobState.READY, locked_until=None)
    work_on(erin.workspace_id, job_id)
    work(erin.workspace_id)
    with workspace_scope(erin.workspace_id):
        assert AuditEntry.objects.filter(action="article.publish_kept").count() == 1
        assert OutboxJob.objects.filter(kind="index_revision").count() == 1


def test_another_moment_or_none_makes_the_earlier_job_do_nothing(
    erin: Member, draft_id: UUID
) -> None:
    at = timezone.now() + SOON
    scheduling.schedule(erin, draft_id, "publish", at)
    scheduling.schedule(erin, draft_id, "publish", at + SOON)
    first, second = let_time_pass(erin.workspace_id)
    work_on(erin.workspace_id, first)
    assert row(erin.workspace_id).state == "draft"
    scheduling.schedule(erin, draft_id, "publish", None)
    work_on(erin.workspace_id, second)
    assert row(erin.workspace_id).state == "draft" and row(erin.workspace_id).publish_at is None
    assert actions(erin)[-1] == "article.publish_unscheduled"


def test_an_article_is_archived_at_its_moment_and_answers_no_more(erin: Member) -> None:
    workspace_id = erin.workspace_id
    article_id = editing.save(erin, "keys", Draft("Keys", "giraffe"), base=0).article.id
    work(workspace_id)
    scheduling.schedule(erin, article_id, "archive", timezone.now() + SOON)
    (job_id,) = let_time_pass(workspace_id)
    work_on(workspace_id, job_id)
    work(workspace_id)
    assert found(workspace_id, "giraffe") == []
    assert (row(workspace_id).state, row(workspace_id).archive_at) == ("archived", None)


def test_what_is_archived_by_hand_is_not_published_later(erin: Member, draft_id: UUID) -> None:
    scheduling.schedule(erin, draft_id, "publish", timezone.now() + SOON)
    editing.archive(erin, draft_id)
    let_time_pass(erin.workspace_id)
    work(erin.workspace_id)
    assert row(erin.workspace_id).state == "archived"
    assert found(erin.workspace_id, "giraffe") == []


def test_a_text_that_nobody_reviewed_is_not_published_in_place_of_the_scheduled_one(
    alices: UUID, erin: Member, draft_id: UUID
) -> None:
    change_settings(alices, actor="command", review_required=True)
    at = timezone.now() + SOON
    with pytest.raises(NotAllowed):
        scheduling.schedule(erin, draft_id, "publish", at)
    alice = admin(alices, "alice")
    scheduling.schedule(alice, draft_id, "publish", at)
    editing.save_draft(erin, "keys", Draft("Keys", "zebra"), base=1)
    assert row(alices).publish_at is None
    scheduling.schedule(alice, draft_id, "publish", at)
    editing.save_draft(alice, "keys", Draft("Keys", "lemur"), base=2)
    assert row(alices).publish_at == at  # she may publish what she wrote


def test_a_moment_that_cannot_be_kept_is_refused(erin: Member, draft_id: UUID) -> None:
    now = timezone.now()
    before = everything(erin.workspace_id)
    for at in (now - SOON, now + timedelta(days=4_000)):
        with pytest.raises(KnowledgeError, match="five years"):
            scheduling.schedule(erin, draft_id, "publish", at)
    assert everything(erin.workspace_id) == before
    scheduling.schedule(erin, draft_id, "archive", now + SOON)
    with pytest.raises(KnowledgeError, match="before it is archived"):
        scheduling.schedule(erin, draft_id, "publish", now + 2 * SOON)
    drafts.publish(erin, draft_id, seen=1)
    with pytest.raises(KnowledgeError, match="no draft"):
        scheduling.schedule(erin, draft_id, "publish", now + SOON / 2)
    editing.archive(erin, draft_id)
    with pytest.raises(KnowledgeError, match="is archived"):
        scheduling.schedule(erin, draft_id, "archive", now + SOON)


def test_the_clocks_are_those_of_the_workspace() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    summer = scheduling.moment(datetime(2027, 7, 1, 9, 0), berlin)
    assert summer == datetime(2027, 7, 1, 7, 0, tzinfo=UTC)
    assert scheduling.moment(datetime(2027, 1, 1, 9, 0), berlin).hour == 8
    with pytest.raises(KnowledgeError, match="skip"):  # the clocks go from 2:00 to 3:00
        scheduling.moment(datetime(2027, 3, 28, 2, 30), berlin)


def test_where_no_worker_can_keep_it_the_list_shows_no_schedule(
    erin: Member, draft_id: UUID
) -> None:
    scheduling.schedule(erin, draft_id, "publish", timezone.now() + SOON)
    (job_id,) = let_time_pass(erin.workspace_id)
    give_up(claimed(erin.workspace_id, job_id), handler_of(scheduling.KIND))
    assert row(erin.workspace_id).publish_at is None
    with workspace_scope(erin.workspace_id):
        assert AuditEntry.objects.filter(action="article.publish_failed").count() == 1


def test_strangers_schedule_nothing(erin: Member, draft_id: UUID, charlies: UUID) -> None:
    before = everything(erin.workspace_id)
    with pytest.raises(NotFound):
        scheduling.schedule(admin(charlies, "charlie"), draft_id, "publish", timezone.now() + SOON)
    assert everything(erin.workspace_id) == before
