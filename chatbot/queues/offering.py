"""Offers: a waiting conversation is put before one agent at a time.

An offer is no owner: the visitor hears of an agent when that agent takes it, and any colleague may
still claim it. What is not taken up in time goes on to the next agent.
"""

from datetime import datetime, timedelta

from chatbot import events
from chatbot.models import Attendance, Conversation, Placement
from chatbot.queues import staff

NOT_TAKEN_UP = "not_taken_up"


def see_to(conversation: Conversation, place: Placement, now: datetime) -> None:
    """Take an offer back that has ended, and make the next one. The caller holds the lock."""
    if place.offered_to_id and (why := _ended(place, now)):
        _take_back(conversation, place, why)
    if place.queue.assign and place.offered_to_id is None:
        _offer(conversation, place, now)


def _ended(place: Placement, now: datetime) -> str:
    if place.offered_until and place.offered_until <= now:
        return NOT_TAKEN_UP
    row = Attendance.objects.filter(member=place.offered_to).first()
    state = staff.state_of(row, now)
    return "" if state == staff.AVAILABLE else f"agent_{state}"


def _take_back(conversation: Conversation, place: Placement, why: str) -> None:
    member = place.offered_to
    assert member is not None
    place.passed = [*place.passed, member.id]
    place.offered_to, place.offered_until = None, None
    said = {"member_id": str(member.id), "member_name": member.display_name, "reason": why}
    events.append(conversation, "offer.passed", {}, visitor=False, staff=said)


def _offer(conversation: Conversation, place: Placement, now: datetime) -> None:
    member = staff.free_agent(place.queue, passed=place.passed)
    if member is None and place.passed:
        place.passed = []  # everybody had it: the round begins anew
        member = staff.free_agent(place.queue, passed=[])
    if member is None:
        return
    place.offered_to = member
    place.offered_until = now + timedelta(seconds=place.queue.take_up_s)
    said = {
        "member_id": str(member.id),
        "member_name": member.display_name,
        "until": place.offered_until.isoformat(),
    }
    events.append(conversation, "offer.made", {}, visitor=False, staff=said)
