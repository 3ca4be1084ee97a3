"""A small workspace beside a big one: complete, walled off, and found through the index."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from accounts.scope import workspace_scope
from knowledge import embedding, lexical, segments
from knowledge.dense import nearest_sql
from knowledge.models import Article, Embedding, Passage, Posting, Segment
from knowledge.retrieval import Filters, View, search
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.test_index import passages
from knowledge.tests.test_retrieval import publish

BIG = 6_000
_FILL = """
INSERT INTO knowledge_embedding (id, workspace_id, passage_id, model_version, vector)
SELECT gen_random_uuid(), %s, id, 'fake-1', array_fill(0.05::real, ARRAY[384])::vector
FROM knowledge_passage WHERE workspace_id = %s
"""


@pytest.fixture
def small(alices: UUID, charlies: UUID, fake_model: FakeEmbedder) -> UUID:
    """Alice's 30 articles in the tables that hold Charlie's thousands, all with her words."""
    with workspace_scope(charlies):
        ids = passages(charlies, ["giraffe keeper"] * BIG)
        with connection.cursor() as cursor:
            cursor.execute(_FILL, [charlies, charlies])
            segments.add(cursor, charlies, [(one, ["giraff", "keeper"]) for one in ids])
    publish(alices, {f"g{i}": f"giraffe number{i}" for i in range(30)})
    return alices


def test_the_small_workspace_is_found_completely(small: UUID) -> None:
    text = "giraffe number7"
    view = View(text, embedding.embed([text])[0])
    found = search(small, views=[view], filters=Filters(), k=100)
    assert len(found) == 30 and found[0].doc_id == "g7"
    assert all(one.dense[0] is not None and one.lexical[0] is not None for one in found)


def test_the_app_role_cannot_pass_the_wall(small: UUID, charlies: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
    for model in (Article, Passage, Embedding, Segment, Posting):
        assert not model.objects.exists()  # outside a scope
        with workspace_scope(small):
            assert model.objects.exists()
            assert not model.objects.filter(workspace_id=charlies).exists()
            assert not model.objects.filter(workspace_id=charlies).update(workspace_id=small)


def plan(sql: str, params: list[Any]) -> list[dict[str, object]]:
    """The nodes of a statement's plan that read tables."""
    with connection.cursor() as cursor:
        # Of tables as small as these a scan may be cheaper; what counts is what can be used.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (row,) = cursor.fetchall()
    waiting = [json.loads(row[0])[0]["Plan"] if isinstance(row[0], str) else row[0][0]["Plan"]]
    nodes = []
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        nodes.append(node)
    return [node for node in nodes if "Scan" in node["Node Type"]]


def test_words_are_found_through_the_primary_key_under_row_level_security(small: UUID) -> None:
    with workspace_scope(small):
        nodes = plan(lexical.SEARCH, [small, ["giraff", "number7"], 1_000, small])
    read = [node for node in nodes if node.get("Index Name") == "knowledge_posting_pkey"]
    assert read and "term" in str(read[0]["Index Cond"]), nodes
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]


def test_vectors_are_read_through_the_workspace_index(small: UUID) -> None:
    vector = "[" + ",".join(["0.05"] * 384) + "]"
    with workspace_scope(small):
        nodes = plan(nearest_sql(1), [0, vector, small, "fake-1", vector, 10])
    assert "embedding_scan" in {node.get("Index Name") for node in nodes}
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]
