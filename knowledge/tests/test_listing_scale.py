"""The list beside very many articles: pages, filters and searches go through indexes.

The rows are generated: every article has the word "article", one in a hundred "special", and each
its own number; ten tags. Statistics are up to date, as autovacuum keeps them.
"""

import time
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.scope import workspace_scope
from knowledge.articles import source_named
from knowledge.listing import COUNTED, Chosen, Edge, Page, list_articles, overview

ROWS = 20_000
SLOWEST_S = 0.3
_ARTICLES = """
INSERT INTO knowledge_article (id, workspace_id, source_id, external_id, title, url, lang, audience,
  created_at, updated_at, state, draft_state)
SELECT gen_random_uuid(), %s, %s, 'generated-' || n, 'Article ' || n
    || CASE WHEN n %% 100 = 0 THEN ' special' ELSE '' END, '',
  CASE WHEN n %% 50 = 0 THEN 'ru' ELSE 'en' END,
  CASE WHEN n %% 20 = 0 THEN 'internal' ELSE 'public' END,
  now(), now() - n * interval '1 second',
  CASE WHEN n %% 1000 = 0 THEN 'failed' ELSE 'published' END,
  CASE WHEN n %% 500 = 0 THEN 'draft' ELSE '' END
FROM generate_series(1, %s) n
"""
_WORDS = """
INSERT INTO knowledge_articleword (workspace_id, word, article_id)
SELECT DISTINCT workspace_id, word, id
FROM knowledge_article, regexp_split_to_table(lower(title || ' ' || external_id), '[^a-z0-9]+') word
"""
_TAGS = """
INSERT INTO knowledge_tag (id, workspace_id, name)
SELECT gen_random_uuid(), %s, 'tag ' || n FROM generate_series(0, 9) n
"""
_LABELS = """
INSERT INTO knowledge_articletag (id, workspace_id, tag_id, article_id)
SELECT gen_random_uuid(), a.workspace_id, t.id, a.id FROM knowledge_article a JOIN knowledge_tag t
  ON t.name = 'tag ' || (substring(a.external_id FROM '[0-9]+$')::int %% 10)
"""
CHOSEN = [
    Chosen(),
    Chosen(state="published"),
    Chosen(state="failed"),
    Chosen(state="draft"),
    Chosen(state="review"),
    Chosen(state="scheduled"),
    Chosen(lang="ru"),
    Chosen(lang="xx"),
    Chosen(audience="internal"),
    Chosen(audience="signed_in"),
    Chosen(tag="nobody's"),
    Chosen(tag="tag 3", state="failed"),
    Chosen(text="special"),
    Chosen(text="article"),
    Chosen(text="article 777"),
    Chosen(text="nothing such"),
]
# With a tag that more articles have than are looked up by id, joining all of them can be quicker.
COMMON = [
    Chosen(tag="tag 3"),
    Chosen(text="article generated special", lang="ru", state="published", tag="tag 0"),
]


def fill(workspace_id: UUID, rows: int) -> None:
    with workspace_scope(workspace_id), connection.cursor() as cursor:
        source = source_named(workspace_id, "console", kind="console")
        cursor.execute(_ARTICLES, [workspace_id, source.id, rows])
        cursor.execute(_WORDS)
        cursor.execute(_TAGS, [workspace_id])
        cursor.execute(_LABELS, [])


def analyse() -> None:
    with connections["owner"].cursor() as cursor:
        for table in ("article", "articleword", "articletag", "tag"):
            cursor.execute(f"ANALYZE knowledge_{table}")


@pytest.fixture
def large(alices: UUID) -> UUID:
    """Committed, since statistics are made by the owner's connection."""
    fill(alices, ROWS)
    analyse()
    return alices


def plans(captured: CaptureQueriesContext) -> str:
    """How PostgreSQL finds the rows of what was asked."""
    asked = [one["sql"] for one in captured.captured_queries]
    asked = [sql for sql in asked if "knowledge_article" in sql and "set_config" not in sql]
    with connection.cursor() as cursor:
        found = []
        for sql in asked:
            cursor.execute(f"EXPLAIN {sql}")
            found += [sql, *(row[0] for row in cursor.fetchall())]
    return "\n".join(found)


def timed(call: Callable[[], Page]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


@pytest.mark.django_db(transaction=True)
def test_no_page_of_the_list_reads_all_articles(large: UUID) -> None:
    edge = list_articles(large, Chosen()).older
    assert edge is not None
    for chosen in CHOSEN:
        for kind in ({}, {"older_than": edge}, {"newer_than": edge}):
            with workspace_scope(large):
                with CaptureQueriesContext(connection) as captured:
                    list_articles(large, chosen, **kind)
                plan = plans(captured)
            assert "Seq Scan on knowledge_article " not in plan, plan
            assert "Seq Scan on knowledge_articleword" not in plan, plan
            assert "hashed SubPlan" not in plan, plan
            assert "Index" in plan


@pytest.mark.django_db(transaction=True)
def test_every_page_comes_in_time(large: UUID) -> None:
    slow = {}
    for chosen in [*CHOSEN, *COMMON]:
        took = min(timed(partial(list_articles, large, chosen)) for _ in range(3))
        if took > SLOWEST_S:
            slow[chosen] = took
    assert slow == {}


@pytest.mark.django_db(transaction=True)
def test_what_is_found_is_what_is_there_and_counts_stop(large: UUID) -> None:
    counts = {
        chosen: (page.count.number, page.count.more)
        for chosen in CHOSEN
        for page in [list_articles(large, chosen)]
    }
    assert counts[Chosen()] == counts[Chosen(text="article")] == (COUNTED, True)
    assert counts[Chosen(state="failed")] == (ROWS // 1000, False)
    assert counts[Chosen(state="draft")] == (ROWS // 500, False)
    assert counts[Chosen(lang="ru")] == (ROWS // 50, False)
    assert counts[Chosen(text="special")] == (ROWS // 100, False)
    assert counts[Chosen(text="article 777")] == (11, False)  # 777 and 7770 to 7779
    assert counts[Chosen(text="nothing such")] == counts[Chosen(lang="xx")] == (0, False)
    assert overview(large).states["published"].more


@pytest.mark.django_db(transaction=True)
def test_pages_lead_through_all_of_a_filter(large: UUID) -> None:
    seen: list[UUID] = []
    edge: Edge | None = None
    while True:
        page = list_articles(large, Chosen(lang="ru", state="published"), older_than=edge)
        seen += [one.id for one in page.articles]
        edge = page.older
        if edge is None:
            break
    assert len(seen) == len(set(seen)) == ROWS // 50 - ROWS // 1000
