"""What would the bot say to this? An agent's own question, read as tier 1 reads, in the `answers`
queue. What it finds is for the agent who asked, and is inserted with its source as a suggestion is.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from accounts import ratelimit
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import broadcast
from chatbot.answering.contract import AnswerRequest
from chatbot.assist.jobs import published_still, rows_of
from chatbot.errors import Invalid
from chatbot.models import Conversation, LookUp, LookUpState, Suggestion
from chatbot.texts import storable
from inference.errors import ModelUnavailable
from outbox.queue import LeasedJob, enqueue

if TYPE_CHECKING:
    from chatbot.assist.suggesting import Suggested

KIND, QUEUE = "look_up", "answers"
LONGEST = 500
AT_ONCE, PER_S = 10, 0.5  # of one agent


def ask(member: Member, conversation_id: UUID, text: str) -> LookUp:
    """Have it read. The same question while it is still read is one question.

    Raises Invalid, NotFound, RateLimited.
    """
    text = " ".join(storable(text).split())
    if not text:
        raise Invalid("Write what to look up", code="empty_text")
    if len(text) > LONGEST:
        raise Invalid(f"At most {LONGEST} characters", code="text_too_long")
    with workspace_scope(member.workspace_id):
        conversation = Conversation.objects.filter(id=conversation_id).first()
        if conversation is None:
            raise NotFound("no such conversation")
        latest = latest_of(member, conversation)
        if latest and (latest.question, latest.state) == (text, LookUpState.WAITING):
            return latest
        ratelimit.check("look_up", key=str(member.id), burst=AT_ONCE, per_second=PER_S)
        row = LookUp.objects.create(
            workspace_id=member.workspace_id,
            conversation=conversation,
            member=member,
            question=text,
        )
        payload = {"look_up_id": str(row.id)}
        enqueue(KIND, workspace_id=member.workspace_id, payload=payload, queue=QUEUE)
        return row


def latest_of(member: Member, conversation: Conversation) -> LookUp | None:
    """What the pane shows: an agent's own newest question. Needs the scope."""
    rows = LookUp.objects.filter(conversation=conversation, member=member)
    return rows.order_by("-asked_at", "-id").first()


def run(job: LeasedJob) -> None:
    """Read with no transaction open; twice is harmless."""
    with workspace_scope(job.workspace_id):
        row = _waiting(job)
        if row is None:
            job.complete()
            return
        request = AnswerRequest(
            workspace_id=job.workspace_id,
            question=row.question,
            history=(),
            conversation_id=row.conversation_id,
        )
    found = _read(request)
    with workspace_scope(job.workspace_id):
        job.complete()
        row = _waiting(job)
        if row is not None:
            _store(row, found)


def gave_up(job: LeasedJob) -> None:
    """No worker could read it. Runs in the transaction that buries the job."""
    row = _waiting(job)
    if row is not None:
        _store(row, None)


def _waiting(job: LeasedJob) -> LookUp | None:
    rows = LookUp.objects.select_for_update().filter(id=job.payload["look_up_id"])
    return rows.filter(state=LookUpState.WAITING).first()


def _read(request: AnswerRequest) -> "list[Suggested] | None":
    """None where there is no model."""
    from chatbot.assist import suggesting

    try:
        return suggesting.suggest(suggesting.models_for(request), request)
    except ModelUnavailable:
        return None


def _store(row: LookUp, found: "list[Suggested] | None") -> None:
    row.state = LookUpState.FAILED if found is None else LookUpState.DONE
    row.save(update_fields=["state"])
    kept = published_still(found or [])
    Suggestion.objects.bulk_create(
        rows_of(
            kept,
            workspace_id=row.workspace_id,
            conversation_id=row.conversation_id,
            look_up=row,
            question=row.question,
        )
    )
    broadcast.pane_changed_after_commit(row.conversation_id)
