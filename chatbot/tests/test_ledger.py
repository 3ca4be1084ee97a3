"""What answers did cost, line by line: no line is changed, or tells of an erased visitor."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from accounts.models import Workspace, WorkspaceSettings
from accounts.scope import workspace_scope
from accounts.tests.rows import row_in
from chatbot import erasing, events, ledger
from chatbot.ledger import Counterfactual, Work
from chatbot.models import Conversation, Kind, LedgerEntry, Turn
from chatbot.tests.conftest import Visit
from knowledge.models import Article, ArticleTag, Tag

pytestmark = pytest.mark.django_db
SUPPOSED = Counterfactual(0.002, "openai/gpt")


def written(visit: Visit, work: Work, *found: dict[str, str]) -> LedgerEntry:
    with workspace_scope(visit.workspace_id):
        conversation = events.lock(visit.conversation_id)
        turn = Turn.objects.filter(conversation=conversation).first()
        return ledger.record(conversation, work, turn=turn, found=found)


@pytest.mark.parametrize("per_hour", [0.0, 0.36])
def test_a_cpu_second_has_a_price(vera: Visit, per_hour: float) -> None:
    with override_settings(CPU_USD_PER_HOUR=per_hour):
        row = written(vera, Work(Kind.COMPACT, 1, answered=True, cpu_s=2.0))
    assert row.cpu_s == 2.0 and row.cpu_usd == pytest.approx(per_hour / 1800)


def test_a_line_says_what_was_done_and_for_whom(vera: Visit) -> None:
    vera.says("May I return an anvil?")
    work = Work(
        Kind.LARGE, 2, answered=True, provider="openai", model="gpt", input_tokens=9,
        output_tokens=3, model_usd=0.01, counterfactual=SUPPOSED,
    )  # fmt: skip
    row = written(vera, work)
    assert (row.conversation_id, row.workspace_id) == (vera.conversation_id, vera.workspace_id)
    assert row.turn_id is not None and (row.article_id, row.topic) == (None, "")
    assert (row.model_usd, row.counterfactual_usd, row.priced_by) == (0.01, 0.002, "openai/gpt")
    assert (row.agent_s, row.agent_usd) == (None, None)


def test_what_answered_nobody_spared_nothing(vera: Visit) -> None:
    row = written(vera, Work(Kind.COMPACT, 1, counterfactual=SUPPOSED))
    assert (row.counterfactual_usd, row.priced_by) == (None, "")


def test_a_topic_is_the_first_tag_of_the_article_as_it_is_called_now(vera: Visit) -> None:
    with workspace_scope(vera.workspace_id):
        article = row_in(vera.workspace_id, Article)
        assert isinstance(article, Article)
        tags = [Tag.objects.create(workspace_id=vera.workspace_id, name=name) for name in "ba"]
        for tag in tags:
            ArticleTag.objects.create(workspace_id=vera.workspace_id, tag=tag, article=article)
    found = {"article_id": "none"}, {"article_id": str(article.id)}
    row = written(vera, Work(Kind.COMPACT, 1, answered=True), *found)
    assert (row.article_id, row.topic) == (article.id, "a")
    with workspace_scope(vera.workspace_id):
        Tag.objects.filter(name="a").update(name="z")
        assert LedgerEntry.objects.get().topic == "a"


def test_a_persons_time_costs_what_the_workspace_says(vera: Visit, acme: Workspace) -> None:
    work = Work(Kind.PERSON, 3, answered=True, agent_s=600.0)
    assert written(vera, work).agent_usd is None
    with workspace_scope(acme.id):
        WorkspaceSettings.objects.create(workspace=acme, agent_usd_per_hour=30.0)
    assert written(vera, work).agent_usd == pytest.approx(5.0)


def test_no_line_is_changed(vera: Visit) -> None:
    written(vera, Work(Kind.COMPACT, 1, cpu_s=1.0))
    for change in (
        lambda: LedgerEntry.objects.update(cpu_s=0.0),
        lambda: LedgerEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), workspace_scope(vera.workspace_id), transaction.atomic():
            change()
    with workspace_scope(vera.workspace_id):
        assert LedgerEntry.objects.get().cpu_s == 1.0


def test_an_erased_visitor_is_in_no_line_and_the_sums_stay(vera: Visit, other: Workspace) -> None:
    vera.says("Hello")
    written(vera, Work(Kind.COMPACT, 1, answered=True, cpu_s=1.0, counterfactual=SUPPOSED))
    with workspace_scope(other.id):
        ledger.forget([vera.conversation_id])  # another workspace's word changes nothing
    with workspace_scope(vera.workspace_id):
        assert LedgerEntry.objects.get().conversation_id == vera.conversation_id
        erasing.erase([vera.conversation_id])
        erasing.erase([vera.conversation_id])
        assert not Conversation.objects.exists()
        row = LedgerEntry.objects.get()
    assert (row.conversation_id, row.turn_id) == (None, None)
    assert (row.cpu_s, row.counterfactual_usd) == (1.0, 0.002)


def test_no_line_of_another_workspace_is_read(vera: Visit, other: Workspace) -> None:
    written(vera, Work(Kind.COMPACT, 1))
    with workspace_scope(other.id), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM chatbot_ledgerentry")
        assert cursor.fetchone() == (0,)
        with pytest.raises(DatabaseError), transaction.atomic():
            LedgerEntry.objects.create(workspace_id=vera.workspace_id, kind=Kind.CACHE, tier=1)
