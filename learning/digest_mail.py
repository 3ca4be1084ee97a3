"""Send a digest to a member who subscribed. At most once: the row is written before the mail goes.

A mail server that refuses takes the row back, and the job is tried again; a worker that dies while
sending leaves it, and nobody sends a second time.
"""

from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.escalation.redaction import Redactor
from chatbot.voices import voice
from learning.digests import READERS
from learning.models import Digest, DigestGroup, DigestMail, DigestSubscription
from outbox.queue import LeasedJob

MOST_LINES = 15


def send(job: LeasedJob) -> bool:
    """False where it was begun before, or is not wanted any more."""
    digest_id, member_id = UUID(job.payload["digest_id"]), UUID(job.payload["member_id"])
    message = _begin(job, digest_id, member_id)
    if message is None:
        return False
    rows = DigestMail.objects.filter(digest_id=digest_id, member_id=member_id)
    try:
        message.send()
    except (SMTPException, OSError):
        with workspace_scope(job.workspace_id):
            rows.delete()
        raise
    with workspace_scope(job.workspace_id):
        job.complete()
        rows.update(sent_at=timezone.now())
    return True


def _begin(job: LeasedJob, digest_id: UUID, member_id: UUID) -> EmailMessage | None:
    """The mail to send, with its row committed; None, and the job done, where there is none."""
    try:
        with workspace_scope(job.workspace_id):
            member = _reader(member_id)
            digest = Digest.objects.select_related("workspace").filter(id=digest_id).first()
            if member is None or digest is None:
                job.complete()
                return None
            DigestMail.objects.create(workspace_id=job.workspace_id, digest=digest, member=member)
            return _message(digest, member)
    except IntegrityError:
        with workspace_scope(job.workspace_id):
            job.complete()
        return None


def _reader(member_id: UUID) -> Member | None:
    """Whoever left, lost the role or unsubscribed meanwhile gets none."""
    member = Member.objects.select_related("user").filter(id=member_id).first()
    if member is None or not member.is_active or not member.user.is_active:
        return None
    wanted = DigestSubscription.objects.filter(member=member).exists()
    return member if wanted and member.role in READERS else None


def _message(digest: Digest, member: Member) -> EmailMessage:
    """In the workspace's default language. Personal details in questions are left out."""
    with translation.override(voice().default_language):
        day = formats.date_format(digest.week, "DATE_FORMAT")
        subject = _("What visitors of %(workspace)s asked, week of %(day)s") % {
            "workspace": digest.workspace.name, "day": day,
        }  # fmt: skip
        return EmailMessage(" ".join(subject.split()), _text(digest), to=[member.user.email])


def _text(digest: Digest) -> str:
    address = f"{settings.BASE_URL}/console/{digest.workspace.slug}/digest/{digest.week}/"
    total = ngettext(
        "%(count)s question.", "%(count)s questions.", digest.questions
    ) % {"count": digest.questions}  # fmt: skip
    lines = [f"{total} {_who(digest)}", ""]
    for row in digest.groups.order_by("place")[:MOST_LINES]:
        new = _(" (new)") if row.is_new else ""
        question = Redactor().redact(row.question) or _("(erased)")
        lines += [f"{row.count} × {question}{new}", f"    {_who(row)}"]
    return "\n".join([
        *lines, "", _("All of it: %(address)s") % {"address": address},
        _("To stop these mails, unsubscribe on that page."), "",
    ])  # fmt: skip


def _who(row: Digest | DigestGroup) -> str:
    return _(
        "Answered by the bot: %(bot)s, by the large model: %(model)s, by people: %(people)s, by "
        "nobody: %(nobody)s."
    ) % {
        "bot": row.by_bot, "model": row.by_model, "people": row.by_people,
        "nobody": row.by_nobody,
    }  # fmt: skip
