"""What is written for many conversations at once is what is written for each of them alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot import events, handoff, together
from chatbot.escalation import record
from chatbot.escalation.ending import end_together
from chatbot.models import (
    BudgetWarning,
    Handoff,
    LedgerEntry,
    Owner,
    Placement,
    Receipt,
    Turn,
    TurnState,
)
from chatbot.tests.escalating import DECISION, RETURNS, Escalated, evidence
from chatbot.tests.publishing import published
from chatbot.tests.queueing import queue
from chatbot.tests.test_escalation_ending import Crowd
from chatbot.tests.test_escalation_request import decide
from knowledge.models import Article, ArticleTag, Tag

pytestmark = pytest.mark.django_db(transaction=True)


def written(crowd: Crowd, at: int) -> dict[str, Any]:
    """All that one visitor's handoff has left, without ids and times."""
    visit = crowd.seen[at].visit
    now, told = visit.now(), visit.events()
    assert [row.staff_seq for row in told] == list(range(1, len(told) + 1))
    with workspace_scope(visit.workspace_id):
        of: dict[str, Any] = {"conversation_id": visit.conversation_id}
        turn, place = Turn.objects.get(**of), Placement.objects.get(**of)
        (receipt,) = Receipt.objects.filter(turn=turn)
        (open_one,), (line,) = Handoff.objects.filter(**of), LedgerEntry.objects.filter(**of)
    assert now.changed_at == told[-1].created_at and now.queued_at and place.awaiting_since
    assert open_one.turn_id == line.turn_id == turn.id
    return {
        "counters": (now.staff_seq, now.visitor_seq, now.visitor_wrote_seq, now.owner, now.status),
        "events": [(row.kind, row.visitor_seq, row.payload.get("text")) for row in told],
        "shown": [row.staff_payload.keys() for row in told],
        "turn": (turn.state, turn.closed_at is not None),
        "receipt": (receipt.decision, receipt.reason, receipt.cost_usd, receipt.evidence),
        "handoff": (open_one.reason, open_one.queue_id, open_one.ended_at),
        "place": (place.queue_id, place.priority, place.told_count, place.passed),
        "ledger": (line.kind, line.model_usd, line.input_tokens, line.article_id),
    }


def test_together_and_alone_leave_the_same(escalated: Escalated) -> None:
    crowd = Crowd(escalated, 4)
    assert end_together(crowd.ended[:3]) == []
    record.end(crowd.ended[3].job, crowd.ended[3].begun, crowd.ended[3].outcome)
    alone = written(crowd, 3)
    assert [written(crowd, at) for at in range(3)] == [alone] * 3


def test_what_happens_next_is_numbered_on(escalated: Escalated) -> None:
    crowd = Crowd(escalated, 2)
    assert end_together(crowd.ended) == []
    visit = crowd.seen[1].visit
    before = visit.now()
    visit.says("Is somebody there?")
    after = visit.now()
    assert after.staff_seq == before.staff_seq + 1 == len(visit.events())
    assert after.visitor_wrote_seq == after.staff_seq


def test_the_article_that_was_found_first_chooses_the_queue(
    escalated: Escalated, acme: Workspace
) -> None:
    """By its tag, from a receipt that is not written yet."""
    found = (evidence(3, "Sending back", RETURNS),)
    published(acme.id, found)
    with workspace_scope(acme.id):
        tag = Tag.objects.create(workspace_id=acme.id, name="returns")
        ArticleTag.objects.create(workspace_id=acme.id, tag=tag, article=Article.objects.get())
    queue(acme, "Returns", topics=["tag:returns"])
    tagged = Crowd(escalated, 2, replace(DECISION, evidence=found))
    others = Crowd(escalated, 2)
    assert end_together([*tagged.ended, *others.ended]) == []
    with workspace_scope(acme.id):
        rows = Placement.objects.select_related("queue").all()
        names = {row.conversation_id: row.queue.name for row in rows}
    assert [names[one.conversation_id] for one in tagged.ended] == ["Returns"] * 2
    assert [names[one.conversation_id] for one in others.ended] == ["General"] * 2


def test_where_no_people_answer_each_is_told_so_once(escalated: Escalated, acme: Workspace) -> None:
    decide(acme, people_allowed=False)
    crowd = Crowd(escalated, 3)
    assert end_together(crowd.ended) == []
    for one in crowd.seen:
        assert one.visit.now().owner == Owner.BOT and len(one.replies()) == 1
        assert one.turn().state == TurnState.UNANSWERED
        told = one.visit.events()
        assert [row.staff_seq for row in told] == list(range(1, len(told) + 1))
        assert one.visit.now().staff_seq == len(told)


def test_a_budget_that_runs_out_is_looked_at_once(escalated: Escalated, acme: Workspace) -> None:
    decide(acme, budget_usd_per_day=5.0, budget_warning_share=0.0001)
    crowd = Crowd(escalated, 4)
    with CaptureQueriesContext(connection) as queries:
        assert end_together(crowd.ended) == []
    with workspace_scope(acme.id):
        (warning,) = BudgetWarning.objects.all()
    assert warning.spent_usd == pytest.approx(4 * 0.001)  # of all four
    assert sum("SUM(" in row["sql"] for row in queries.captured_queries) == 1


def test_two_ends_in_one_conversation_are_one_handoff(escalated: Escalated) -> None:
    """The second one sees what the first has done in the same transaction."""
    crowd = Crowd(escalated, 2)
    visit = crowd.seen[0].visit
    with workspace_scope(visit.workspace_id), together.writing_together([visit.now()], []):
        assert handoff.request(events.lock(visit.conversation_id), reason="visitor_asked")
        assert not handoff.request(events.lock(visit.conversation_id), reason="visitor_asked")
    assert [row.kind for row in visit.events()].count("owner.changed") == 1
    assert end_together(crowd.ended) == []  # it comes too late for the one
    assert [row.kind for row in visit.events()].count("owner.changed") == 1


def test_if_something_cannot_be_written_nothing_is(escalated: Escalated) -> None:
    crowd = Crowd(escalated, 2)
    visit = crowd.seen[0].visit

    def fail() -> None:
        raise RuntimeError("on purpose")

    def attempt(work: Callable[[], object]) -> None:
        with workspace_scope(visit.workspace_id), together.writing_together([visit.now()], []):
            handoff.request(events.lock(visit.conversation_id), reason="visitor_asked")
            together.at_the_end("fail", work)

    before = visit.now(), len(visit.events())
    with pytest.raises(RuntimeError):
        attempt(fail)
    assert (visit.now().staff_seq, visit.now().owner) == (before[0].staff_seq, Owner.BOT)
    assert len(visit.events()) == before[1]
    attempt(lambda: None)  # and nothing is left over from it
    assert visit.now().owner == Owner.QUEUE
