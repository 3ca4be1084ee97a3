"""The weekly digest: what is counted, what is grouped, when it is made, and who is mailed once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPServerDisconnected

import numpy as np
import pytest
from django.core import mail
from django.core.mail import EmailMessage
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.members import change_role, remove_member
from accounts.models import AuditEntry, Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import handoff, intake
from chatbot.models import Conversation, Message, Receipt, Turn
from chatbot.sessions import VisitorSession, start_session
from knowledge.tests.conftest import FakeEmbedder
from learning import digests, erasing, grouping
from learning.digests import last_week, week_of
from learning.models import Digest, DigestGroup, DigestMail
from outbox import recurring, tasks
from outbox.models import OutboxJob
from tests.cast import Cast

MONDAY = date(2026, 11, 16)
WEDNESDAY = datetime(2026, 11, 18, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 8, tzinfo=UTC)  # the Monday after
Ask = Callable[..., Turn]


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch, fake_model: FakeEmbedder) -> None:
    """The test's transaction is around everything; a worker's connection has none."""
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> FakeEmbedder:
    from knowledge import embedding

    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    return fake


def visitor(cast: Cast, *, other: bool = False) -> VisitorSession:
    place = cast.other if other else cast.acme
    return start_session(place.workspace.id, place.widget_key, token=None, language="en")


def ask(visit: VisitorSession, text: str, *, at: datetime = WEDNESDAY, **receipt: object) -> Turn:
    """A question of a visitor's own conversation, and what a tier decided about it."""
    where = (visit.workspace_id, visit.conversation_id, visit.contact_id)
    posted = intake.post_visitor_message(*where, client_id=text[:60], text=text)
    with workspace_scope(visit.workspace_id):
        Conversation.objects.filter(id=visit.conversation_id).update(last_message_at=at)
        turn = Turn.objects.get(messages__id=posted.message_id)
        Turn.objects.filter(id=turn.id).update(opened_at=at)
        if receipt:
            said = None
            if receipt["decision"] == "answer":
                said = Message.objects.create(
                    workspace_id=visit.workspace_id, conversation_id=visit.conversation_id,
                    turn=turn, author="bot", text="So.", slot="answer",
                )  # fmt: skip
            Receipt.objects.create(
                workspace_id=visit.workspace_id, turn=turn, turn_revision=1, message=said,
                confidence=0.5, **({"tier": 1} | receipt),
            )  # fmt: skip
        turn.refresh_from_db()
    return turn


def run_all(cast: Cast, kind: str) -> int:
    count = 0
    while count < 20:
        with workspace_scope(cast.workspace.id):
            job = OutboxJob.objects.filter(kind=kind, state="ready").first()
            if job:
                OutboxJob.objects.filter(id=job.id).update(available_at=job.created_at)
        if job is None:
            return count
        tasks.run_job(str(cast.workspace.id), str(job.id))
        count += 1
    return count


def made(cast: Cast, now: datetime = DUE) -> Digest | None:
    """As scheduler and worker make it."""
    recurring.enqueue_due(now)
    run_all(cast, "make_digest")
    with workspace_scope(cast.workspace.id):
        return Digest.objects.filter(week=last_week(now, digests.time_zone())).first()


def rows(cast: Cast) -> list[DigestGroup]:
    found = digests.digest_of(cast.workspace.id, None)
    assert found
    return found[1]


def test_questions_of_like_meaning_are_counted_together_in_a_visitors_words(cast: Cast) -> None:
    for text in ("Where is my parcel?", "where is the parcel", "Where are my parcels now?"):
        ask(visitor(cast), text, decision="answer")
    ask(visitor(cast), "Do you sell anvils?", decision="escalate")
    digest = made(cast)
    assert digest
    assert (digest.week, digest.questions, digest.by_bot, digest.by_nobody) == (MONDAY, 4, 3, 1)
    first, second = rows(cast)
    assert (first.count, first.by_bot) == (3, 3)
    assert first.question in {"Where is my parcel?", "where is the parcel"}
    assert (second.question, second.count, second.by_nobody) == ("Do you sell anvils?", 1, 1)


