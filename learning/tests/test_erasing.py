"""Conversations go by age or on request, with all that hangs on them; counts and logs stay."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db.models import F
from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import AuditEntry, WorkspaceSettings
from accounts.scope import workspace_scope
from accounts.tests.rows import row_in
from accounts.workspaces import change_settings
from chatbot import erasing as rows
from chatbot import intake
from chatbot.escalation.budget import allowance
from chatbot.models import (
    Contact,
    Conversation,
    EgressEntry,
    ErasedDay,
    Escalation,
    Event,
    Message,
    Receipt,
    Turn,
)
from chatbot.sessions import VisitorSession, start_session
from learning import erasing, schedules
from learning.models import Audit, ModelVersion, TrainingRow
from outbox import recurring, tasks
from outbox.models import OutboxJob
from outbox.queue import enqueue
from tests.cast import Cast


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's transaction is around everything; a worker's connection has none."""
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)


def says(cast: Cast, visit: VisitorSession, text: str) -> None:
    where = (visit.workspace_id, visit.conversation_id, visit.contact_id)
    intake.post_visitor_message(*where, client_id=text, text=text)


def answered(cast: Cast, visit: VisitorSession) -> None:
    """A question with everything that can hang on it."""
    says(cast, visit, "Where is my parcel?")
    with workspace_scope(visit.workspace_id):
        turn = Turn.objects.get(conversation_id=visit.conversation_id)
        said = Message.objects.create(
            workspace_id=visit.workspace_id, conversation_id=visit.conversation_id, turn=turn,
            author="bot", text="Here.", slot="answer",
        )  # fmt: skip
        receipt = Receipt.objects.create(
            workspace_id=visit.workspace_id, turn=turn, turn_revision=1, tier=1, message=said,
            decision="answer", confidence=0.9,
        )  # fmt: skip
        escalation = Escalation.objects.create(
            workspace_id=visit.workspace_id, turn=turn, turn_revision=1, reason="x", cost_usd=1.5
        )
        EgressEntry.objects.create(
            workspace_id=visit.workspace_id, escalation=escalation, destination="d", purpose="p",
            redacted_text="Where is my parcel?",
        )  # fmt: skip
        Audit.objects.create(
            workspace_id=visit.workspace_id, turn=turn, turn_revision=1, receipt=receipt,
            question="Where is my parcel?", text="Here.", confidence=0.9, models_version="m",
            answered=True, share=1.0,
        )  # fmt: skip


def age(cast: Cast, conversation_id: UUID, days: int) -> None:
    ago = timezone.now() - timedelta(days=days)
    with workspace_scope(cast.workspace.id):
        Conversation.objects.filter(id=conversation_id).update(last_message_at=ago)


def trained_on(cast: Cast, conversation_id: UUID) -> ModelVersion:
    with workspace_scope(cast.workspace.id):
        version = ModelVersion.objects.create(workspace=cast.workspace, number=1)
        TrainingRow.objects.create(
            workspace=cast.workspace, version=version, source_kind="turn", source_id=uuid4(),
            sha256="x", conversation_id=conversation_id,
        )  # fmt: skip
    return version


def run_jobs(cast: Cast) -> int:
    """Every job of erasing that waits; how many there were."""
    count = 0
    while True:
        with workspace_scope(cast.workspace.id):
            job = OutboxJob.objects.filter(kind="erase_old", state="ready").first()
        if job is None:
            return count
        tasks.run_job(str(cast.workspace.id), str(job.id))
        count += 1


def ask_for_it(cast: Cast) -> None:
    with workspace_scope(cast.workspace.id):
        enqueue("erase_old", workspace_id=cast.workspace.id, payload={}, queue="knowledge")


def left(cast: Cast, visit: VisitorSession) -> dict[str, int]:
    """Rows of chatbot and learning that still name the conversation or what belongs to it."""
    with workspace_scope(visit.workspace_id):
        of = {"conversation_id": visit.conversation_id}
        of_turn = {"turn__conversation_id": visit.conversation_id}
        return {
            "conversation": Conversation.objects.filter(id=visit.conversation_id).count(),
            "events": Event.objects.filter(**of).count(),
            "messages": Message.objects.filter(**of).count(),
            "turns": Turn.objects.filter(**of).count(),
            "receipts": Receipt.objects.filter(**of_turn).count(),
            "escalations": Escalation.objects.filter(**of_turn).count(),
            "audits": Audit.objects.filter(**of_turn).count(),
            "contact": Contact.objects.filter(id=visit.contact_id).count(),
        }


def test_what_is_too_old_goes_with_all_that_hangs_on_it(cast: Cast) -> None:
    answered(cast, cast.vera)
    version = trained_on(cast, cast.conversation_id)
    fresh = start_session(cast.workspace.id, cast.acme.widget_key, token=None, language="en")
    answered(cast, fresh)
    age(cast, cast.conversation_id, 31)
    age(cast, fresh.conversation_id, 29)
    change_settings(cast.workspace.id, actor=cast.alice, retention_days=30)
    ask_for_it(cast)
    assert run_jobs(cast) == 1
    assert set(left(cast, cast.vera).values()) == {0}
    assert all(left(cast, fresh).values())
    with workspace_scope(cast.workspace.id):
        assert ModelVersion.objects.get(id=version.id).tainted_at is not None
        lines = list(EgressEntry.objects.order_by("created_at"))
        assert [line.redacted_text for line in lines] == ["", "Where is my parcel?"]
        assert lines[0].destination == "d" and lines[0].escalation_id is None
        assert AuditEntry.objects.filter(action="conversations.erased").count() == 1
        row = ErasedDay.objects.get(day=timezone.now().date())
    counts = (row.conversations, row.messages, row.answered_1, row.escalations, row.cost_usd)
    assert counts == (1, 2, 1, 1, 1.5)


