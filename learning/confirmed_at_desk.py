"""An editor's verdict at the desk confirms the large model's answer, or takes that back.

Confirming is an editor's act (docs/decisions/0035): so the verdict of somebody who is one, and sits
at the desk, is one too, and an agent's makes a candidate as ever. The job comes once for each
verdict that is given, so what an editor takes back in the console stays so. The last word stands.
"""

from uuid import UUID

from accounts.access import EDITORS
from accounts.errors import Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import AnswerVerdict, Author, Conversation
from learning import confirming, gap_groups, gap_questions, review_lock
from learning.conversation_facts import facts_of
from learning.models import ConfirmedAnswer, GapQuestion
from learning.review_jobs import ask_for_grouping
from outbox.queue import LeasedJob


def follow(job: LeasedJob) -> None:
    """Do what the verdict says now. Twice is harmless."""
    receipt_id = UUID(job.payload["receipt_id"])
    with workspace_scope(job.workspace_id):
        job.complete()
        rows = AnswerVerdict.objects.select_related("receipt__turn__conversation", "member")
        given = rows.filter(receipt_id=receipt_id).first()
        if given is None or not _is_editors(given.member):
            return
        if given.verdict == "right":
            _confirm(given)
        else:
            _take_back(given)


def _is_editors(member: Member | None) -> bool:
    return member is not None and member.is_active and member.role in EDITORS


def _confirm(given: AnswerVerdict) -> None:
    turn = given.receipt.turn
    _look_at(turn.conversation)
    if not GapQuestion.objects.filter(turn=turn, answer_by=Author.MODEL).exists():
        return  # what would be confirmed is what an agent wrote afterwards
    try:
        confirming.confirm(given.member, turn.id)
    except (NotFound, Invalid):
        return  # it was no question, or its visitor called it wrong


def _take_back(given: AnswerVerdict) -> None:
    """What an agent answered in its place stays confirmed: the verdict is on the model's answer."""
    rows = ConfirmedAnswer.objects.filter(answer_by=Author.MODEL)
    row = rows.filter(turn_id=given.receipt.turn_id).first()
    if row is not None:
        confirming.undo(given.member, row.id)


def _look_at(conversation: Conversation) -> None:
    """The question may not have been looked at yet: that happens when a report is opened."""
    review_lock.hold(conversation.workspace_id)
    questions = gap_questions.store(facts_of([conversation]))
    gap_groups.refresh(questions.groups)
    if questions.waiting:
        ask_for_grouping(conversation.workspace_id)
