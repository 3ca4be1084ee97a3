"""A turn as tier 1 is asked it: question, dialogue, and what a clarifying question before it means.

Asked back is once at most: whether the reply was clicked or written, the turn after a clarifying
question is answered or handed on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import WorkspaceSettings
from chatbot import voices
from chatbot.answer_rules import rules
from chatbot.answering.contract import AnswerRequest, Section
from chatbot.models import Author, Contact, Conversation, Message, Slot, Turn
from chatbot.turns import history_of, question_of
from knowledge.models import Audience
from knowledge.retrieval import seen_by

SIGNED_IN_FOR = timedelta(hours=12)  # since the site last said who it is


def request_of(turn: Turn, *, until: datetime | None = None) -> AnswerRequest:
    """As the turn is, or was by then. Needs its scope, and its conversation loaded.

    A choice asks the question before it again, as if the heading had been said first. As a question
    of its own a heading finds itself and is sure of it: benchmarks/clarify_quality.py.
    """
    asked = Message.objects.filter(
        conversation_id=turn.conversation_id, turn__number=turn.number - 1, slot=Slot.CLARIFY
    ).first()
    row = WorkspaceSettings.objects.first() or WorkspaceSettings()
    compact, voice = row.compact_model_allowed, voices.voice()
    request = AnswerRequest(
        workspace_id=turn.workspace_id,
        question=question_of(turn.id, until=until),
        history=history_of(turn, until=until),
        language=turn.conversation.language,
        audiences=audiences_of(turn.conversation),
        conversation_id=turn.conversation_id,
        clarify=asked is None and compact and row.clarify,
        decline=compact and row.decline,
        compact=compact,
        checked_risk=rules().checked_risk,
        tone=voice.tone,
        people=voice.people,
    )
    return _with_choice(request, turn, asked) if asked and asked.turn else request


def audiences_of(conversation: Conversation) -> tuple[str, ...]:
    """Which articles its visitor may read: more where their company vouched for them lately."""
    return audiences_for(Contact.objects.filter(id=conversation.contact_id).first())


def audiences_for(contact: Contact | None) -> tuple[str, ...]:
    """The same of a visitor; of nobody, what everybody may read."""
    signed_at = contact.identified_at if contact else None
    known = signed_at is not None and timezone.now() - signed_at < SIGNED_IN_FOR
    return seen_by(Audience.SIGNED_IN if known else Audience.PUBLIC)


def _with_choice(request: AnswerRequest, turn: Turn, asked: Message) -> AnswerRequest:
    """The request as it is if the visitor wrote something else."""
    clicked = Message.objects.filter(turn=turn, chosen_from=asked)
    number = clicked.values_list("chosen", flat=True).first()
    more = ""
    if number:  # and went on writing, perhaps
        rest = Message.objects.filter(turn=turn, author=Author.VISITOR, chosen_from__isnull=True)
        more = "\n".join(rest.order_by("created_at", "id").values_list("text", flat=True))
    number = number or _written(request.question, asked.options)
    if not number or asked.turn is None:
        return request
    sections = [_section(option["section"]) for option in asked.options]
    label = asked.options[number - 1]["label"]
    return replace(
        request,
        question="\n".join(filter(None, [question_of(asked.turn.id), more])),
        history=(*history_of(asked.turn, until=asked.created_at), ("visitor", label)),
        chosen=sections.pop(number - 1),
        rejected=tuple(sections),
    )


def _written(question: str, options: Sequence[dict[str, Any]]) -> int | None:
    said = " ".join(question.split()).strip(".").casefold()
    for number, option in enumerate(options, start=1):
        if said in {str(number), option["label"].casefold()}:
            return number
    return None


def _section(row: dict[str, Any]) -> Section:
    return Section(row["article_id"], tuple(row["heading_path"]))


def allowed() -> tuple[bool, bool]:
    """Whether the workspace's bot may ask back, and decline. Needs the scope."""
    return WorkspaceSettings.objects.values_list("clarify", "decline").first() or (True, True)
