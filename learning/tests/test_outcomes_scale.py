"""Reports of 100,000 conversations: few queries, and lists use their index and stop counting."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.scope import workspace_scope
from learning import outcomes
from learning.outcomes import Only, Span
from tests.cast import Cast

COUNT = 100_000
MOST_QUERIES = 12
FILL = """
WITH made AS (
  INSERT INTO chatbot_conversation (id, workspace_id, channel, contact_id, owner, status,
         staff_seq, visitor_seq, visitor_wrote_seq, language, created_at, changed_at, context)
  SELECT gen_random_uuid(), %(workspace)s, 'widget', %(contact)s, 'bot', 'open', 0, 0, 0, 'en',
         now(), now(), '{}' FROM generate_series(1, %(count)s) RETURNING id)
INSERT INTO learning_conversationday (id, workspace_id, conversation_id, day, started_at, language,
       channel, questions, tier, helped, wrong, reopened, escalated, handed_off, article_id,
       first_answer_s, model_answers, model_answers_usd, cost_usd)
SELECT gen_random_uuid(), %(workspace)s, id, at::date, at, (ARRAY['en','ru'])[1 + (n %% 2)],
       'widget', 1, (ARRAY[0,1,1,1,2,3,NULL])[1 + (n %% 7)], n %% 5 = 0, n %% 11 = 0, n %% 13 = 0,
       CASE WHEN n %% 7 = 4 THEN 'low_confidence' ELSE '' END,
       CASE WHEN n %% 7 > 4 THEN 'no_provider' ELSE '' END,
       ('00000000-0000-7000-8000-' || lpad((n %% 997)::text, 12, '0'))::uuid,
       n %% 60, 0, 0, 0.001
FROM (SELECT id, n, now() - (n %% 360) * interval '1 day' - (n %% 86000) * interval '1 s' AS at
      FROM (SELECT id, row_number() OVER () AS n FROM made) numbered) dated
"""


@pytest.fixture
def many(cast: Cast) -> Cast:
    with workspace_scope(cast.workspace.id), connection.cursor() as cursor:
        given: dict[str, Any] = {
            "workspace": cast.workspace.id,
            "contact": cast.vera.contact_id,
            "count": COUNT,
        }
        cursor.execute(FILL, given)
        cursor.execute("ANALYZE learning_conversationday")
    return cast


def test_reports_of_100_000_conversations_ask_as_often_as_of_few(
    many: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    workspace_id, today = many.workspace.id, timezone.now().date()
    for days in (28, 366):
        span = Span(today - timedelta(days=days - 1), today)
        with django_assert_max_num_queries(MOST_QUERIES):
            outcomes.report(workspace_id, span)
        with django_assert_max_num_queries(MOST_QUERIES):
            outcomes.page(workspace_id, span, Only())
    old = outcomes.page(workspace_id, span, Only(said="wrong"))
    assert old.count is None and len(old.found) == outcomes.PER_PAGE and old.before


def test_a_list_reads_its_index_and_not_the_table(many: Cast) -> None:
    today = timezone.now().date()
    span = Span(today - timedelta(days=27), today)
    with workspace_scope(many.workspace.id):
        rows = outcomes.in_span(many.workspace.id, span)
        plan = rows.order_by("-day", "-started_at", "-id")[:26].explain()
    assert "outcome_by_day" in plan and "Sort" not in plan
