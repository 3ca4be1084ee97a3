"""The form before the chat, an address for the answer, and the conversation by mail."""

from collections.abc import Callable
from smtplib import SMTPServerDisconnected
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from accounts.errors import NotFound, RateLimited
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import contacting, handoff, intake, mailing, reply_mail, tasks, transcript_mail
from chatbot.errors import Conflict, Invalid
from chatbot.models import Contact, Conversation, Event, PrechatAnswer, ReplyMail, SentMail
from chatbot.sessions import start_session
from chatbot.tests.test_identity import identify, key_of, signed
from outbox.models import OutboxJob
from outbox.queue import claim
from outbox.registry import handler_of
from outbox.tasks import give_up
from tests.cast import Cast

pytestmark = pytest.mark.django_db
FORM = {
    "fields": {"email": "required", "topic": "optional", "note": "optional"},
    "topics": {"en": ["Delivery", "Returns"], "ru": ["Доставка"]},
    "note_label": {"en": "Order number"},
}
CLOSED: list[list[list[str]]] = [[] for _ in range(6)] + [[["00:00", "00:01"]]]


@pytest.fixture(autouse=True)
def mail_server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail works, and the limits of one test are not those of the next."""
    settings.EMAIL_HOST = "mail.example"
    monkeypatch.setattr(transcript_mail, "_limit", lambda *given: None)


def where(cast: Cast) -> Any:
    return cast.workspace.id, cast.conversation_id, cast.vera.contact_id


def says(cast: Cast, text: str = "Help!") -> None:
    intake.post_visitor_message(*where(cast), client_id=text, text=text)


def settings_of(cast: Cast, **changes: Any) -> None:
    change_settings(cast.workspace.id, actor=cast.alice, **changes)


def deliver(cast: Cast, *kinds: str) -> None:
    """What the worker does with these jobs, now."""
    with workspace_scope(cast.workspace.id):
        rows = OutboxJob.objects.filter(kind__in=kinds, state="ready").order_by("created_at")
        ids = list(rows.values_list("id", flat=True))
    for one in ids:
        if job := claim(cast.workspace.id, one, lease_s=60):
            getattr(tasks, job.kind)(job)


def kinds(cast: Cast, *wanted: str) -> list[str]:
    with workspace_scope(cast.workspace.id):
        rows = Event.objects.filter(conversation_id=cast.conversation_id, kind__in=wanted)
        return list(rows.order_by("staff_seq").values_list("kind", flat=True))


def sent() -> list[EmailMultiAlternatives]:
    return [one for one in mail.outbox if isinstance(one, EmailMultiAlternatives)]


def test_the_form_comes_before_the_first_message_and_once(cast: Cast) -> None:
    settings_of(cast, prechat=FORM)
    session = start_session(
        cast.workspace.id, cast.acme.widget_key, token=cast.vera.token, language="en"
    )
    asked = [(one.name, one.label, one.required) for one in session.form]
    assert asked == [
        ("email", "E-mail", True),
        ("topic", "What is it about?", False),
        ("note", "Order number", False),
    ]
    with pytest.raises(Invalid) as refused:
        says(cast)
    assert refused.value.code == "prechat_required"
    bad: list[dict[str, str]] = [
        {}, {"email": "x"}, {"email": "v@example.com", "topic": "Else"},
        {"email": "v@example.com", "note": "x" * 501},
    ]  # fmt: skip
    for given in bad:
        with pytest.raises(Invalid):
            contacting.fill_form(*where(cast), given=given)
    stranger = start_session(cast.workspace.id, cast.acme.widget_key, token=None, language="en")
    with pytest.raises(NotFound):
        contacting.fill_form(
            cast.workspace.id, cast.conversation_id, stranger.contact_id, given={"email": "a@b.cd"}
        )
    given = {"email": "v@example.com", "topic": "Returns", "note": " A-17 ", "name": "unasked"}
    contacting.fill_form(*where(cast), given=given)
    with pytest.raises(Conflict):
        contacting.fill_form(*where(cast), given=given)
    says(cast)
    with workspace_scope(cast.workspace.id):
        row = PrechatAnswer.objects.get()
        assert (row.email, row.topic, row.note, row.name) == (
            "v@example.com",
            "Returns",
            "A-17",
            "",
        )
        assert Contact.objects.get(id=cast.vera.contact_id).email == "v@example.com"
    again = start_session(
        cast.workspace.id, cast.acme.widget_key, token=cast.vera.token, language="en"
    )
    assert again.form == ()


def test_what_the_company_signed_is_not_asked(cast: Cast) -> None:
    settings_of(cast, prechat={"fields": {"email": "required", "name": "required"}})
    known = identify(cast, cast.vera, signed(key_of(cast), email="vera@example.com"))
    assert [field.name for field in known.form] == ["name"]


def waiting(cast: Cast) -> dict[str, Any]:
    """Vera asks for a person while nobody is there; what the owner.changed event says."""
    settings_of(cast, hours=CLOSED)
    intake.request_person(*where(cast))
    with workspace_scope(cast.workspace.id):
        row = Event.objects.get(conversation_id=cast.conversation_id, kind="owner.changed")
    payload: dict[str, Any] = row.payload
    return payload


def test_a_reply_comes_by_mail_with_the_agents_words_alone(cast: Cast) -> None:
    says(cast, "<b>Buy my pills</b>")
    assert waiting(cast)["email_wanted"] is True
    for _ in range(2):
        contacting.leave_email(*where(cast), email="vera@example.com")
    assert kinds(cast, "email.left") == ["email.left"]
    handoff.claim(cast.bob, cast.conversation_id)
    for _ in range(2):
        handoff.reply(cast.bob, cast.conversation_id, client_id="b", text="It is **on** its way.")
    deliver(cast, reply_mail.KIND)
    deliver(cast, reply_mail.KIND)
    (one,) = sent()
    assert one.to == ["vera@example.com"] and one.subject == "Acme has answered you"
    html = str(one.alternatives[0][0])
    assert "It is **on** its way." in one.body and "<strong>on</strong>" in html
    assert "pills" not in one.body + html and "Bob" in one.body
    assert kinds(cast, "mail.sent") == ["mail.sent"]


def test_nobody_is_asked_for_an_address_that_leads_nowhere(cast: Cast, settings: Any) -> None:
    with pytest.raises(Conflict):
        contacting.leave_email(*where(cast), email="vera@example.com")  # the bot has it
    settings.EMAIL_HOST = ""
    assert waiting(cast)["email_wanted"] is False
    with pytest.raises(Conflict):
        contacting.leave_email(*where(cast), email="vera@example.com")
    settings.EMAIL_HOST = "mail.example"
    settings_of(cast, replies_by_mail=False)
    with pytest.raises(Conflict):
        contacting.leave_email(*where(cast), email="vera@example.com")
    with pytest.raises(Invalid):
        contacting.leave_email(*where(cast), email="vera@example.com\nBcc: all@example.com")
    with workspace_scope(cast.workspace.id):
        assert not ReplyMail.objects.exists()


def test_a_mail_server_that_is_away_is_asked_again_and_then_agents_read_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> None:
        raise SMTPServerDisconnected

    waiting(cast)
    contacting.leave_email(*where(cast), email="vera@example.com")
    handoff.claim(cast.bob, cast.conversation_id)
    handoff.reply(cast.bob, cast.conversation_id, client_id="b", text="Yes.")
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse)
        deliver(cast, reply_mail.KIND)
    with workspace_scope(cast.workspace.id):
        job = OutboxJob.objects.get(kind=reply_mail.KIND)
        assert job.state == "ready" and job.available_at > job.created_at
        assert not SentMail.objects.exists()
        OutboxJob.objects.update(available_at=job.created_at)
    held = claim(cast.workspace.id, job.id, lease_s=60)
    assert held
    give_up(held, handler_of(reply_mail.KIND))
    assert kinds(cast, "mail.failed") == ["mail.failed"] and not sent()


def test_a_typed_address_gets_a_link_and_nothing_else_until_it_is_pressed(
    cast: Cast, client: Client
) -> None:
    says(cast, "My order A-17")
    accepted = transcript_mail.wish(*where(cast), email="vera@example.com")
    assert accepted == transcript_mail.Accepted("vera@example.com", confirm=True)
    says(cast, "Said later")
    deliver(cast, transcript_mail.CONFIRM, transcript_mail.SEND)
    (first,) = sent()
    assert "A-17" not in first.body + str(first.alternatives)
    link = urlsplit(next(one for one in first.body.split() if one.startswith("http"))).path
    assert client.get(link).status_code == 200
    deliver(cast, transcript_mail.SEND)
    assert len(sent()) == 1, "opening a link sends nothing"
    for bad in (link[:-4] + "xxx/", "/transcript/x/"):
        assert client.post(bad).status_code == 404
    for _ in range(2):
        assert client.post(link).status_code == 200
    deliver(cast, transcript_mail.SEND)
    _, second = sent()
    assert "My order A-17" in second.body and "Said later" not in second.body


def test_a_signed_address_gets_what_the_visitor_saw_and_no_other_does(cast: Cast) -> None:
    known = identify(cast, cast.vera, signed(key_of(cast), email="vera@example.com"))
    here = (cast.workspace.id, known.conversation_id, known.contact_id)
    intake.post_visitor_message(*here, client_id="a", text="<i>Hello</i>")
    handoff.take_over(cast.bob, known.conversation_id)
    handoff.add_note(cast.bob, known.conversation_id, client_id="n", text="A difficult one")
    handoff.reply(cast.bob, known.conversation_id, client_id="b", text="Good **day**.")
    accepted = transcript_mail.wish(*here, email="thief@example.com")
    assert accepted == transcript_mail.Accepted("vera@example.com", confirm=False)
    deliver(cast, transcript_mail.SEND)
    (one,) = sent()
    html = str(one.alternatives[0][0])
    assert one.to == ["vera@example.com"] and "difficult" not in one.body + html
    assert "&lt;i&gt;Hello" in html and "<strong>day</strong>" in html and "Bob" in one.body


def test_strangers_and_workspaces_that_send_none_get_none(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = start_session(cast.workspace.id, cast.acme.widget_key, token=None, language="en")
    theirs = (cast.workspace.id, cast.conversation_id, stranger.contact_id)
    with pytest.raises(NotFound):
        transcript_mail.wish(*theirs, email="thief@example.com")
    with pytest.raises(Invalid):
        transcript_mail.wish(*where(cast), email="")
    settings_of(cast, transcripts_allowed=False)
    with pytest.raises(Conflict):
        transcript_mail.wish(*where(cast), email="vera@example.com")
    settings_of(cast, transcripts_allowed=True)
    settings.EMAIL_HOST = ""
    assert not mailing.works()
    with pytest.raises(Conflict):
        transcript_mail.wish(*where(cast), email="vera@example.com")
    with workspace_scope(cast.workspace.id):
        assert not OutboxJob.objects.filter(kind__startswith="mail_").exists()


def test_wishes_are_limited(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, real_limit: Callable[..., None]
) -> None:
    monkeypatch.setattr(transcript_mail, "_limit", real_limit)
    address = f"{cast.conversation_id.hex}@example.com"
    for _ in range(transcript_mail.WISHES_AT_ONCE):
        transcript_mail.wish(*where(cast), email=address)
    with pytest.raises(RateLimited):
        transcript_mail.wish(*where(cast), email=address)
    other = start_session(cast.workspace.id, cast.acme.widget_key, token=None, language="en")
    theirs = (cast.workspace.id, other.conversation_id, other.contact_id)
    with pytest.raises(RateLimited):  # the address has had enough, whoever asks
        transcript_mail.wish(*theirs, email=address)
    with workspace_scope(cast.workspace.id):
        assert Conversation.objects.count() == 2


REAL_LIMIT = transcript_mail._limit


@pytest.fixture
def real_limit() -> Callable[..., None]:
    return REAL_LIMIT
