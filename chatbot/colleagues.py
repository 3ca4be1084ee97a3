"""What becomes of a question that the bot asked a colleague: answered, or not in time.

The conversation's lock and the question's state decide between two answers, a visitor who asks
for a person, and the clock: one of them wins, and the others change nothing.
"""

from uuid import UUID

from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import events, handling, handoff, replies, voices
from chatbot.errors import Conflict, Superseded
from chatbot.escalation.redaction import Redactor
from chatbot.models import Author, ColleagueQuestion, QuestionState, Slot, TurnState
from chatbot.texts import checked_text
from knowledge import drafts, editing
from outbox.queue import LeasedJob

LONGEST_TITLE = 200
LISTED = 20


def waiting_for(member: Member) -> list[ColleagueQuestion]:
    """What this member was asked and nobody has answered, longest wait first."""
    with workspace_scope(member.workspace_id):
        rows = ColleagueQuestion.objects.filter(asked_of=member, state=QuestionState.OPEN)
        return list(rows.order_by("asked_at", "id")[:LISTED])


def answer(member: Member, question_id: UUID, *, text: str, article: bool) -> ColleagueQuestion:
    """The bot tells the visitor; with `article` the answer becomes a draft that waits for review.

    The same answer twice is posted once. Raises Invalid, NotFound, and Conflict where another
    answered, the time is over, or the visitor has a person by now.
    """
    text = checked_text(text)
    with workspace_scope(member.workspace_id):
        found = ColleagueQuestion.objects.filter(id=question_id).first()
        if found is None:
            raise NotFound("no such question")
        events.lock(found.conversation_id)
        found.refresh_from_db()
        if found.state == QuestionState.ANSWERED and found.answered_by_id == member.id:
            return found
        if found.state != QuestionState.OPEN:
            raise Conflict("This question is not open any more")
        _post(member, found, text)
        found.state, found.answer, found.answered_by = QuestionState.ANSWERED, text, member
        found.ended_at = timezone.now()
        if article:
            found.article_id = _draft(member, found)
        found.save()
        return found


def _post(member: Member, found: ColleagueQuestion, text: str) -> None:
    try:
        conversation, turn = replies.current_turn(
            found.turn_id, found.turn_revision, state=TurnState.COLLEAGUE
        )
    except Superseded:
        raise Conflict("The visitor has gone on meanwhile") from None
    lead = voices.voice().says(conversation.language, "colleague_answer")
    reply = replies.Reply(f"{lead}\n\n{text}", Slot.COLLEAGUE, Author.BOT)
    replies.post_reply(conversation, turn, reply)
    handling.record_word(conversation, turn)
    happening = {
        "question_id": str(found.id),
        "member_id": str(member.id),
        "member_name": member.display_name,
    }
    events.append(conversation, "colleague.answered", {}, visitor=False, staff=happening)


def _draft(member: Member, found: ColleagueQuestion) -> UUID:
    """An article that answers nothing until an editor has published it. The visitor's personal
    details are taken out of the title."""
    title = " ".join(Redactor().redact(found.question).split())[:LONGEST_TITLE]
    lang = voices.voice().language(found.conversation.language)
    draft = editing.Draft(title=title, text=found.answer, lang=lang)
    article = editing.save_draft(member, f"colleague-{found.id}", draft, base=0).article
    drafts.submit(member, article.id)
    return article.id


def expire(job: LeasedJob) -> None:
    """The time is over: hand the conversation over, once."""
    with workspace_scope(job.workspace_id):
        job.complete()
        found = ColleagueQuestion.objects.filter(id=job.payload["question_id"]).first()
        if found is None:
            return
        conversation = events.lock(found.conversation_id)
        late = ColleagueQuestion.objects.filter(id=found.id, state=QuestionState.OPEN)
        if late.update(state=QuestionState.EXPIRED, ended_at=timezone.now()) == 1:
            handoff.request(conversation, reason="colleague_silent", turn=found.turn)
