"""Consent before an outside large model is asked: once, by button or in words; nothing before.

The large model is a server of our own, which counts what reaches it.
"""

from datetime import timedelta

import pytest
from django.db.models import F

from accounts.errors import NotFound
from accounts.models import AuditEntry, Member, Role, Workspace
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings, settings_of
from chatbot import handoff, intake
from chatbot.answering import pipeline
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.errors import Conflict
from chatbot.escalation import consent
from chatbot.models import Consent, Conversation, Message, Owner, TurnState
from chatbot.tests.conftest import Visit, new_member, new_visit
from chatbot.tests.escalating import DECISION, QUESTION, Escalated
from chatbot.tests.publishing import published
from chatbot.tests.rest import server_of
from chatbot.tests.sockets import visitor_socket
from chatbot.tests.test_tasks import deliver, jobs
from console.provisioning import create_workspace
from outbox.models import JobState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(acme: Workspace) -> Member:
    return new_member(acme, "Alice", Role.ADMIN)


@pytest.fixture
def asking(escalated: Escalated, admin: Member, monkeypatch: pytest.MonkeyPatch) -> Escalated:
    """Acme wants consent, and tier 1 is never sure."""
    change_settings(admin.workspace_id, actor=admin, consent_required=True, audit_share=0.0)
    published(admin.workspace_id, DECISION.evidence)
    monkeypatch.setattr(pipeline, "answer", lambda request: DECISION)
    return escalated


def answered(visit: Visit) -> None:
    """What the answers worker has to do is done."""
    for job in jobs(visit, JobState.READY):
        if job.kind == "answer_turn":
            deliver(visit, job)


def asks(visit: Visit, text: str = QUESTION) -> Message:
    visit.says(text, client_id=text[:40])
    answered(visit)
    with workspace_scope(visit.workspace_id):
        return Message.objects.filter(author="bot").latest("created_at")


def choose(visit: Visit, question: Message, option: int, client_id: str = "c") -> intake.Posted:
    choice = intake.Choice(question.id, option)
    return intake.choose_option(*visit.where, client_id=client_id, choice=choice)


def given(visit: Visit) -> list[bool]:
    with workspace_scope(visit.workspace_id):
        rows = Consent.objects.filter(contact_id=visit.contact_id).order_by("given_at")
        assert all(row.given_at for row in rows)
        return [row.granted for row in rows]


def nothing_left(asking: Escalated) -> bool:
    """The machine, that is."""
    kinds = [job.kind for job in jobs(asking.visit)]
    return asking.server.requests == [] == asking.egress() and "escalate" not in kinds


def test_the_visitor_is_asked_and_nothing_leaves(asking: Escalated) -> None:
    question = asks(asking.visit)
    assert question.slot == "consent" and "May I ask an outside AI service?" in question.text
    labels = [row["label"] for row in asking.visit.events(visitor=True)[-1].payload["options"]]
    assert labels == ["Yes, ask it", "No, pass me to a person"]
    assert asking.turn().state == TurnState.CONSENT
    assert asking.visit.now().owner == Owner.BOT
    assert nothing_left(asking) and given(asking.visit) == []


def test_with_consent_the_question_goes_and_is_not_asked_for_again(asking: Escalated) -> None:
    question = asks(asking.visit)
    choose(asking.visit, question, 1)
    assert given(asking.visit) == [True]
    assert nothing_left(asking)
    answered(asking.visit)
    asking.works()
    (request,) = asking.server.requests
    sent = str(request)
    assert "Within how many days" in sent and "Yes, ask it" not in sent
    assert "May I ask an outside" not in sent
    assert [reply.slot for reply in asking.replies()] == ["consent", "answer"]
    asks(asking.visit, "How many EUR are shipping costs?")
    assert [job.kind for job in jobs(asking.visit, JobState.READY)] == ["escalate"]
    assert given(asking.visit) == [True]


