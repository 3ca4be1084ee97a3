"""Administrators hear once a day, and once a month, that a budget runs out: by mail.

The row is written before mails go, and each mail has its own: nobody is told twice. A server that
cannot send mail writes rows alone; the console says it anyway, as long as it is so.
"""

from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import ADMINS
from accounts.chosen import settings_row
from accounts.models import Member, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import mailing, voices
from chatbot.escalation.budget import Spent, periods
from chatbot.models import BudgetMail, BudgetWarning, Period
from outbox.queue import LeasedJob, enqueue, retry_later

KIND = "mail_budget_warning"


def running_out(workspace_id: UUID) -> list[Spent]:
    """The budgets of periods that are used up to the share at which to warn. Needs the scope.

    A budget of nothing is a switch, and no budget that runs out.
    """
    row = settings_row() or WorkspaceSettings(workspace_id=workspace_id)
    return [
        one for one in periods(row) if one.limit_usd > 0 and one.share >= row.budget_warning_share
    ]


def warn_if_due(workspace_id: UUID) -> None:
    """In the caller's transaction; twice is harmless."""
    for one in running_out(workspace_id):
        warning = BudgetWarning(
            workspace_id=workspace_id,
            period=one.of,
            begins=one.begins or timezone.now().date(),
            spent_usd=one.usd,
            limit_usd=one.limit_usd,
        )
        BudgetWarning.objects.bulk_create([warning], ignore_conflicts=True)
        if mailing.works() and BudgetWarning.objects.filter(id=warning.id).exists():
            _ask_for_mails(warning)


def _ask_for_mails(warning: BudgetWarning) -> None:
    for member_id in Member.objects.filter(is_active=True, role__in=ADMINS).values_list("id"):
        enqueue(
            KIND,
            workspace_id=warning.workspace_id,
            payload={"warning_id": str(warning.id), "member_id": str(member_id[0])},
            queue=mailing.QUEUE,
            dedup_key=f"{warning.id}:{member_id[0]}",
        )


def send(job: LeasedJob) -> bool:
    """False where it was begun before, or the member is no administrator any more."""
    warning_id, member_id = UUID(job.payload["warning_id"]), UUID(job.payload["member_id"])
    message = _begin(job, warning_id, member_id)
    if message is None:
        return False
    rows = BudgetMail.objects.filter(warning_id=warning_id, member_id=member_id)
    try:
        message.send()
    except (SMTPException, OSError) as error:
        with workspace_scope(job.workspace_id):
            rows.delete()
        pause_s = mailing.PAUSES_S[min(job.attempt, len(mailing.PAUSES_S)) - 1]
        retry_later(job, error=type(error).__name__, delay_s=pause_s)
        return False
    with workspace_scope(job.workspace_id):
        job.complete()
        rows.update(sent_at=timezone.now())
    return True


def _begin(job: LeasedJob, warning_id: UUID, member_id: UUID) -> EmailMessage | None:
    """The mail with its row committed; None, and the job done, where there is none to send."""
    try:
        with workspace_scope(job.workspace_id):
            members = Member.objects.filter(is_active=True, user__is_active=True, role__in=ADMINS)
            member = members.select_related("user", "workspace").filter(id=member_id).first()
            warning = BudgetWarning.objects.filter(id=warning_id).first()
            if member is None or warning is None:
                job.complete()
                return None
            BudgetMail.objects.create(workspace_id=job.workspace_id, warning=warning, member=member)
            return _message(warning, member)
    except IntegrityError:
        with workspace_scope(job.workspace_id):
            job.complete()
        return None


def _message(warning: BudgetWarning, member: Member) -> EmailMessage:
    """In the workspace's default language."""
    address = f"{settings.BASE_URL}/console/{member.workspace.slug}/settings/"
    with translation.override(voices.voice().default_language):
        given = {
            "workspace": member.workspace.name,
            "percent": f"{100 * warning.spent_usd / warning.limit_usd:.0f}",
            "spent": f"{warning.spent_usd:.2f}",
            "limit": f"{warning.limit_usd:.2f}",
        }
        if warning.period == Period.DAY:
            subject = _("%(workspace)s: today's budget for large models runs out") % given
        else:
            subject = _("%(workspace)s: this month's budget for large models runs out") % given
        text = "\n".join([
            _("%(percent)s%% of it are used: %(spent)s of %(limit)s US dollars.") % given,
            _("Calls that still run are counted at what they can cost at most."),
            _("When it is used up, questions that the bot cannot answer go to people."),
            "", _("Change the budget: %(address)s") % {"address": address}, "",
        ])  # fmt: skip
    return EmailMessage(" ".join(subject.split()), text, to=[member.user.email])
