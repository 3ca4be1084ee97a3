"""Mails to visitors: at most once each. The row is written before the mail goes.

A mail server that refuses takes the row back, and the job is tried again later; a worker that dies
while sending leaves it, and nobody sends a second time. Without a mail server nothing of this is
offered to anybody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import IntegrityError
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.scope import workspace_scope
from chatbot import events
from chatbot.errors import Invalid
from chatbot.models import Conversation, SentMail
from outbox.queue import LeasedJob, retry_later

QUEUE = "knowledge"
PAUSES_S = (30.0, 120.0, 600.0, 3_600.0, 10_800.0)  # a mail server may be away for a while
ATTEMPTS = len(PAUSES_S) + 1


@dataclass(frozen=True)
class Mail:
    """`template`: a pair of chatbot/mail/NAME.txt and .html; `subject` is one line."""

    to: str
    subject: str
    template: str
    context: dict[str, object]
    language: str


def works() -> bool:
    """Whether this server can send mail at all."""
    return bool(settings.EMAIL_HOST)


def checked_address(email: str) -> str:
    """An address that mail can go to. Raises Invalid."""
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid("This is no e-mail address", code="bad_email") from None
    if len(email) > 254 or not email.isprintable():
        raise Invalid("This is no e-mail address", code="bad_email")
    return email


Build = Callable[[], Mail | None]


def send(job: LeasedJob, conversation_id: UUID, key: UUID, build: Build) -> bool:
    """Send what `build` makes, in the workspace's scope; False where there is nothing to send.

    `key`: what the mail is about; one with the same key is never sent again.
    """
    mail = _begin(job, conversation_id, key, build)
    if mail is None:
        return False
    rows = SentMail.objects.filter(conversation_id=conversation_id, key=key)
    try:
        _message(mail).send()
    except (SMTPException, OSError) as error:
        with workspace_scope(job.workspace_id):
            rows.delete()
        pause_s = PAUSES_S[min(job.attempt, len(PAUSES_S)) - 1]
        retry_later(job, error=type(error).__name__, delay_s=pause_s)
        return False
    with workspace_scope(job.workspace_id):
        job.complete()
        if rows.update(sent_at=timezone.now()):
            conversation = events.lock(conversation_id)
            told = {"template": mail.template, "email": mail.to}
            events.append(conversation, "mail.sent", {}, visitor=False, staff=told)
    return True


def _begin(job: LeasedJob, conversation_id: UUID, key: UUID, build: Build) -> Mail | None:
    """The mail with its row committed; None, and the job done, where there is none to send."""
    try:
        with workspace_scope(job.workspace_id):
            known = Conversation.objects.filter(id=conversation_id).exists()
            mail = build() if known else None
            if mail is None:
                job.complete()
                return None
            SentMail.objects.create(
                workspace_id=job.workspace_id, conversation_id=conversation_id, key=key
            )
            return mail
    except IntegrityError:
        with workspace_scope(job.workspace_id):
            job.complete()
        return None


def failed(conversation_id: UUID, template: str, email: str) -> None:
    """Nobody could send it: the agents read so. In the scope of the transaction that gives up."""
    conversation = Conversation.objects.select_for_update().filter(id=conversation_id).first()
    if conversation is not None:
        told = {"template": template, "email": email}
        events.append(conversation, "mail.failed", {}, visitor=False, staff=told)


def _message(mail: Mail) -> EmailMultiAlternatives:
    with translation.override(mail.language):
        context = {**mail.context, "subject": mail.subject, "language": mail.language}
        text = render_to_string(f"chatbot/mail/{mail.template}.txt", context)
        html = render_to_string(f"chatbot/mail/{mail.template}.html", context)
    message = EmailMultiAlternatives(" ".join(mail.subject.split()), text, to=[mail.to])
    message.attach_alternative(html, "text/html")
    return message
