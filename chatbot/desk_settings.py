"""What administrators decide for the desk of their workspace."""

from dataclasses import asdict, dataclass

from accounts import audit
from accounts.access import ADMINS
from accounts.errors import Invalid, NotAllowed
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import DeskSettings

FEWEST_MINUTES, MOST_MINUTES = 1, 60


@dataclass(frozen=True)
class Decided:
    ask_colleague: bool = False
    colleague_minutes: int = 3


def decided(member: Member) -> Decided:
    with workspace_scope(member.workspace_id):
        return _as_decided(DeskSettings.objects.first() or DeskSettings())


def change(member: Member, wanted: Decided) -> None:
    """The same again leaves no second entry in the log. Raises NotAllowed, Invalid."""
    if member.role not in ADMINS:
        raise NotAllowed("administrators decide this")
    if not FEWEST_MINUTES <= wanted.colleague_minutes <= MOST_MINUTES:
        raise Invalid(f"{FEWEST_MINUTES} to {MOST_MINUTES} minutes")
    with workspace_scope(member.workspace_id):
        row, _ = DeskSettings.objects.get_or_create(workspace_id=member.workspace_id)
        before = _as_decided(row)
        if before == wanted:
            return
        DeskSettings.objects.filter(id=row.id).update(**asdict(wanted))
        audit.record(
            member,
            "desk.changed",
            target_kind="workspace",
            target_id=member.workspace_id,
            before=asdict(before),
            after=asdict(wanted),
        )


def _as_decided(row: DeskSettings) -> Decided:
    return Decided(row.ask_colleague, row.colleague_minutes)
