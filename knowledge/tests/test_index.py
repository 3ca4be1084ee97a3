"""The contract of a passage index; every implementation in INDEXES must keep it."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import numpy as np
import pytest

from accounts.ids import uuid7
from accounts.scope import workspace_scope
from knowledge.articles import save_all, source_named
from knowledge.dense import Vector
from knowledge.index import Entry, PassageIndex, PostgresIndex, Query
from knowledge.models import Passage
from knowledge.parsing.document import Document

INDEXES = [PostgresIndex()]
VERSION = "v1"

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("index", INDEXES)]


def direction(number: int) -> Vector:
    """The unit vector along one axis."""
    vector = np.zeros(384, dtype=np.float32)
    vector[number] = 1.0
    return vector


def passages(workspace_id: UUID, texts: Sequence[str]) -> list[UUID]:
    """Rows of passages for an index to speak of."""
    source = source_named(workspace_id, "test", kind="api")
    document = Document(str(uuid4()), "", "\n".join(texts) or "x", "text")
    saved = save_all(workspace_id, [document], source=source)[0]
    rows = [
        Passage(
            id=uuid7(),
            workspace_id=workspace_id,
            article=saved.article,
            revision=saved.revision,
            position=i,
            start=0,
            end=len(text),
            text=text,
        )
        for i, text in enumerate(texts)
    ]
    return [row.id for row in Passage.objects.bulk_create(rows)]


def filled(index: PassageIndex, workspace_id: UUID, texts: Sequence[str]) -> list[UUID]:
    """Passages with their entries: text i has the vector along axis i."""
    ids = passages(workspace_id, texts)
    entries = [Entry(ids[i], text, direction(i)) for i, text in enumerate(texts)]
    index.upsert(workspace_id, entries, version=VERSION)
    return ids


def by_words(index: PassageIndex, workspace_id: UUID, text: str, depth: int = 10) -> list[UUID]:
    lists = index.search(workspace_id, [Query(text, None)], version=VERSION, depth=depth)
    return [one for one, _ in lists.lexical[0]]


def by_meaning(index: PassageIndex, workspace_id: UUID, axis: int, depth: int = 1) -> list[UUID]:
    view = Query("", direction(axis))
    lists = index.search(workspace_id, [view], version=VERSION, depth=depth)
    return [one for one, _ in lists.dense[0]]


def test_each_view_is_searched_by_words_and_by_meaning(index: PassageIndex, alices: UUID) -> None:
    with workspace_scope(alices):
        ids = filled(index, alices, ["red apple", "green pear", "blue plum"])
        views = [Query("pears", direction(2)), Query("apple", None)]
        lists = index.search(alices, views, version=VERSION, depth=10)
    assert [one for one, _ in lists.lexical[0]] == [ids[1]]
    assert [one for one, _ in lists.lexical[1]] == [ids[0]]
    best, score = lists.dense[0][0]
    assert best == ids[2] and score == pytest.approx(1.0) and len(lists.dense[0]) == 3
    assert lists.dense[1] == [] and lists.complete


def test_depth_bounds_the_lists_and_says_so(index: PassageIndex, alices: UUID) -> None:
    with workspace_scope(alices):
        filled(index, alices, [f"apple number{i}" for i in range(5)])
        lists = index.search(alices, [Query("apple", direction(0))], version=VERSION, depth=3)
    assert len(lists.lexical[0]) == len(lists.dense[0]) == 3 and not lists.complete


def test_an_entry_given_again_replaces_the_old_one(index: PassageIndex, alices: UUID) -> None:
    with workspace_scope(alices):
        (passage_id,) = filled(index, alices, ["red apple"])
        for _ in range(2):
            index.upsert(alices, [Entry(passage_id, "green pear", direction(5))], version=VERSION)
        assert (by_words(index, alices, "apple"), by_words(index, alices, "pear")) == (
            [],
            [passage_id],
        )
        assert by_meaning(index, alices, 5) == [passage_id]
        assert index.health(alices, version=VERSION).healthy


def test_what_is_deleted_is_not_found_and_twice_is_harmless(
    index: PassageIndex, alices: UUID
) -> None:
    with workspace_scope(alices):
        ids = filled(index, alices, [f"apple number{i}" for i in range(40)])
        for _ in range(2):
            index.delete(alices, [*ids[:15], uuid4()])
        assert set(by_words(index, alices, "apple", 50)) == set(ids[15:])
        assert set(by_meaning(index, alices, 0, 50)) == set(ids[15:])


def test_many_small_writes_are_found_all_the_same(index: PassageIndex, alices: UUID) -> None:
    with workspace_scope(alices):
        ids = [
            one for i in range(70) for one in filled(index, alices, [f"apple n{i}", f"pear n{i}"])
        ]
        index.delete(alices, ids[20:60])
        assert set(by_words(index, alices, "apple", 99)) == set(ids[:20:2] + ids[60::2])
        assert by_words(index, alices, "n42") == [ids[84], ids[85]]


def test_a_rebuild_replaces_everything(index: PassageIndex, alices: UUID) -> None:
    with workspace_scope(alices):
        ids = filled(index, alices, ["red apple", "green pear"])
        entries = [Entry(ids[1], "blue plum", direction(1))]
        index.rebuild(alices, entries, version=VERSION)
        assert [by_words(index, alices, word) for word in ("apple", "pear", "plum")] == [
            [],
            [],
            [ids[1]],
        ]
        assert not index.health(alices, version=VERSION).healthy
        index.rebuild(alices, [], version=VERSION)
        assert by_words(index, alices, "plum") == [] and by_meaning(index, alices, 1) == []


def test_two_model_versions_serve_side_by_side(index: PassageIndex, alices: UUID) -> None:
    with workspace_scope(alices):
        (passage_id,) = filled(index, alices, ["red apple"])
        index.upsert(alices, [Entry(passage_id, "red apple", direction(9))], version="v2")
        view = Query("", direction(9))
        for version, score in ((VERSION, 0.0), ("v2", 1.0)):
            lists = index.search(alices, [view], version=version, depth=5)
            assert [one for one, _ in lists.dense[0]] == [passage_id]
            assert lists.dense[0][0][1] == pytest.approx(score)
        assert by_words(index, alices, "apple") == [passage_id]


def test_another_workspace_finds_and_deletes_nothing(
    index: PassageIndex, alices: UUID, charlies: UUID
) -> None:
    with workspace_scope(alices):
        ids = filled(index, alices, ["red apple"])
    for claimed in (charlies, alices):  # even by claiming to be the other one
        with workspace_scope(charlies):
            assert by_words(index, claimed, "apple") == by_meaning(index, claimed, 0) == []
            index.delete(claimed, ids)
    with workspace_scope(alices):
        assert by_words(index, alices, "apple") == by_meaning(index, alices, 0) == ids


def test_an_empty_index_and_an_empty_question_find_nothing(
    index: PassageIndex, alices: UUID
) -> None:
    with workspace_scope(alices):
        assert by_words(index, alices, "apple") == []
        filled(index, alices, ["red apple"])
        assert by_words(index, alices, " …!") == by_words(index, alices, "unheard") == []
        assert index.health(alices, version=VERSION).healthy


def test_a_text_that_is_not_there_weighs_what_it_would(index: PassageIndex, alices: UUID) -> None:
    texts = ["a giraffe eats leaves", "a lemur eats fruit", "the giraffe sleeps and sleeps"]
    views = [Query("giraffe sleeps", None), Query("lemur", None)]
    with workspace_scope(alices):
        assert index.weigh(alices, views, ["a giraffe"])[0][0] > 0  # nothing is indexed yet
        filled(index, alices, texts)
        weighed = index.weigh(alices, views, [*texts, "an okapi"])
        lists = index.search(alices, views, version=VERSION, depth=3)
    assert [len(row) for row in weighed] == [4, 4]
    for view, row in zip(lists.lexical, weighed, strict=True):
        found = sorted((round(score, 6) for _, score in view), reverse=True)
        assert sorted((round(score, 6) for score in row if score), reverse=True) == found


def test_a_word_that_only_the_new_text_has_counts(index: PassageIndex, alices: UUID) -> None:
    with workspace_scope(alices):
        filled(index, alices, ["a giraffe", "a lemur"])
        ((okapi, lemur),) = index.weigh(alices, [Query("okapi", None)], ["an okapi", "a lemur"])
    assert okapi > 0 == lemur