def test_money_spent_stays_spent(cast: Cast) -> None:
    answered(cast, cast.vera)
    with workspace_scope(cast.workspace.id):
        before = allowance(cast.workspace.id).left_usd
    erasing.erase_visitor(cast.workspace.id, cast.vera.contact_id, actor=cast.alice)
    with workspace_scope(cast.workspace.id):
        assert allowance(cast.workspace.id).left_usd == before


def test_everything_is_kept_unless_a_limit_is_set(cast: Cast) -> None:
    answered(cast, cast.vera)
    age(cast, cast.conversation_id, 10_000)
    ask_for_it(cast)
    run_jobs(cast)
    assert all(left(cast, cast.vera).values())


def test_many_go_in_steps_and_twice_is_harmless(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "STEP", 2)
    for _ in range(4):
        visit = start_session(cast.workspace.id, cast.acme.widget_key, token=None, language="en")
        says(cast, visit, "Hi")
    with workspace_scope(cast.workspace.id):
        Conversation.objects.update(last_message_at=F("created_at") - timedelta(days=9))
    change_settings(cast.workspace.id, actor=cast.alice, retention_days=3)
    ask_for_it(cast)
    assert run_jobs(cast) == 3  # 2, 2, and the last one
    with workspace_scope(cast.workspace.id):
        assert not Conversation.objects.exists()
    ask_for_it(cast)
    assert run_jobs(cast) == 1


def test_another_workspaces_conversations_stay(cast: Cast) -> None:
    theirs = start_session(
        cast.other.workspace.id, cast.other.widget_key, token=None, language="en"
    )
    answered(cast, theirs)
    with workspace_scope(theirs.workspace_id):
        Conversation.objects.update(last_message_at=timezone.now() - timedelta(days=99))
    change_settings(cast.workspace.id, actor=cast.alice, retention_days=1)
    ask_for_it(cast)
    run_jobs(cast)
    for attempt in (theirs.contact_id, uuid4()):
        with pytest.raises(NotFound):
            erasing.erase_visitor(cast.workspace.id, attempt, actor=cast.alice)
    with workspace_scope(cast.workspace.id):  # not even by id
        rows.erase([theirs.conversation_id])
    assert all(left(cast, theirs).values())


def test_a_visitor_is_found_by_conversation_reference_or_address(cast: Cast) -> None:
    with workspace_scope(cast.workspace.id):
        Contact.objects.filter(id=cast.vera.contact_id).update(
            external_id="user-7", email="vera@example.org", name="Vera"
        )
    for words in (str(cast.conversation_id), "user-7", " VERA@example.org "):
        found = erasing.find_visitor(cast.workspace.id, words)
        assert (found.contact_id, found.conversations) == (cast.vera.contact_id, 1)
    for words in ("", "user", "user-7\0", str(uuid4())):
        with pytest.raises(NotFound):
            erasing.find_visitor(cast.workspace.id, words)
    with pytest.raises(NotFound):
        erasing.find_visitor(cast.other.workspace.id, "user-7")


def test_no_table_that_hangs_on_a_conversation_stops_it(cast: Cast) -> None:
    """One row of every model, found in Django's registry: a new one is included by being there."""
    for label in ("chatbot", "learning"):
        for model in apps.get_app_config(label).get_models():
            row_in(cast.workspace.id, model)
    with workspace_scope(cast.workspace.id):
        ids = list(Conversation.objects.values_list("contact_id", flat=True))
    for contact_id in set(ids):
        erasing.erase_visitor(cast.workspace.id, contact_id, actor=cast.alice)
    with workspace_scope(cast.workspace.id):
        assert not Conversation.objects.exists() and not Event.objects.exists()


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type, misc]  # year to hour


def test_the_scheduler_asks_for_it_once_each_night_of_the_workspace(cast: Cast) -> None:
    def due(when: datetime) -> str | None:
        return schedules.night_to_erase(cast.workspace.id, when)

    with workspace_scope(cast.workspace.id):
        assert due(at(2026, 11, 24, 3)) is None
    change_settings(cast.workspace.id, actor=cast.alice, retention_days=30, time_zone="Asia/Tokyo")
    with workspace_scope(cast.workspace.id):
        assert due(at(2026, 11, 24, 3)) is None  # noon
        assert due(at(2026, 11, 24, 18)) == "night:2026-11-25"
    for hour in (17, 18, 18, 19):
        recurring.enqueue_due(at(2026, 11, 24, hour))
    with workspace_scope(cast.workspace.id):
        assert OutboxJob.objects.filter(kind="erase_old").count() == 1
    recurring.enqueue_due(at(2026, 11, 25, 18))
    with workspace_scope(cast.workspace.id):
        assert OutboxJob.objects.filter(kind="erase_old").count() == 2


def test_trouble_in_one_workspace_leaves_the_others_alone(cast: Cast) -> None:
    change_settings(cast.workspace.id, actor=cast.alice, retention_days=30)
    with workspace_scope(cast.other.workspace.id):
        WorkspaceSettings.objects.update(time_zone="Gone/Zone", retention_days=1)
    recurring.enqueue_due(at(2026, 11, 24, 3))
    with workspace_scope(cast.workspace.id):
        assert OutboxJob.objects.filter(kind="erase_old").count() == 1
