"""Tier 3: a person. Request, claim, reply, give back, resolve."""

from chatbot.handoff.desk import add_note, claim, give_back, release, reply, resolve, take_over
from chatbot.handoff.request import request
from chatbot.handoff.transfer import transfer_to_member, transfer_to_queue

__all__ = [
    "add_note", "claim", "give_back", "release", "reply", "request", "resolve", "take_over",
    "transfer_to_member", "transfer_to_queue",
]  # fmt: skip