def test_who_answered_is_told_apart(cast: Cast) -> None:
    ask(visitor(cast), "alpha", decision="answer")
    ask(visitor(cast), "beta", decision="answer", tier=2)
    waited, met = visitor(cast), visitor(cast)
    for visit in (waited, met):
        ask(visit, f"gamma {visit.contact_id}", at=WEDNESDAY, decision="escalate")
        with workspace_scope(visit.workspace_id):
            handoff.request(
                Conversation.objects.get(id=visit.conversation_id), reason="low_confidence"
            )
            Conversation.objects.update(last_message_at=WEDNESDAY)
    handoff.claim(cast.bob, met.conversation_id)
    digest = made(cast)
    assert digest
    assert (digest.by_bot, digest.by_model, digest.by_people, digest.by_nobody) == (1, 1, 1, 1)


def test_small_talk_and_wishes_for_a_person_are_no_questions(cast: Cast) -> None:
    ask(visitor(cast), "Hello", decision="smalltalk", tier=0)
    ask(visitor(cast), "A person please", decision="handoff", reason="asked_for_person")
    assert made(cast) is None
    ask(visitor(cast), "This is a disgrace", decision="handoff", reason="complaint")
    with workspace_scope(cast.workspace.id):
        OutboxJob.objects.filter(kind="make_digest").delete()
    digest = made(cast)
    assert digest and digest.questions == 1


def test_what_was_not_asked_the_week_before_is_new(cast: Cast) -> None:
    ask(visitor(cast), "Where is my parcel?", at=WEDNESDAY - timedelta(days=7))
    made(cast, DUE - timedelta(days=7))
    ask(visitor(cast), "where is the parcel")
    ask(visitor(cast), "Do you sell anvils?")
    made(cast)
    assert {row.question: row.is_new for row in rows(cast)} == {
        "where is the parcel": False,
        "Do you sell anvils?": True,
    }


def test_a_week_is_the_workspaces_own(cast: Cast) -> None:
    change_settings(cast.workspace.id, actor=cast.alice, time_zone="Pacific/Auckland")  # UTC+13
    ask(visitor(cast), "sunday noon", at=datetime(2026, 11, 15, 12, tzinfo=UTC))  # Monday there
    ask(visitor(cast), "sunday eleven", at=datetime(2026, 11, 15, 10, 59, tzinfo=UTC))
    ask(visitor(cast), "next sunday noon", at=datetime(2026, 11, 22, 12, tzinfo=UTC))
    digest = made(cast, datetime(2026, 11, 22, 20, tzinfo=UTC))
    assert digest and digest.week == MONDAY
    assert [row.question for row in rows(cast)] == ["sunday noon"]


def test_a_digest_is_made_once(cast: Cast) -> None:
    ask(visitor(cast), "Where is my parcel?")
    for hours in (0, 1, 50):
        assert made(cast, DUE + timedelta(hours=hours))
    with workspace_scope(cast.workspace.id):
        assert OutboxJob.objects.filter(kind="make_digest").count() == 1
        assert Digest.objects.count() == 1


def test_nothing_of_another_workspace_is_in_it(cast: Cast) -> None:
    ask(visitor(cast, other=True), "Their secret")
    ask(visitor(cast), "Where is my parcel?")
    made(cast)
    assert [row.question for row in rows(cast)] == ["Where is my parcel?"]
    assert digests.digest_of(cast.other.workspace.id, None) is None


def test_an_erased_visitors_words_leave_the_digest_and_the_count_stays(cast: Cast) -> None:
    visit = visitor(cast)
    ask(visit, "I am Vera Smith, where is my parcel?")
    made(cast)
    erasing.erase_visitor(cast.workspace.id, visit.contact_id, actor=cast.alice)
    (row,) = rows(cast)
    assert (row.question, row.count) == ("", 1)


