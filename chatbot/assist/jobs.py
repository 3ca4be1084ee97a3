"""Ask for summary and suggestions, and make them in the `answers` queue. One job a message.

Asked for when an agent looks at a conversation whose visitor wrote since; nobody looks, nothing
runs. What was made for an older message than the newest is replaced, never shown as new.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import broadcast
from chatbot.answering.contract import AnswerRequest
from chatbot.assist.dialogue import Dialogue, dialogue_of, newest_of
from chatbot.assist.summary import Summary
from chatbot.models import Assist, Conversation, Suggestion
from inference.errors import ModelUnavailable
from knowledge.models import Article, Audience
from outbox.queue import LeasedJob, enqueue

if TYPE_CHECKING:
    from chatbot.assist.suggesting import Suggested

KIND, QUEUE = "assist_agent", "answers"


def ask(member: Member, conversation_id: UUID) -> bool:
    """Have them made if the visitor wrote since; whether there is something to wait for.

    Raises NotFound. Asking again is harmless.
    """
    with workspace_scope(member.workspace_id):
        if not Conversation.objects.filter(id=conversation_id).exists():
            raise NotFound("no such conversation")
        newest = newest_of(conversation_id)
        if newest is None:
            return False
        made = Assist.objects.filter(conversation_id=conversation_id, message=newest)
        if made.filter(failed=False).exists():
            return False
        attempt = ":again" if made.exists() else ""  # once more where there was no model
        enqueue(
            KIND,
            workspace_id=member.workspace_id,
            payload={"conversation_id": str(conversation_id)},
            queue=QUEUE,
            dedup_key=f"{newest.id}{attempt}",
        )
        return True


def run(job: LeasedJob) -> None:
    """Load, think with no transaction open, store if the visitor has not gone on meanwhile."""
    conversation_id = UUID(job.payload["conversation_id"])
    with workspace_scope(job.workspace_id):
        found = dialogue_of(conversation_id)
        if found is None:
            job.complete()
            return
        request = _request(job.workspace_id, conversation_id, found)
    summary, suggested, failed = _think(request, found)
    with workspace_scope(job.workspace_id):
        job.complete()
        conversation = Conversation.objects.select_for_update().filter(id=conversation_id).first()
        if conversation is not None:
            _store(conversation, found, summary, failed=failed)
            _keep(conversation, found, suggested)
            broadcast.pane_changed_after_commit(conversation.id)


def _request(workspace_id: UUID, conversation_id: UUID, found: Dialogue) -> AnswerRequest:
    return AnswerRequest(
        workspace_id=workspace_id,
        question=found.question,
        history=found.history,
        conversation_id=conversation_id,
    )


def _think(request: AnswerRequest, found: Dialogue) -> "tuple[Summary, list[Suggested], bool]":
    from chatbot.assist import suggesting, summary

    try:
        loaded = suggesting.models_for(request)
    except ModelUnavailable:
        return Summary(), [], True
    lines = summary.summarise(loaded.embedder, found.lines)
    return lines, suggesting.suggest(loaded, request), False


def _store(conversation: Conversation, found: Dialogue, made: Summary, *, failed: bool) -> None:
    """A job for an older message that ends later must not replace a newer one."""
    known = Assist.objects.filter(conversation=conversation).select_related("message").first()
    if known and known.message.created_at > found.newest.created_at:
        return
    Assist.objects.update_or_create(
        conversation=conversation,
        defaults={
            "workspace_id": conversation.workspace_id,
            "message": found.newest,
            "asked": made.asked,
            "tried": made.tried,
            "left_open": made.left_open,
            "failed": failed,
        },
    )


def _keep(conversation: Conversation, found: Dialogue, suggested: "list[Suggested]") -> None:
    """A job that runs twice adds nothing."""
    rows = rows_of(
        published_still(suggested),
        workspace_id=conversation.workspace_id,
        conversation_id=conversation.id,
        message=found.newest,
        question=found.question,
        history=[list(row) for row in found.history],
    )
    Suggestion.objects.bulk_create(rows, ignore_conflicts=True)


def published_still(suggested: "Sequence[Suggested]") -> "list[tuple[Suggested, bool]]":
    """Those whose revision is the published one now, with whether everybody may read them."""
    articles = Article.objects.filter(
        id__in=[one.article_id for one in suggested], archived_at=None
    )
    known = {(str(row.id), str(row.published_revision_id)): row for row in articles}
    kept = [(one, known.get((one.article_id, one.revision_id))) for one in suggested]
    return [(one, row.audience == Audience.PUBLIC) for one, row in kept if row is not None]


def rows_of(kept: "Sequence[tuple[Suggested, bool]]", **common: Any) -> list[Suggestion]:
    """Numbered from 1. `common`: what is the same in each row."""
    return [
        Suggestion(
            number=number,
            text=one.text,
            citation=one.citation.as_json(),
            article_id=one.article_id,
            revision_id=one.revision_id,
            doc_id=one.doc_id,
            start=one.start,
            end=one.end,
            public=public,
            relevance=one.relevance,
            **common,
        )
        for number, (one, public) in enumerate(kept, start=1)
    ]
