"""What administrators read on every page of the console while a budget runs out."""

from dataclasses import dataclass

from accounts.access import ADMINS
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.escalation.budget_warning import running_out
from chatbot.models import Period


@dataclass(frozen=True)
class Notice:
    """`is_over`: nothing is left, and people answer."""

    is_month: bool
    is_over: bool
    percent: int
    spent_usd: float
    limit_usd: float


def notices(member: Member) -> list[Notice]:
    """For administrators alone. Two queries."""
    if member.role not in ADMINS:
        return []
    with workspace_scope(member.workspace_id):
        found = running_out(member.workspace_id)
    return [
        Notice(one.of == Period.MONTH, one.left_usd <= 0, int(100 * one.share), one.usd,
               one.limit_usd)
        for one in found
    ]  # fmt: skip
