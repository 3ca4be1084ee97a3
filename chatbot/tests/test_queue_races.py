"""Two at once, and the scheduler's own look: one offer, one place, one owner."""

import pytest

from accounts.models import Member, Workspace
from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.errors import Conflict
from chatbot.models import Attendance, Placement
from chatbot.queues import attending, staff
from chatbot.tests.conftest import Visit, new_visit
from chatbot.tests.queueing import asks, assigning, later, place
from tests.together import together


@pytest.mark.django_db(transaction=True)
def test_two_workers_who_look_at_once_offer_once_and_tell_once(
    acme: Workspace, bob: Member, vera: Visit
) -> None:
    assigning(acme)
    staff.heartbeat(bob)
    asks(vera)
    with workspace_scope(acme.id):
        Placement.objects.update(told_at=later(-4))
    together(*[lambda: attending.attend(acme.id)] * 3)
    kinds = vera.kinds()
    assert (kinds.count("offer.made"), kinds.count("message.posted")) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_one_place_is_never_filled_twice(acme: Workspace, bob: Member, vera: Visit) -> None:
    assigning(acme)
    staff.heartbeat(bob)
    with workspace_scope(acme.id):
        Attendance.objects.update(capacity=2)
    visits = [asks(one) for one in (vera, *(new_visit(acme.id) for _ in range(4)))]
    together(*[lambda: attending.attend(acme.id)] * 3)
    assert sum(place(one).offered_to == bob for one in visits) == 2


@pytest.mark.django_db(transaction=True)
def test_a_reply_and_the_silence_at_once_leave_one_owner(bob: Member, vera: Visit) -> None:
    asks(vera)
    handoff.claim(bob, vera.conversation_id)
    with workspace_scope(vera.workspace_id):
        Placement.objects.update(awaiting_since=later(-11), look_at=later(-1))

    def reply() -> bool:
        try:
            handoff.reply(bob, vera.conversation_id, client_id="r", text="Here")
        except Conflict:
            return False
        return True

    replied, _ = together(reply, lambda: bool(attending.attend(vera.workspace_id)))
    assert vera.now().owner == ("member" if replied else "queue")


@pytest.mark.django_db(transaction=True)
def test_the_scheduler_finds_what_is_due_in_each_workspace(
    acme: Workspace, other: Workspace, vera: Visit
) -> None:
    asks(vera)
    asks(new_visit(other.id))
    now = later(seconds=1)
    assert attending.enqueue_due(now) == 2
    assert attending.enqueue_due(now) == 0  # the same two seconds: once
    for workspace in (acme, other):
        attending.attend(workspace.id, now)
    assert attending.enqueue_due(now) == 0
