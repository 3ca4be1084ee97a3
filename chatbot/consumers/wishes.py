"""What a visitor's socket carries out in one call each, beside messages."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from chatbot import closing, contacting, protocol, ratings, transcript_mail

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


# Each gets where it happens and its command; a frame that it returns is the answer.
WISHES: Mapping[type[protocol.Frame], Callable[[Where, Any], Frame | None]] = {
    protocol.PrechatSubmit: _prechat,
    protocol.EmailLeave: _email,
    protocol.SolvedSay: _solved,
    protocol.RatingGive: _rating,
    protocol.TranscriptRequest: _transcript,
}
