"""Files in conversations: kept, sent with a message, read by who may read it, and let go.

The bytes lie in the storage `attachments` under WORKSPACE/CONVERSATION/SHA256. A conversation
that is erased takes its files along: what lies there is remembered in a job of the same
transaction, and removed after it.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db.models import Q
from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Member, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot.filing import child
from chatbot.filing.contract import Refused
from chatbot.filing.words import LARGEST
from chatbot.models import Attachment, Conversation, Message
from chatbot.texts import MAX_FILES, storable
from outbox.queue import LeasedJob, enqueue

FORGET, QUEUE = "forget_files", "knowledge"
SWEEP = "forget_unsent_files"
MOST_UNSENT, MOST = 10, 200  # of one conversation
UNSENT_LASTS = timedelta(days=1)
TYPES = {
    "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "pdf": "application/pdf",
}  # fmt: skip


@dataclass(frozen=True)
class Upload:
    """A file as somebody gave it; `member` is None for the visitor."""

    name: str
    data: bytes
    member: Member | None = None


def allowed() -> bool:
    """Whether the scope's workspace takes files."""
    found = WorkspaceSettings.objects.values_list("attachments_allowed", flat=True).first()
    return found is not False


def check_room(conversation: Conversation, upload: Upload) -> None:
    """Before any work: raises Refused where no (more) files are taken. Needs the scope."""
    if upload.member is None and not allowed():
        raise Refused("not_allowed")
    if len(upload.data) > LARGEST:
        raise Refused("too_large")
    rows = Attachment.objects.filter(conversation=conversation)
    unsent = rows.filter(message=None, member=upload.member).count()
    if unsent >= MOST_UNSENT or rows.count() >= MOST:
        raise Refused("too_many")


def keep(conversation: Conversation, upload: Upload) -> Attachment:
    """Make the file anew and keep it, unsent. No transaction is open while the child works.

    Raises Refused, RateLimited. `conversation` was found for its visitor or member by the caller.
    """
    with workspace_scope(conversation.workspace_id):
        check_room(conversation, upload)
    made = child.remade(upload.data)
    digests = [_stored(conversation, one) if one else "" for one in (made.data, made.preview)]
    with workspace_scope(conversation.workspace_id):
        return Attachment.objects.create(
            workspace_id=conversation.workspace_id,
            conversation=conversation,
            member=upload.member,
            name=_name(upload.name, made.kind),
            kind=made.kind,
            digest=digests[0],
            preview=digests[1],
            size=len(made.data),
            width=made.width,
            height=made.height,
            pages=made.pages,
        )


def _stored(conversation: Conversation, data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    name = _place(conversation.workspace_id, conversation.id, digest)
    if not _storage().exists(name):
        _storage().save(name, ContentFile(data))
    return digest


def _name(given: str, kind: str) -> str:
    """As people read it: no path, no control characters, and the ending of what it is."""
    last = storable(given).replace("\\", "/").rpartition("/")[2]
    stem = "".join(one for one in last if one.isprintable()).strip(". ")
    stem = stem.rpartition(".")[0] or stem or "file"
    return f"{stem[:100]}.{kind}"


def unsent(
    conversation: Conversation, ids: Sequence[UUID], *, member: Member | None = None
) -> list[Attachment]:
    """Those that are to be sent now, locked, in this order. Raises NotFound for any other."""
    rows = Attachment.objects.select_for_update().filter(
        conversation=conversation, member=member, message=None, id__in=ids[:MAX_FILES]
    )
    found = {row.id: row for row in rows}
    if set(found) != set(ids):
        raise NotFound("no such attachment")
    return [found[one] for one in dict.fromkeys(ids)]


def send_with(message: Message, files: Iterable[Attachment]) -> None:
    Attachment.objects.filter(id__in=[one.id for one in files]).update(message=message)


def drop(conversation: Conversation, attachment_id: UUID, *, member: Member | None) -> None:
    """Take an unsent file back. One that was sent, or is somebody else's, stays."""
    rows = Attachment.objects.filter(
        conversation=conversation, id=attachment_id, member=member, message=None
    )
    _let_go(conversation.workspace_id, rows)


def parts(message: Message) -> list[dict[str, Any]]:
    """As events and sockets carry them."""
    return [part(one) for one in Attachment.objects.filter(message=message).order_by("id")]


def part(row: Attachment) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "kind": row.kind,
        "size": row.size,
        "width": row.width,
        "height": row.height,
        "pages": row.pages,
        "preview": bool(row.preview),
    }


def content(row: Attachment, *, preview: bool = False) -> bytes:
    """The kept bytes. Raises NotFound where they are gone, or are not what was kept."""
    digest = row.preview if preview else row.digest
    if not digest:
        raise NotFound("there is no preview")
    try:
        with _storage().open(_place(row.workspace_id, row.conversation_id, digest)) as file:
            data = bytes(file.read())
    except OSError:
        raise NotFound("the file is gone") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotFound("the file was altered")
    return data


def forget_all(workspace_id: UUID, conversation_ids: Collection[UUID]) -> None:
    """Before conversations go, in their transaction: remember which files are to be removed."""
    rows = Attachment.objects.filter(conversation_id__in=conversation_ids)
    _remove_later(workspace_id, list(rows.values_list("conversation_id", "digest", "preview")))


def _let_go(workspace_id: UUID, rows: Any) -> int:
    found = list(rows.values_list("conversation_id", "digest", "preview"))
    rows.delete()
    _remove_later(workspace_id, found)
    return len(found)


def _remove_later(workspace_id: UUID, found: Sequence[tuple[UUID, str, str]]) -> None:
    names = [[str(where), one] for where, *digests in found for one in digests if one]
    if names:
        enqueue(FORGET, workspace_id=workspace_id, payload={"files": names}, queue=QUEUE)


def remove(job: LeasedJob) -> None:
    """Those that no row names any more. Twice is harmless."""
    for where, digest in job.payload["files"]:
        with workspace_scope(job.workspace_id):
            same = Q(digest=digest) | Q(preview=digest)
            used = Attachment.objects.filter(same, conversation_id=where).exists()
        if not used:
            _storage().delete(_place(job.workspace_id, UUID(where), digest))
    with workspace_scope(job.workspace_id):
        job.complete()


def forget_unsent(job: LeasedJob) -> None:
    """What was uploaded a day ago and never sent."""
    with workspace_scope(job.workspace_id):
        job.complete()
        old = Attachment.objects.filter(message=None, created_at__lt=timezone.now() - UNSENT_LASTS)
        _let_go(job.workspace_id, old)


def _place(workspace_id: UUID, conversation_id: UUID, digest: str) -> str:
    return f"{workspace_id}/{conversation_id}/{digest}"


def _storage() -> Storage:
    return storages["attachments"]
