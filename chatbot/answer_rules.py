"""What administrators decide about answers that a large model gives or checks."""

from dataclasses import asdict, dataclass

from accounts import audit
from accounts.access import ADMINS
from accounts.errors import Conflict, Invalid, NotAllowed
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import lock
from chatbot.models import AnswerRules, UnsupportedSentences

MOST_RISK = 0.5


@dataclass(frozen=True)
class Rules:
    """As AnswerRules has them."""

    unsupported_sentences: str = UnsupportedSentences.HAND_OVER
    checked_risk: float | None = None

    @property
    def removes(self) -> bool:
        return self.unsupported_sentences == UnsupportedSentences.REMOVE


def rules() -> Rules:
    """Of the scope's workspace. One query."""
    row = AnswerRules.objects.values_list("unsupported_sentences", "checked_risk").first()
    return Rules(*row) if row else Rules()


def rules_of(member: Member) -> Rules:
    with workspace_scope(member.workspace_id):
        return rules()


def change(member: Member, wanted: Rules, *, seen: Rules) -> None:
    """The same again leaves no second entry in the log.

    Raises NotAllowed, Invalid, and Conflict where they are not as `seen` any more.
    """
    if member.role not in ADMINS:
        raise NotAllowed("administrators decide this")
    if wanted.unsupported_sentences not in UnsupportedSentences:
        raise Invalid("sentences without support are removed, or the answer is handed over")
    if wanted.checked_risk is not None and not 0 < wanted.checked_risk <= MOST_RISK:
        raise Invalid(f"a risk is above 0 and at most {MOST_RISK:g}")
    with workspace_scope(member.workspace_id):
        lock(member.workspace_id)
        before = rules()
        if before == wanted:
            return
        if before != seen:
            raise Conflict("somebody else has changed this meanwhile")
        AnswerRules.objects.update_or_create(
            workspace_id=member.workspace_id, defaults=asdict(wanted)
        )
        audit.record(
            member,
            "answer_rules.changed",
            target_kind="workspace",
            target_id=member.workspace_id,
            before=asdict(before),
            after=asdict(wanted),
        )
