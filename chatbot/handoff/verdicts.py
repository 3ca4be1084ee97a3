"""What agents say of the bot's answers: right, wrong, or right but incomplete.

One click, the last word stands. Every change is in the audit log, as with random audits; from
those these are kept apart, because agents judge what they happen to open. What an editor says
of the large model's answers goes further: see learning.confirmed_at_desk.
"""

from uuid import UUID

from accounts import audit
from accounts.access import EDITORS
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import cached_answers, events
from chatbot.errors import Invalid
from chatbot.models import AnswerVerdict, Receipt
from outbox.queue import enqueue

VERDICTS = ("right", "wrong", "incomplete")
BY_EDITOR, QUEUE = "editor_judged", "knowledge"


def give(member: Member, receipt_id: UUID, verdict: str) -> AnswerVerdict:
    """The same again changes nothing. Raises Invalid, and NotFound also for what was no answer."""
    if verdict not in VERDICTS:
        raise Invalid(f"A verdict is one of {', '.join(VERDICTS)}")
    with workspace_scope(member.workspace_id):
        receipt = Receipt.objects.select_related("turn").filter(id=receipt_id).first()
        if receipt is None or receipt.message_id is None or receipt.tier == 0:
            raise NotFound("no such answer")
        conversation = events.lock(receipt.turn.conversation_id)
        known = AnswerVerdict.objects.filter(receipt=receipt).first()
        if known and (known.verdict, known.member_id) == (verdict, member.id):
            return known
        row, _ = AnswerVerdict.objects.update_or_create(
            receipt=receipt,
            defaults={
                "workspace_id": member.workspace_id,
                "verdict": verdict,
                "member": member,
            },
        )
        before = {"before": known.verdict} if known else {}
        audit.record(
            member, "answer.judged", target_kind="receipt", target_id=receipt_id,
            verdict=verdict, **before,
        )  # fmt: skip
        said = {
            "receipt_id": str(receipt.id),
            "message_id": str(receipt.message_id),
            "verdict": verdict,
            "member_id": str(member.id),
            "member_name": member.display_name,
        }
        events.append(conversation, "verdict.given", {}, visitor=False, staff=said)
        if verdict == "wrong":
            cached_answers.withdraw(receipt.message_id)
        if receipt.tier == 2 and member.role in EDITORS:
            _let_learn(member, receipt)
        return row


def _let_learn(member: Member, receipt: Receipt) -> None:
    """A job for each verdict: one that only says the same again has none."""
    payload = {"receipt_id": str(receipt.id)}
    enqueue(BY_EDITOR, workspace_id=member.workspace_id, payload=payload, queue=QUEUE)
