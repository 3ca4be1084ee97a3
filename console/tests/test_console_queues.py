"""Queues as an administrator sets them up."""

import pytest
from django.test import Client

from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from chatbot import intake
from chatbot.models import Attendance, DeskRules, Placement, PriorityRule, Queue, SlaTarget
from console.tests.pages import BASE, log_in, member
from tests.cast import Cast

QUEUES = f"{BASE}settings/queues/"
NEW = f"{QUEUES}new/"
RULES = {
    "silent_min": "5", "gone_min": "2", "visitor_gone_min": "", "visitor_left_min": "15",
    "holding_min": "3", "unsafe_words": "court\ndata breach", "tags": "invoices = urgent",
    **{f"priority_{one}": "0" for one in (
        "asked_for_person", "complaint", "unsafe_topic", "repeated_failure", "low_confidence",
        "no_provider", "no_consent", "timeout",
    )},
}  # fmt: skip


def given(cast: Cast, **more: object) -> dict[str, object]:
    return {
        "name": "Billing", "languages": ["ru"], "topics": ["complaint"], "tags": "Invoices, money",
        "members": [str(cast.bob.id)], "assign": "on", "take_up_s": "30",
        "sla_0_first_reply": "5", "sla_2_resolution": "60", **more,
    }  # fmt: skip


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.alice)


def everything(cast: Cast) -> list[object]:
    with workspace_scope(cast.workspace.id):
        return [
            list(model.objects.order_by("id").values())
            for model in (Queue, SlaTarget, PriorityRule, DeskRules, Attendance)
        ]


def test_a_queue_is_made_shown_changed_and_logged(admin: Client, cast: Cast) -> None:
    assert "General" in admin.get(QUEUES).text
    assert admin.post(NEW, given(cast)).status_code == 302
    with workspace_scope(cast.workspace.id):
        row = Queue.objects.get(name="Billing")
        assert row.topics == ["complaint", "tag:invoices", "tag:money"]
        assert [one.member_id for one in row.people.all()] == [cast.bob.id]
        assert list(
            row.targets.order_by("priority").values_list("first_reply_min", "resolution_min")
        ) == [(5, None), (None, 60)]
        assert AuditEntry.objects.filter(action="queue.made").exists()
    page = admin.get(f"{QUEUES}{row.id}/").text
    assert 'value="invoices, money"' in page and 'name="sla_0_first_reply" value="5"' in page
    changed = given(cast, name="Money", members=[], sla_0_first_reply="")
    assert admin.post(f"{QUEUES}{row.id}/", changed).status_code == 302
    with workspace_scope(cast.workspace.id):
        row.refresh_from_db()
        assert (row.name, row.people.count(), row.targets.count()) == ("Money", 0, 1)


def test_a_deleted_queue_leaves_its_visitors_in_the_default_one(admin: Client, cast: Cast) -> None:
    admin.get(QUEUES)  # which makes the default one
    admin.post(NEW, given(cast, topics=["asked_for_person"], languages=[]))
    where = (cast.workspace.id, cast.conversation_id, cast.vera.contact_id)
    intake.request_person(*where)
    with workspace_scope(cast.workspace.id):
        place = Placement.objects.select_related("queue").get()
        default = Queue.objects.get(is_default=True)
    assert place.queue.name == "Billing"
    admin.post(f"{QUEUES}{place.queue_id}/delete/")
    admin.post(f"{QUEUES}{default.id}/delete/")  # which stays
    with workspace_scope(cast.workspace.id):
        assert [row.name for row in Queue.objects.all()] == ["General"]
        assert Placement.objects.get().queue_id == default.id


def test_rules_and_capacity_are_saved_and_shown(admin: Client, cast: Cast) -> None:
    assert admin.post(QUEUES, RULES).status_code == 302
    with workspace_scope(cast.workspace.id):
        row = DeskRules.objects.get()
        assert (row.silent_min, row.visitor_gone_min) == (5, None)
        assert row.unsafe_words == ["court", "data breach"]
        rules = dict(PriorityRule.objects.values_list("topic", "priority"))
    assert rules == {"tag:invoices": 2, "complaint": 0, "unsafe_topic": 0}
    assert "invoices = urgent" in admin.get(QUEUES).text
    admin.post(f"{BASE}settings/agents/{cast.bob.id}/capacity/", {"capacity": "2"})
    with workspace_scope(cast.workspace.id):
        assert Attendance.objects.get(member=cast.bob).capacity == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""}, {"name": "General"}, {"take_up_s": "1"}, {"sla_0_first_reply": "soon"},
        {"members": ["0198c0de-0000-7000-8000-000000000001"]}, {"languages": ["tlh"]},
        {"topics": ["nonsense"]},
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_what_was_typed(
    admin: Client, cast: Cast, bad: dict[str, object]
) -> None:
    admin.get(QUEUES)
    before = everything(cast)
    answer = admin.post(NEW, given(cast) | bad)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert "Invoices, money" in answer.text
    assert everything(cast) == before


@pytest.mark.parametrize(
    "bad", [{"tags": "invoices"}, {"silent_min": "0"}, {"unsafe_words": "x" * 81}]
)
def test_rules_that_cannot_be_are_kept_to_be_mended(
    admin: Client, cast: Cast, bad: dict[str, str]
) -> None:
    admin.get(QUEUES)
    before = everything(cast)
    answer = admin.post(QUEUES, RULES | bad)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert everything(cast) == before


@pytest.mark.parametrize("role", ["agent", "editor", "analyst", "stranger", "anonymous"])
def test_others_may_not_and_nothing_changes(client: Client, cast: Cast, role: str) -> None:
    with workspace_scope(cast.workspace.id):
        row = Queue.objects.create(workspace=cast.workspace, name="Billing")
    if role == "stranger":
        log_in(client, cast.charlie)
    elif role != "anonymous":
        log_in(client, member(cast, role))
    before = everything(cast)
    expected = {"stranger": 404, "anonymous": 302}.get(role, 403)
    capacity = f"{BASE}settings/agents/{cast.bob.id}/capacity/"
    for path in (QUEUES, NEW, f"{QUEUES}{row.id}/", f"{QUEUES}{row.id}/delete/", capacity):
        assert client.post(path, given(cast) | {"capacity": "1"}).status_code == expected
    assert everything(cast) == before