def mailed(cast: Cast) -> Digest:
    ask(visitor(cast), "Where is my parcel? I am vera@example.org", decision="answer")
    digest = made(cast)
    assert digest
    return digest


def test_a_subscriber_is_mailed_once(cast: Cast) -> None:
    for _ in range(2):
        digests.subscribe(cast.alice, wanted=True)
    mailed(cast)
    assert run_all(cast, "mail_digest") == 1
    (message,) = mail.outbox
    assert message.to == ["alice@example.com"]
    assert message.subject == "What visitors of Acme asked, week of Nov. 16, 2026"
    assert "1 question. Answered by the bot: 1" in message.body
    assert "Where is my parcel?" in message.body and "vera@example.org" not in message.body
    assert "/console/acme/digest/2026-11-16/" in message.body
    with workspace_scope(cast.workspace.id):
        OutboxJob.objects.filter(kind="mail_digest").update(state="ready")
        assert AuditEntry.objects.filter(action="digest.subscribed").count() == 1
    run_all(cast, "mail_digest")
    assert len(mail.outbox) == 1


def test_a_refusal_is_tried_again_and_a_death_while_sending_is_not(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests.subscribe(cast.alice, wanted=True)
    mailed(cast)
    tries: list[str] = []
    real = EmailMessage.send

    def first_refused(message: EmailMessage, fail_silently: bool = False) -> int:
        tries.append(str(message.subject))
        if len(tries) == 1:
            raise SMTPServerDisconnected
        return int(real(message, fail_silently))

    monkeypatch.setattr(EmailMessage, "send", first_refused)
    run_all(cast, "mail_digest")
    assert (len(tries), len(mail.outbox)) == (2, 1)
    with workspace_scope(cast.workspace.id):
        DigestMail.objects.update(sent_at=None)  # as if the worker had died after the mail
        OutboxJob.objects.filter(kind="mail_digest").update(state="ready")
    run_all(cast, "mail_digest")
    assert len(tries) == 2


def unsubscribes(member: Member) -> None:
    digests.subscribe(member, wanted=False)


def leaves(member: Member) -> None:
    remove_member(member.workspace_id, member.id, actor="command")


def becomes_agent(member: Member) -> None:
    change_role(member.workspace_id, member.id, role="agent", actor="command")


@pytest.mark.parametrize("change", [unsubscribes, leaves, becomes_agent])
def test_who_may_not_or_will_not_read_it_any_more_gets_no_mail(
    cast: Cast, change: Callable[[Member], None]
) -> None:
    digests.subscribe(cast.alice, wanted=True)
    mailed(cast)
    change(cast.alice)
    run_all(cast, "mail_digest")
    assert mail.outbox == []


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
       st.sampled_from(["UTC", "Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin"]))  # fmt: skip
def test_the_week_that_is_due_has_ended_at_most_a_week_ago(now: datetime, zone: str) -> None:
    week = week_of(last_week(now, zone), zone)
    assert week.monday.weekday() == 0
    assert week.end <= now < week.end + timedelta(days=7, hours=8)


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(0, 1_000))
def test_each_question_is_in_one_group_led_by_a_near_one(number: int, seed: int) -> None:
    source = np.random.default_rng(seed)
    vectors = source.normal(size=(number, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    weights = source.integers(1, 5, size=number)
    found = grouping.groups(vectors, weights)
    assert sorted(row for rows in found for row in rows) == list(range(number))
    sizes = [int(weights[rows].sum()) for rows in found]
    assert sizes == sorted(sizes, reverse=True)
    for group in found:
        closeness = vectors[group] @ vectors[group].T
        assert (closeness.min(axis=1) >= 2 * grouping.NEAR**2 - 1 - 1e-3).all()


def test_an_example_by_hand() -> None:
    """Three near one another, the middle one leads; one far away."""
    angles = np.deg2rad([0, 20, 40, 120])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = grouping.groups(vectors, np.array([1, 1, 1, 2]), near=0.9)
    assert [(rows[0], sorted(rows)) for rows in found] == [(1, [0, 1, 2]), (3, [3])]
