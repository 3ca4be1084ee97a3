"""Weigh budget against people, where a workspace wants that, and keep why it went where it did."""

from accounts.models import WorkspaceSettings
from chatbot import events, presence
from chatbot.escalation.budget import Allowance
from chatbot.escalation.routing import AGENT_FREE, AMPLE, Choice, Situation, choose
from chatbot.models import Conversation, Receipt, Turn
from chatbot.queues import choosing, pressure


def weigh(conversation: Conversation, turn: Turn, allowed: Allowance) -> Choice | None:
    """None where the workspace does not weigh."""
    row = WorkspaceSettings.objects.filter(weigh_people=True).first()
    return choose(_situation(conversation, turn, allowed, row)) if row else None


def keep(conversation: Conversation, turn: Turn, choice: Choice) -> None:
    """In the receipt and, where the budget is scarce, in the history that agents read."""
    receipts = Receipt.objects.filter(turn=turn, turn_revision=turn.revision, tier=1)
    receipts.update(route=choice.as_json())
    if choice.reason != AMPLE:
        said = {"turn_id": str(turn.id), "to": choice.to, "reason": choice.reason}
        events.append(conversation, "route.chosen", {}, visitor=False, staff=said)


def _situation(
    conversation: Conversation, turn: Turn, allowed: Allowance, row: WorkspaceSettings
) -> Situation:
    """People are looked at only where the budget is scarce: most questions cost no query here."""
    scarce = allowed.share >= row.budget_warning_share
    here = scarce and row.people_allowed and presence.presence().here
    found = pressure.Pressure()
    if here:
        queue = choosing.choose(conversation, reason=AGENT_FREE, turn=turn).queue
        found = pressure.pressure(queue)
    return Situation(
        budget_share=round(allowed.share, 4),
        scarce_from=row.budget_warning_share,
        people_answer=row.people_allowed,
        people_here=here,
        free_agents=found.free_agents,
        waiting=found.waiting,
        wait_s=found.wait_s,
    )
