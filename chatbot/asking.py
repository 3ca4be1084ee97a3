"""A turn as tier 1 is asked it: question, dialogue, and what a clarifying question before it means.

Asked back is once at most: whether the reply was clicked or written, the turn after a clarifying
question is answered or handed on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import WorkspaceSettings
from chatbot.answering.contract import AnswerRequest, Section
from chatbot.models import Author, Message, Slot, Turn
from chatbot.turns import history_of, question_of


def request_of(turn: Turn, *, until: datetime | None = None) -> AnswerRequest:
    """As the turn is, or was by then. Needs its scope, and its conversation loaded."""
    question = question_of(turn.id, until=until)
    before = Message.objects.filter(
        conversation_id=turn.conversation_id, turn__number=turn.number - 1, slot=Slot.CLARIFY
    ).first()
    chosen = _chosen(turn, question, before) if before else None
    return AnswerRequest(
        workspace_id=turn.workspace_id,
        question=chosen["label"] if chosen and question.strip().isdecimal() else question,
        history=history_of(turn, until=until),
        language=turn.conversation.language,
        conversation_id=turn.conversation_id,
        clarify=before is None and _may_ask_back(),
        chosen=_section(chosen["section"]) if chosen else None,
    )


def _chosen(turn: Turn, question: str, before: Message) -> dict[str, Any] | None:
    """The option that was pressed, or whose number or label was written."""
    clicks = Message.objects.filter(turn=turn, author=Author.VISITOR, chosen_from=before)
    click = clicks.values_list("chosen", flat=True).first()
    number = click or _written(question, before.options)
    return before.options[number - 1] if number else None


def _written(question: str, options: Sequence[dict[str, Any]]) -> int | None:
    said = " ".join(question.split()).strip(".").casefold()
    for number, option in enumerate(options, start=1):
        if said in {str(number), option["label"].casefold()}:
            return number
    return None


def _section(row: dict[str, Any]) -> Section:
    return Section(row["article_id"], tuple(row["heading_path"]))


def _may_ask_back() -> bool:
    allowed = WorkspaceSettings.objects.values_list("clarify", flat=True).first()
    return allowed is not False
