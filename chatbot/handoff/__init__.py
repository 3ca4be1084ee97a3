"""Tier 3: a person. Request, claim, reply, give back, resolve."""

from chatbot.handoff.desk import add_note, claim, give_back, release, reply, resolve, take_over
from chatbot.handoff.request import request

__all__ = [
    "add_note", "claim", "give_back", "release", "reply", "request", "resolve", "take_over",
]  # fmt: skip
