"""Large workspaces are searched by a graph, and nobody loses anything by it."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.db import connection

from accounts.models import Workspace
from accounts.scope import workspace_scope
from knowledge import dense, embedding, near
from knowledge.dense import Vector
from knowledge.index import Entry, index, raw_cursor
from knowledge.models import Embedding, NearSet, NearVector
from knowledge.retrieval import Filters, View, search
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.test_index import passages
from knowledge.tests.test_isolation import plan
from knowledge.tests.test_retrieval import publish
from knowledge.tests.worker import work
from outbox.models import OutboxJob

VERSION = "v1"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten passages are large already."""
    monkeypatch.setattr(near, "LARGE", 10)
    monkeypatch.setattr(near, "STEP", 4)


def vectors(count: int, seed: int) -> list[Vector]:
    made = np.random.default_rng(seed).standard_normal((count, 384), dtype=np.float32)
    return list(made / np.linalg.norm(made, axis=1, keepdims=True))


def grown(workspace_id: UUID, count: int, seed: int) -> list[Vector]:
    """That many vectors in the index, all of them in the graph."""
    made = vectors(count, seed)
    with workspace_scope(workspace_id):
        ids = passages(workspace_id, ["word"] * count)
        NearSet.objects.create(workspace_id=workspace_id, model_version=VERSION, ready=True)
        entries = [Entry(one, "word", vector) for one, vector in zip(ids, made, strict=True)]
        index.upsert(workspace_id, entries, version=VERSION)
    return made


def ready(workspace_id: UUID) -> bool | None:
    with workspace_scope(workspace_id):
        return NearSet.objects.values_list("ready", flat=True).first()


def doc_ids(workspace_id: UUID, text: str) -> list[str]:
    view = View(text, embedding.embed([text])[0])
    return [one.doc_id for one in search(workspace_id, views=[view], filters=Filters(), k=50)]


def walk() -> None:
    """Until the transaction ends, even where so few rows would be sorted sooner."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")


def share_found(workspace_id: UUID, asked: Sequence[Vector], depth: int = 50) -> float:
    """Of the truly nearest, those that a search gives, whose scores are the true ones."""
    bounds = dense.Bounds(workspace_id, VERSION, depth)
    with workspace_scope(workspace_id):
        exact = dense.exact(raw_cursor(), asked, bounds)
        walk()
        found = dense.search(raw_cursor(), asked, bounds)
    assert found.walked
    shares = []
    for true, got in zip(exact, found.rankings, strict=True):
        scores = dict(true)
        assert all(score == pytest.approx(scores.get(one, score)) for one, score in got)
        shares.append(len(scores.keys() & dict(got).keys()) / len(true))
    return float(np.mean(shares))


def test_a_workspace_that_grows_large_gets_its_graph_and_keeps_it_whole(
    soon: None, alices: UUID, charlies: UUID, fake_model: FakeEmbedder
) -> None:
    publish(alices, {f"g{i}": f"giraffe number{i}" for i in range(9)})
    publish(charlies, {"c": "giraffe number1"})
    assert ready(alices) is None  # nine are not many
    publish(alices, {f"h{i}": f"lemur number{i}" for i in range(9)})
    assert ready(alices) is False
    assert doc_ids(alices, "lemur number3")[0] == "h3"  # compared one by one until it is ready
    publish(alices, {"x": "okapi number1"})  # while the graph grows
    work(alices)
    assert ready(alices) is True and ready(charlies) is None
    for text, doc_id in (("lemur number3", "h3"), ("okapi number1", "x")):
        assert doc_ids(alices, text)[0] == doc_id
    publish(alices, {"x": "tapir number1"})  # and after it has grown
    assert doc_ids(alices, "tapir number1")[0] == "x"
    with workspace_scope(alices):
        of_index = set(Embedding.objects.values_list("passage_id", flat=True))
        assert set(NearVector.objects.values_list("passage_id", flat=True)) == of_index
    assert doc_ids(charlies, "giraffe number1") == ["c"]


def test_a_vector_that_came_between_is_not_left_out(
    soon: None, alices: UUID, fake_model: FakeEmbedder
) -> None:
    publish(alices, {f"g{i}": f"giraffe number{i}" for i in range(12)})
    with workspace_scope(alices):  # by somebody who began before the set was there
        (late,) = passages(alices, ["late okapi"])
        found = embedding.embed(["late okapi"])[0]
        NearSet.objects.all().delete()
        index.upsert(alices, [Entry(late, "late okapi", found)], version="fake-1")
        NearSet.objects.create(workspace_id=alices, model_version="fake-1")
        first = Embedding.objects.order_by("-passage_id").values_list("passage_id", flat=True)[0]
        assert first == late
        job = OutboxJob.objects.get(kind=near.KIND)
        job.payload = {"model_version": "fake-1", "after": str(late)}  # it is past that place
        job.save()
    work(alices)
    with workspace_scope(alices):
        assert NearSet.objects.get().ready
        assert NearVector.objects.filter(passage_id=late).exists()
        assert NearVector.objects.count() == Embedding.objects.count()


@pytest.mark.django_db
def test_large_workspaces_that_share_a_graph_lose_nothing_to_each_other() -> None:
    places = [uuid4()]
    sql = "SELECT satisfies_hash_partition('knowledge_nearvector'::regclass, 8, %s, %s)"
    with connection.cursor() as cursor:

        def part(one: UUID) -> int:
            for number in range(8):
                cursor.execute(sql, [number, one])
                if cursor.fetchone() == (True,):
                    return number
            raise AssertionError

        while len(places) < 2:
            other = uuid4()
            if part(other) == part(places[0]):
                places.append(other)
    for number, place in enumerate(places):
        Workspace.objects.create(id=place, slug=f"w{number}", name="W")
    big, beside = places
    grown(big, 1_500, seed=1)
    own = grown(beside, 150, seed=2)
    assert share_found(beside, own[:10]) >= 0.98
    assert share_found(big, own[:10]) >= 0.9  # vectors without any structure are hard to find
    with workspace_scope(beside):
        assert NearVector.objects.count() == 150
        assert not NearVector.objects.filter(workspace_id=big).exists()


@pytest.mark.django_db
def test_the_graph_is_walked_by_the_app_role_and_long_lists_are_compared(alices: UUID) -> None:
    (asked, *_) = grown(alices, 1_500, seed=3)
    vector = dense.literal(asked)
    with workspace_scope(alices):
        with connection.cursor() as cursor:
            assert near.serves(cursor, alices, VERSION, depth=50)
            assert not near.serves(cursor, alices, VERSION, depth=near.DEPTH + 1)
            assert not near.serves(cursor, alices, "v2", depth=50)
        walk()
        nodes = plan(near.nearest_sql(1), near.parameters(0, vector, alices, VERSION, 50))
        walked = [one for one in nodes if "vector_idx" in str(one.get("Index Name"))]
        assert walked, [one.get("Index Name") for one in nodes]
        lists = index.search(alices, [View("", asked)], version=VERSION, depth=1_200)
        assert len(lists.dense[0]) == 1_200


@pytest.mark.django_db
def test_a_version_that_is_dropped_leaves_the_graph(alices: UUID) -> None:
    grown(alices, 20, seed=4)
    with workspace_scope(alices):
        index.drop_vectors(alices, version=VERSION)
        assert not NearSet.objects.exists() and not NearVector.objects.exists()
