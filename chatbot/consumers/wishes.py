"""What a visitor's socket carries out in one call each, beside messages."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from chatbot import (
    closing,
    contacting,
    intake,
    page_context,
    protocol,
    ratings,
    transcript_mail,
)

Where = tuple[UUID, UUID, UUID]
Frame = dict[str, Any]


def _prechat(where: Where, command: protocol.PrechatSubmit) -> None:
    contacting.fill_form(*where, given=command.model_dump(exclude={"type"}))


def _email(where: Where, command: protocol.EmailLeave) -> None:
    contacting.leave_email(*where, email=command.email)


def _solved(where: Where, command: protocol.SolvedSay) -> None:
    closing.solved(*where)


def _rating(where: Where, command: protocol.RatingGive) -> None:
    ratings.give(*where, score=command.score, comment=command.comment)


def _transcript(where: Where, command: protocol.TranscriptRequest) -> Frame:
    accepted = transcript_mail.wish(*where, email=command.email)
    return {"type": "transcript.accepted", "email": accepted.email, "confirm": accepted.confirm}


def _person(where: Where, command: protocol.PersonRequest) -> None:
    intake.request_person(*where)


def _cancel(where: Where, command: protocol.WaitCancel) -> None:
    intake.cancel_wait(*where)


def _withdraw(where: Where, command: protocol.ConsentWithdraw) -> None:
    intake.withdraw_consent(*where)


def _feedback(where: Where, command: protocol.FeedbackGive) -> None:
    intake.give_feedback(
        *where, message_id=command.message_id, verdict=command.verdict, reason=command.reason
    )


def _context(where: Where, command: protocol.ContextSet) -> None:
    page_context.set_context(*where, context=command.context)


# Each gets where it happens and its command; a frame that it returns is the answer.
WISHES: Mapping[type[protocol.Frame], Callable[[Where, Any], Frame | None]] = {
    protocol.PersonRequest: _person,
    protocol.WaitCancel: _cancel,
    protocol.ConsentWithdraw: _withdraw,
    protocol.FeedbackGive: _feedback,
    protocol.ContextSet: _context,
    protocol.PrechatSubmit: _prechat,
    protocol.EmailLeave: _email,
    protocol.SolvedSay: _solved,
    protocol.RatingGive: _rating,
    protocol.TranscriptRequest: _transcript,
}
