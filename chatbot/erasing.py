"""Let conversations go with all that hangs on them, and keep how many there were.

Events and the egress log are append-only for the app role: a function of the database takes the
events of whole conversations, and the texts of the egress log, in the open workspace alone.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate

from accounts.scope import current_workspace_id
from chatbot import attachments, ledger
from chatbot.answering.contract import ANSWER, SMALLTALK
from chatbot.models import (
    Contact,
    Conversation,
    ErasedDay,
    Escalation,
    Handoff,
    Message,
    Receipt,
)

Counts = dict[date, dict[str, float]]


def older_than(cutoff: datetime) -> QuerySet[Conversation]:
    """Conversations in which nothing was written since."""
    latest = Coalesce(F("last_message_at"), F("created_at"))
    return Conversation.objects.alias(latest=latest).filter(latest__lt=cutoff)


def take(rows: QuerySet[Conversation], *, most: int) -> list[UUID]:
    """Lock some of them to be erased; those that somebody is writing to are passed over."""
    locked = rows.select_for_update(skip_locked=True, of=("self",)).order_by("id")
    return list(locked.values_list("id", flat=True)[:most])


def erase(ids: Collection[UUID]) -> None:
    """In the caller's transaction and scope; who calls it holds their locks. Twice is harmless."""
    wanted = list(ids)
    if not wanted:
        return
    _keep_counts(wanted)
    attachments.forget_all(current_workspace_id(), wanted)
    ledger.forget(wanted)
    with connection.cursor() as cursor:
        cursor.execute("SELECT chatbot_erase_trail(%s)", [wanted])
    contacts = list(
        Conversation.objects.filter(id__in=wanted).values_list("contact_id", flat=True).distinct()
    )
    Message.objects.filter(conversation_id__in=wanted).update(chosen_from=None, chosen=None)
    Conversation.objects.filter(id__in=wanted).delete()
    left = Conversation.objects.filter(contact_id__in=contacts).values("contact_id")
    Contact.objects.filter(id__in=contacts).exclude(id__in=left).delete()


def _keep_counts(ids: Sequence[UUID]) -> None:
    counts: Counts = {}
    conversations = Conversation.objects.filter(id__in=ids)
    _add(counts, conversations, "created_at", conversations=Count("id"))
    _add(
        counts, Message.objects.filter(conversation_id__in=ids), "created_at", messages=Count("id")
    )
    receipts = Receipt.objects.filter(
        turn__conversation_id__in=ids, decision__in=(ANSWER, SMALLTALK), message__isnull=False
    )
    for tier in (0, 1, 2):
        field = {f"answered_{tier}": Count("id")}
        _add(counts, receipts.filter(tier=tier), "created_at", **field)
    escalations = Escalation.objects.filter(turn__conversation_id__in=ids)
    _add(counts, escalations, "requested_at", escalations=Count("id"), cost_usd=Sum("cost_usd"))
    handoffs = Handoff.objects.filter(conversation_id__in=ids)
    _add(counts, handoffs, "requested_at", handoffs=Count("id"))
    for day, found in sorted(counts.items()):
        row, _ = ErasedDay.objects.get_or_create(workspace_id=current_workspace_id(), day=day)
        ErasedDay.objects.filter(id=row.id).update(
            **{name: F(name) + value for name, value in found.items()}
        )


def _add(counts: Counts, rows: QuerySet[Any], at: str, **sums: Any) -> None:
    days = rows.order_by().annotate(of_day=TruncDate(at)).values("of_day").annotate(**sums)
    for row in days:
        of_day = counts.setdefault(row.pop("of_day"), {})
        for name, value in row.items():
            of_day[name] = of_day.get(name, 0) + (value or 0)
