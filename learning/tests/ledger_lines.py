"""Lines of the ledger as a month of answers leaves them, for tests of statements."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from accounts.ids import uuid7
from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot.models import Kind, LedgerEntry

JANUARY = datetime(2026, 1, 15, 12, tzinfo=UTC)


def line(workspace: Workspace, kind: Kind, tier: int, **values: Any) -> LedgerEntry:
    given = {"answered": True, "created_at": JANUARY, "conversation_id": uuid7()} | values
    with workspace_scope(workspace.id):
        return LedgerEntry.objects.create(workspace=workspace, kind=kind, tier=tier, **given)


def month(workspace: Workspace, conversation_id: UUID | None = None, topic: str = "=1+1") -> None:
    """Two answers of tier 1, one of the large model, one of a person, and a greeting."""
    spared = {"counterfactual_usd": 0.01, "priced_by": "reference/gpt"}
    line(workspace, Kind.SMALL_TALK, 0, cpu_usd=0.0001)
    line(workspace, Kind.COMPACT, 1, topic=topic, cpu_s=2.0, cpu_usd=0.001,
         conversation_id=conversation_id, **spared)  # fmt: skip
    line(workspace, Kind.COMPACT, 1, cpu_s=1.0, cpu_usd=0.001, **spared)
    line(workspace, Kind.COMPACT, 1, answered=False, topic=topic, cpu_usd=0.001)
    line(workspace, Kind.COMPACT, 1, answered=False, topic=topic, cpu_usd=0.001)
    line(workspace, Kind.LARGE, 2, topic=topic, model_usd=0.005, input_tokens=900,
         output_tokens=80, counterfactual_usd=0.005, priced_by="openai/gpt")  # fmt: skip
    line(workspace, Kind.PERSON, 3, topic=topic, agent_s=300.0, agent_usd=2.5)
