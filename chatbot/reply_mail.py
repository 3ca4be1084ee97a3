"""An agent's reply by mail as well, for visitors who left an address when nobody was there.

The mail holds the agent's words and nothing that the visitor typed: else the chat could be used
to send anybody's words to anybody.
"""

from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.chosen import settings_row
from accounts.scope import workspace_scope
from chatbot import mailing
from chatbot.models import Author, Message, ReplyMail
from chatbot.presence import presence
from knowledge.rendering import render_html
from outbox.queue import LeasedJob, enqueue

KIND = "mail_reply"


def offered() -> bool:
    """Whether the scope's workspace answers by mail. Says nothing about the hour."""
    if not mailing.works():
        return False
    row = settings_row()
    return row is None or (row.replies_by_mail and row.people_allowed)


def wanted_now() -> bool:
    """Whether a visitor who waits for people should be asked for an address at this hour."""
    return offered() and not presence().here


def after_reply(message: Message) -> None:
    """Ask for the mail, in the transaction of the reply, if the visitor left an address."""
    if not ReplyMail.objects.filter(conversation_id=message.conversation_id).exists():
        return
    enqueue(
        KIND,
        workspace_id=message.workspace_id,
        payload={"message_id": str(message.id)},
        queue=mailing.QUEUE,
        dedup_key=str(message.id),
    )


def send(job: LeasedJob) -> bool:
    message_id = UUID(job.payload["message_id"])
    conversation_id = _conversation_of(job, message_id)
    return mailing.send(job, conversation_id, message_id, lambda: _mail(message_id))


def _conversation_of(job: LeasedJob, message_id: UUID) -> UUID:
    with workspace_scope(job.workspace_id):
        found = Message.objects.filter(id=message_id)
        return found.values_list("conversation_id", flat=True).first() or message_id


def _mail(message_id: UUID) -> mailing.Mail | None:
    messages = Message.objects.select_related("conversation", "member", "workspace")
    message = messages.filter(id=message_id, author=Author.MEMBER).first()
    where = ReplyMail.objects.filter(conversation_id=message.conversation_id) if message else None
    row = where.first() if where is not None else None
    if message is None or row is None:
        return None
    language = message.conversation.language
    with translation.override(language):
        subject = _("%(workspace)s has answered you") % {"workspace": message.workspace.name}
    context: dict[str, object] = {
        "workspace": message.workspace.name,
        "agent": message.member.display_name if message.member else "",
        "text": message.text,
        "html": render_html(message.text),
        "files": message.attachments.count(),
    }
    return mailing.Mail(row.email, subject, "reply", context, language)


def failed(job: LeasedJob) -> None:
    """No worker could send it. Runs in the transaction that buries the job."""
    message = Message.objects.filter(id=job.payload["message_id"]).first()
    row = message and ReplyMail.objects.filter(conversation_id=message.conversation_id).first()
    if message and row:
        mailing.failed(message.conversation_id, "reply", row.email)
