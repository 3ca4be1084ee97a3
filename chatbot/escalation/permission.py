"""Whether a call may be made at all, looked at once more before each of them."""

from django.conf import settings
from django.utils import timezone

from chatbot.escalation import consent
from chatbot.escalation.budget import Allowance, allowance
from chatbot.escalation.connections import Connection, connections, leaves
from chatbot.escalation.provider import ProviderFailure
from chatbot.models import Conversation, Escalation, EscalationState


def check_may_start(conversation: Conversation, escalation: Escalation) -> None:
    """What was true at the request may have changed. Raises ProviderFailure."""
    if escalation.state != EscalationState.REQUESTED:
        raise ProviderFailure("worker_failed")
    if (timezone.now() - escalation.requested_at).total_seconds() > settings.LLM_TIMEOUT_S:
        raise ProviderFailure("timeout")
    allowed = allowance(escalation.workspace_id, conversation)
    check_allowed(conversation, allowed, connections(escalation.workspace_id))
    if escalation.cost_usd and allowed.left_usd < 0:
        raise ProviderFailure("budget")


def check_allowed(
    conversation: Conversation, allowed: Allowance, chain: tuple[Connection, ...]
) -> None:
    """By workspace and visitor: each call looks again. Raises ProviderFailure."""
    if not allowed.allowed:
        raise ProviderFailure("not_allowed")
    if leaves(chain) and consent.missing(conversation):
        raise ProviderFailure("no_consent")
