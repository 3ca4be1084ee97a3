"""What each piece of work for a visitor did cost: lines that are added and never changed.

Costs are stored in the prices of the moment, so a month that is over stays as it was. A line is
written in the transaction of what it is about. Erasing takes the visitor out of it, not the sums.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from accounts.chosen import once
from accounts.models import WorkspaceSettings
from chatbot import together
from chatbot.models import Conversation, Kind, LedgerEntry, Turn
from knowledge.models import ArticleTag

SECONDS_PER_HOUR = 3_600


@dataclass(frozen=True)
class Counterfactual:
    """What asking the large model would have cost, and whose price that is."""

    usd: float
    priced_by: str


@dataclass(frozen=True)
class Work:
    """What was done. `answered`: the visitor has this answer; a line that did not answer costs too.

    `model_usd`: what the provider takes. `counterfactual`: of an answer of the bot alone, as
    chatbot.escalation.counterfactual knows it; None where nothing can be said.
    """

    kind: Kind
    tier: int
    answered: bool = False
    cpu_s: float = 0.0
    provider: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    model_usd: float = 0.0
    agent_s: float | None = None
    counterfactual: Counterfactual | None = None


def record(
    conversation: Conversation,
    work: Work,
    *,
    turn: Turn | None = None,
    found: Sequence[Mapping[str, Any]] = (),
) -> LedgerEntry:
    """Add a line, in the caller's transaction and scope.

    found: rows with an article_id, what was cited or is nearest first: citations or evidence.
    """
    article_id = _article(found)
    supposed = work.counterfactual if work.answered else None
    row = LedgerEntry(
        workspace_id=conversation.workspace_id,
        kind=work.kind,
        tier=work.tier,
        answered=work.answered,
        conversation_id=conversation.id,
        turn_id=turn.id if turn else None,
        article_id=article_id,
        topic=_topic(article_id),
        provider=work.provider,
        model=work.model,
        input_tokens=work.input_tokens,
        output_tokens=work.output_tokens,
        model_usd=work.model_usd,
        cpu_s=work.cpu_s,
        cpu_usd=work.cpu_s * settings.CPU_USD_PER_HOUR / SECONDS_PER_HOUR,
        agent_s=work.agent_s,
        agent_usd=_of_agent(work.agent_s),
        counterfactual_usd=supposed.usd if supposed else None,
        priced_by=supposed.priced_by if supposed else "",
    )
    return together.add(row)


def forget(conversation_ids: Collection[UUID]) -> None:
    """Whose lines they were goes with the conversations. In the caller's scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT chatbot_forget_in_ledger(%s)", [list(conversation_ids)])


def _article(found: Sequence[Mapping[str, Any]]) -> UUID | None:
    for row in found:
        try:
            return UUID(str(row.get("article_id")))
        except ValueError:
            continue
    return None


def _topic(article_id: UUID | None) -> str:
    if article_id is None:
        return ""
    names = ArticleTag.objects.filter(article_id=article_id).order_by("tag__name")
    first = names.values_list("tag__name", flat=True).first
    return once(("topic", article_id), first) or ""


def _of_agent(seconds: float | None) -> float | None:
    if seconds is None:
        return None
    per_hour = WorkspaceSettings.objects.values_list("agent_usd_per_hour", flat=True).first()
    return None if per_hour is None else seconds * per_hour / SECONDS_PER_HOUR