def test_a_refusal_leads_to_people_and_holds(asking: Escalated) -> None:
    question = asks(asking.visit)
    choose(asking.visit, question, 2)
    answered(asking.visit)
    assert given(asking.visit) == [False]
    assert asking.visit.now().owner == Owner.QUEUE and asking.handoffs() == ["no_consent"]
    assert asking.visit.events(visitor=True)[-1].payload["text"].startswith("Nothing was sent.")
    intake.cancel_wait(*asking.visit.where)
    asks(asking.visit, "And shipping?")
    assert asking.handoffs() == ["no_consent", "no_consent"]
    assert nothing_left(asking)


def test_a_refusal_without_people_is_told_so(asking: Escalated, admin: Member) -> None:
    change_settings(admin.workspace_id, actor=admin, people_allowed=False)
    question = asks(asking.visit)
    assert question.options[1]["label"] == "No, send nothing"
    choose(asking.visit, question, 2)
    answered(asking.visit)
    assert asking.replies()[-1].text.startswith("Nothing was sent. This chat has automatic")
    assert nothing_left(asking) and asking.turn().state == TurnState.UNANSWERED


@pytest.mark.parametrize(
    ("words", "granted"),
    [("Yes", True), ("1", True), (" yes,  ask IT. ", True), ("no", False), ("2", False)],
)
def test_it_can_be_answered_in_words(asking: Escalated, words: str, granted: bool) -> None:
    asks(asking.visit)
    first = asking.visit.says(words)
    assert given(asking.visit) == [granted]
    again = asking.visit.says(words)
    assert (again.message_id, again.created) == (first.message_id, False)
    assert given(asking.visit) == [granted]


def test_other_words_are_a_new_question_and_no_consent(asking: Escalated) -> None:
    question = asks(asking.visit)
    asks(asking.visit, "Never mind, how many EUR is shipping?")
    assert given(asking.visit) == [] and asking.handoffs() == ["no_consent"]
    assert nothing_left(asking)
    with pytest.raises(Conflict):
        choose(asking.visit, question, 1)
    assert given(asking.visit) == []


def test_a_question_that_was_left_open_is_asked_again_after_a_day(asking: Escalated) -> None:
    asks(asking.visit)
    with workspace_scope(asking.visit.workspace_id):
        Message.objects.update(created_at=F("created_at") - timedelta(hours=25))
    assert asks(asking.visit, "How many EUR is shipping?").slot == "consent"


def test_a_choice_is_made_once(asking: Escalated) -> None:
    question = asks(asking.visit)
    first = choose(asking.visit, question, 1)
    assert choose(asking.visit, question, 1).message_id == first.message_id
    with pytest.raises(Conflict):
        choose(asking.visit, question, 2, client_id="other")
    assert given(asking.visit) == [True]


def test_strangers_consent_to_nothing(asking: Escalated, other: Workspace) -> None:
    question = asks(asking.visit)
    for stranger in (new_visit(asking.visit.workspace_id), new_visit(other.id)):
        mixed = Visit(stranger.workspace_id, asking.visit.conversation_id, stranger.contact_id)
        for visit in (stranger, mixed):
            with pytest.raises(NotFound):
                choose(visit, question, 1)
    assert given(asking.visit) == [] and asking.turn().state == TurnState.CONSENT


def test_an_agent_who_took_over_is_not_spoken_over(asking: Escalated, admin: Member) -> None:
    question = asks(asking.visit)
    handoff.take_over(admin, asking.visit.conversation_id)
    assert asking.turn().state == TurnState.CANCELLED
    choose(asking.visit, question, 1)
    assert given(asking.visit) == [True]
    assert jobs(asking.visit, JobState.READY) == []


def test_consent_wanted_meanwhile_stops_what_was_on_its_way(
    asking: Escalated, admin: Member
) -> None:
    change_settings(admin.workspace_id, actor=admin, consent_required=False)
    asking.visit.says(QUESTION, client_id="m")
    answered(asking.visit)
    change_settings(admin.workspace_id, actor=admin, consent_required=True)
    asking.works()
    assert asking.handoffs() == ["no_consent"]
    assert asking.server.requests == [] == asking.egress()


