"""Pages about money, kept answers, replays and confirmed ones ask as often for many as for few."""

from collections.abc import Callable
from dataclasses import asdict

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.ids import uuid7
from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot.models import CachedAnswer, Conversation, Kind, Message, Turn
from chatbot.tests.conftest import new_visit
from console.tests.pages import BASE, log_in
from learning.models import (
    ConfirmedAnswer,
    GapQuestion,
    GoldenQuestion,
    ReplayChange,
    ReplayRun,
)
from learning.replay import Wanted
from learning.tests.ledger_lines import line
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
FEW, MANY = 3, 25  # the shortest of these pages holds 25


def turns(workspace: Workspace, count: int) -> list[Turn]:
    """Each of a visitor of its own, who said something."""
    found = []
    for _ in range(count):
        visit = new_visit(workspace.id)
        with workspace_scope(workspace.id):
            conversation = Conversation.objects.get(id=visit.conversation_id)
            turn = Turn.objects.create(workspace=workspace, conversation=conversation, number=1)
            Message.objects.create(
                workspace=workspace, conversation=conversation, turn=turn, author="visitor",
                text="Where is it?",
            )  # fmt: skip
        found.append(turn)
    return found


def lines(cast: Cast, count: int) -> str:
    for number, turn in enumerate(turns(cast.workspace, count)):
        line(
            cast.workspace, Kind.COMPACT, 1, topic=f"t{number}-{uuid7()}"[:40], turn_id=turn.id,
            created_at=timezone.now(), counterfactual_usd=0.01, priced_by="reference/gpt",
        )  # fmt: skip
    return f"{BASE}savings/"


def answers(cast: Cast, count: int) -> str:
    return f"{lines(cast, count)}answers/"


def kept(cast: Cast, count: int) -> str:
    with workspace_scope(cast.workspace.id):
        for turn in turns(cast.workspace, count):
            CachedAnswer.objects.create(
                workspace=cast.workspace, turn=turn, audience="public", embedder="e",
                key=str(turn.id), question="Where?", vector=[1.0] * 384, sentences=["Here [1]."],
                model="m", rests_on=[{"article_id": str(uuid7()), "title": "T",
                                      "heading_path": [], "digest": "d"}],
                last_used_at=timezone.now(),
            )  # fmt: skip
    return f"{BASE}settings/large-models/earlier/"


def changes(cast: Cast, count: int) -> str:
    side = {"kind": "answer", "text": "It is here.", "calls": 0, "people": 0.0, "usd": 0.0}
    with workspace_scope(cast.workspace.id):
        run = ReplayRun.objects.create(
            workspace=cast.workspace, until=timezone.now(), ended_at=timezone.now(),
            wanted=asdict(Wanted(risk=0.1)),
        )  # fmt: skip
        for turn in turns(cast.workspace, count):
            ReplayChange.objects.create(
                workspace=cast.workspace, run=run, turn=turn, conversation=turn.conversation,
                kind="lost", was=side, now=side,
            )  # fmt: skip
    return f"{BASE}replays/{run.id}/"


def candidates(cast: Cast, count: int) -> str:
    with workspace_scope(cast.workspace.id):
        for turn in turns(cast.workspace, count):
            GapQuestion.objects.create(
                workspace=cast.workspace, turn=turn, conversation=turn.conversation, lang="en",
                text="Where?", answer="Here.", answer_by="model", needs_help=True,
                asked_at=timezone.now(),
            )  # fmt: skip
    return f"{BASE}confirmed/"


def confirmed(cast: Cast, count: int) -> str:
    with workspace_scope(cast.workspace.id):
        for turn in turns(cast.workspace, count):
            key = f"confirmed-{turn.id}"
            GoldenQuestion.objects.create(workspace=cast.workspace, key=key, question="Where?")
            ConfirmedAnswer.objects.create(
                workspace=cast.workspace, turn=turn, conversation=turn.conversation,
                question="Where?", answer="Here.", answer_by="model", golden_key=key,
                doc_id=str(turn.id), confirmed_by=cast.alice,
            )  # fmt: skip
    return f"{BASE}confirmed/"


@pytest.mark.parametrize("fill", [lines, answers, kept, changes, candidates, confirmed])
def test_many_rows_cost_as_many_queries_as_few(
    client: Client, cast: Cast, fill: Callable[[Cast, int], str]
) -> None:
    log_in(client, cast.alice)
    asked = []
    for count in (FEW, MANY - FEW):
        path = fill(cast, count)
        client.get(path)  # what is made once at the first look
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(path).status_code == 200
        asked.append([query["sql"] for query in queries.captured_queries])
    assert len(asked[0]) == len(asked[1]), asked[1]
