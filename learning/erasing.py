"""Erase conversations: by age, as the workspace wants it, or one visitor's on request.

Model versions that were trained on them are marked before they go, and earlier digests lose their
words. By age it goes in steps, each a job under its lease; how old is read in each step, so a
change holds at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.errors import NotFound
from accounts.models import Member, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import erasing
from chatbot.models import Contact, Conversation
from learning import confirming, versions
from learning.models import DigestGroup
from outbox.queue import LeasedJob, enqueue

KIND, QUEUE = "erase_old", "knowledge"
STEP = 100
MOST_COUNTED = 1_000


@dataclass(frozen=True)
class Visitor:
    """Whom a request to erase is about."""

    contact_id: UUID
    name: str
    reference: str
    conversations: int


def step(job: LeasedJob) -> int:
    """Erase some that are too old, and ask for the next step; how many went."""
    with workspace_scope(job.workspace_id):
        job.complete()
        days = retention_days()
        if days is None:
            return 0
        ids = erasing.take(_too_old(days), most=STEP)
        _erase(job.workspace_id, ids)
        if ids:
            audit.record(
                "system",
                "conversations.erased",
                target_kind="workspace",
                target_id=job.workspace_id,
                count=len(ids),
                older_than_days=days,
            )
        if len(ids) == STEP:
            enqueue(KIND, workspace_id=job.workspace_id, payload={}, queue=QUEUE)
    return len(ids)


def retention_days() -> int | None:
    """Of the scope's workspace; None keeps everything."""
    return WorkspaceSettings.objects.values_list("retention_days", flat=True).first()


def due_for_erasing(days: int) -> int:
    """How many would go, up to MOST_COUNTED. Needs a scope."""
    return _too_old(days)[:MOST_COUNTED].count()


def _too_old(days: int) -> QuerySet[Conversation]:
    return erasing.older_than(timezone.now() - timedelta(days=days))


def find_visitor(workspace_id: UUID, words: str) -> Visitor:
    """By a conversation's id, the reference that your server gave, or an e-mail address.

    Raises NotFound.
    """
    words = words.strip()
    with workspace_scope(workspace_id):
        wanted = Q(external_id=words) | Q(email__iexact=words)
        if of_conversation := _uuid(words):
            found = Conversation.objects.filter(id=of_conversation).values("contact_id")
            wanted |= Q(id__in=found)
        contact = Contact.objects.filter(wanted).first() if words.isprintable() else None
        if contact is None or not words:
            raise NotFound("no such visitor")
        return Visitor(
            contact.id,
            contact.name,
            contact.external_id or "",
            Conversation.objects.filter(contact=contact).count(),
        )


def erase_visitor(workspace_id: UUID, contact_id: UUID, *, actor: Member) -> int:
    """All conversations of one visitor, and the visitor; how many went. Raises NotFound."""
    with workspace_scope(workspace_id):
        contact = Contact.objects.select_for_update().filter(id=contact_id).first()
        if contact is None:
            raise NotFound("no such visitor")
        rows = Conversation.objects.select_for_update().filter(contact=contact)
        ids = list(rows.order_by("id").values_list("id", flat=True))
        versions.mark_erased(workspace_id, contact=contact_id)
        _erase(workspace_id, ids)
        Contact.objects.filter(id=contact_id).delete()
        audit.record(
            actor,
            "visitor.erased",
            target_kind="visitor",
            target_id=contact_id,
            count=len(ids),
        )
    return len(ids)


def _erase(workspace_id: UUID, ids: Collection[UUID]) -> None:
    versions.mark_erased(workspace_id, conversation_ids=ids)
    confirming.forget(ids)
    DigestGroup.objects.filter(conversation_id__in=list(ids)).update(question="")
    erasing.erase(ids)


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