@pytest.mark.parametrize("written", [True, False])
def test_a_consent_is_withdrawn_and_nothing_leaves_from_then_on(
    asking: Escalated, written: bool
) -> None:
    visit = asking.visit
    choose(visit, asks(visit), 1)
    for number in range(2):  # twice is harmless
        if written:
            visit.says("Withdraw my consent.", client_id=f"w{number}")
        else:
            intake.withdraw_consent(visit.workspace_id, visit.conversation_id, visit.contact_id)
    with workspace_scope(visit.workspace_id):
        assert [row.granted for row in Consent.objects.order_by("given_at")] == [True, False]
        assert Message.objects.filter(slot="withdrawn").count() == 1
        assert AuditEntry.objects.filter(action="consent.withdrawn").count() == 1
        conversation = Conversation.objects.get(id=visit.conversation_id)
        assert consent.missing(conversation) == consent.REFUSED


def test_strangers_withdraw_nothing(asking: Escalated, other: Workspace) -> None:
    visit, stranger = asking.visit, new_visit(other.id)
    choose(visit, asks(visit), 1)
    with pytest.raises(NotFound):
        intake.withdraw_consent(stranger.workspace_id, visit.conversation_id, stranger.contact_id)
    intake.withdraw_consent(stranger.workspace_id, stranger.conversation_id, stranger.contact_id)
    with workspace_scope(visit.workspace_id):
        assert Consent.objects.get().granted


def test_it_is_off_unless_switched_on(acme: Workspace) -> None:
    with workspace_scope(acme.id):
        assert settings_of(acme.id).consent_required is False


def test_a_companys_server_consents_over_the_api(asking: Escalated) -> None:
    server = server_of(asking.visit.workspace_id)
    conversation = str(asking.visit.conversation_id)
    question = asks(asking.visit)
    path = f"conversations/{conversation}/messages/{question.id}/choice"
    status, _ = server("POST", path, {"client_id": "c", "option": 3})
    assert status == 404 and given(asking.visit) == []
    assert server("POST", path, {"client_id": "c", "option": 1})[0] == 201
    assert given(asking.visit) == [True]
    listed = server("GET", f"conversations/{conversation}/messages")[1]["messages"]
    assert [row["label"] for row in listed[1]["options"]] == [
        "Yes, ask it",
        "No, pass me to a person",
    ]
    assert listed[1]["text"].endswith("\n\n1. Yes, ask it\n2. No, pass me to a person")


async def test_a_visitor_consents_over_the_socket(
    asking: Escalated, short_connections: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatbot.consumers.base import in_database

    place = await in_database(create_workspace, "acme")
    async with visitor_socket(place.widget_key, origin="http://localhost") as vera:
        await vera.send("session.start")
        started = await vera.until("session.started")
        await vera.send("message.send", client_id="m", text=QUESTION)
        await vera.until("message.accepted")
        visit = Visit(place.workspace.id, started["conversation_id"], asking.visit.contact_id)
        await in_database(answered, visit)
        event = await vera.event("message.posted")
        while event["payload"]["slot"] != "consent":
            event = await vera.event("message.posted")
        question = event["payload"]["message_id"]
        await vera.send("option.choose", client_id="c", message_id=question, option=2)
        await vera.until("message.accepted", client_id="c")
        await in_database(answered, visit)
        moved = await vera.event("owner.changed")
    assert moved["payload"]["reason"] == "no_consent"
    assert asking.server.requests == []


def test_the_pipeline_is_asked_the_same_question_again(
    asking: Escalated, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[AnswerRequest] = []

    def answer(request: AnswerRequest) -> Decision:
        requests.append(request)
        return DECISION

    monkeypatch.setattr(pipeline, "answer", answer)
    question = asks(asking.visit)
    choose(asking.visit, question, 1)
    answered(asking.visit)
    assert [request.question for request in requests] == [QUESTION, QUESTION]
    assert [request.history for request in requests] == [(), ()]
