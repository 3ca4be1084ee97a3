"""A conversation by mail, on its visitor's wish: what the visitor saw of it, as text and HTML.

It goes at once only to an address that the company's server signed. An address that was typed
first gets a link and nothing of the conversation; the transcript follows once its reader presses
the button there, so that nobody's words can be sent to somebody who did not ask for them.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import ratelimit
from accounts.errors import NotFound
from accounts.models import WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import mailing
from chatbot.access import own_conversation
from chatbot.errors import Conflict, Invalid
from chatbot.models import Author, Contact, Conversation, Event, Message, TranscriptWish
from knowledge.rendering import render_html
from outbox.queue import LeasedJob, enqueue

CONFIRM, SEND = "mail_confirmation", "mail_transcript"
SALT = "transcript"
LINK_LASTS = timedelta(hours=24)
MOST_LINES = 1_000
WISHES_AT_ONCE, WISHES_PER_S = 3, 1 / 1_200  # of one visitor: then one every 20 minutes
MAILS_AT_ONCE, MAILS_PER_S = 3, 1 / 28_800  # to one address: then three a day


@dataclass(frozen=True)
class Accepted:
    """`confirm`: the reader of `email` must open a link first."""

    email: str
    confirm: bool


@dataclass(frozen=True)
class Line:
    """`html` is sanitised, and there for replies alone."""

    who: str
    at: object
    text: str
    html: str
    files: tuple[str, ...]


def offered() -> bool:
    """Whether visitors of the scope's workspace may ask for it."""
    row = WorkspaceSettings.objects.values_list("transcripts_allowed", flat=True).first()
    return mailing.works() and row is not False


def wish(workspace_id: UUID, conversation_id: UUID, contact_id: UUID, *, email: str) -> Accepted:
    """Raises Invalid for what is no address, RateLimited, Conflict where none is offered.

    A signed visitor's transcript goes to the signed address, whatever is given.
    """
    with workspace_scope(workspace_id):
        conversation = own_conversation(conversation_id, contact_id)
        if not offered():
            raise Conflict("No transcripts are sent here")
        contact = Contact.objects.get(id=contact_id)
        signed = contact.email if contact.identified_at else ""
        if not signed and not email:
            raise Invalid("An e-mail address is needed", code="bad_email")
        address = mailing.checked_address(signed or email)
        _limit(contact_id, address)
        row = TranscriptWish.objects.create(
            workspace_id=workspace_id,
            conversation=conversation,
            email=address,
            signed=bool(signed),
            last=conversation.visitor_seq,
        )
        _enqueue(row, SEND if signed else CONFIRM)
    return Accepted(address, confirm=not signed)


def _limit(contact_id: UUID, address: str) -> None:
    ratelimit.check(
        "transcript", key=str(contact_id), burst=WISHES_AT_ONCE, per_second=WISHES_PER_S
    )
    hidden = hashlib.sha256(address.casefold().encode()).hexdigest()
    ratelimit.check("mail_to", key=hidden, burst=MAILS_AT_ONCE, per_second=MAILS_PER_S)


def _enqueue(row: TranscriptWish, kind: str) -> None:
    enqueue(
        kind,
        workspace_id=row.workspace_id,
        payload={"wish_id": str(row.id), "conversation_id": str(row.conversation_id)},
        queue=mailing.QUEUE,
        dedup_key=str(row.id),
    )


def link(row: TranscriptWish) -> str:
    token = signing.dumps([str(row.workspace_id), str(row.id)], salt=SALT)
    return settings.BASE_URL + reverse("transcript_confirm", kwargs={"token": token})


def wished(token: str) -> TranscriptWish:
    """The wish that a link is about. Raises NotFound for one that is not ours, or is too old."""
    try:
        workspace, wish_id = signing.loads(token, salt=SALT, max_age=LINK_LASTS)
        workspace_id = UUID(workspace)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound("no such link") from None
    with workspace_scope(workspace_id):
        rows = TranscriptWish.objects.select_related("workspace", "conversation")
        row = rows.filter(id=wish_id).first()
    if row is None:
        raise NotFound("no such link")
    return row


def confirm(token: str) -> TranscriptWish:
    """Its reader asks for it; twice is harmless. Raises NotFound."""
    row = wished(token)
    with workspace_scope(row.workspace_id):
        rows = TranscriptWish.objects.filter(id=row.id, confirmed_at__isnull=True)
        if rows.update(confirmed_at=timezone.now()):
            _enqueue(row, SEND)
    return row


def send_link(job: LeasedJob) -> bool:
    return mailing.send(job, *_ids(job, part=1), lambda: _link_mail(_wish(job)))


def send(job: LeasedJob) -> bool:
    return mailing.send(job, *_ids(job), lambda: _mail(_wish(job)))


def failed(job: LeasedJob) -> None:
    """No worker could send it. Runs in the transaction that buries the job."""
    row = _wish(job)
    if row is not None:
        template = "transcript" if job.kind == SEND else "confirm"
        mailing.failed(row.conversation_id, template, row.email)


def _ids(job: LeasedJob, *, part: int = 0) -> tuple[UUID, UUID]:
    """The conversation's, and the mail's key: link and transcript are two mails of one wish."""
    wish_id = UUID(job.payload["wish_id"])
    return UUID(job.payload["conversation_id"]), UUID(int=wish_id.int ^ part)


def _wish(job: LeasedJob) -> TranscriptWish | None:
    rows = TranscriptWish.objects.select_related("workspace", "conversation")
    return rows.filter(id=job.payload["wish_id"]).first()


def _link_mail(row: TranscriptWish | None) -> mailing.Mail | None:
    if row is None:
        return None
    name, language = row.workspace.name, row.conversation.language
    with translation.override(language):
        subject = _("Confirm: your conversation with %(workspace)s") % {"workspace": name}
    context: dict[str, object] = {"workspace": name, "link": link(row)}
    return mailing.Mail(row.email, subject, "confirm", context, language)


def _mail(row: TranscriptWish | None) -> mailing.Mail | None:
    if row is None or not (row.signed or row.confirmed_at):
        return None
    name, language = row.workspace.name, row.conversation.language
    with translation.override(language):
        subject = _("Your conversation with %(workspace)s") % {"workspace": name}
        lines, cut = _lines(row.conversation, row.last)
    context: dict[str, object] = {"workspace": name, "lines": lines, "cut": cut}
    return mailing.Mail(row.email, subject, "transcript", context, language)


def _lines(conversation: Conversation, last: int) -> tuple[list[Line], bool]:
    """What the visitor could see up to then, oldest first; whether more came before it."""
    seen = Event.objects.filter(
        conversation=conversation, kind="message.posted", visitor_seq__lte=last
    )
    ids = list(
        seen.order_by("-visitor_seq").values_list("payload__message_id", flat=True)[
            : MOST_LINES + 1
        ]
    )
    messages = Message.objects.select_related("member").filter(
        conversation=conversation, id__in=ids[:MOST_LINES]
    )
    found = messages.prefetch_related("attachments").order_by("created_at", "id")
    return [_line(one) for one in found], len(ids) > MOST_LINES


def _line(message: Message) -> Line:
    is_visitor = message.author == Author.VISITOR
    name = message.member.display_name if message.member else _("Automatic answer")
    return Line(
        who=_("You") if is_visitor else name,
        at=message.created_at,
        text=message.text,
        html="" if is_visitor else render_html(message.text),
        files=tuple(one.name for one in message.attachments.all()),
    )
