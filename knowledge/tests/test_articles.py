"""Articles as the API, imports and the worker change them."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from accounts.errors import NotFound
from accounts.scope import workspace_scope
from knowledge import articles
from knowledge.articles import KnowledgeError, upsert_article
from knowledge.models import Article, Passage
from knowledge.rebuilding import health, rebuild
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.test_importing import found
from knowledge.tests.worker import work, work_on
from outbox.models import JobState, OutboxJob
from outbox.queue import enqueue

pytestmark = pytest.mark.usefixtures("fake_model")


def put(workspace_id: UUID, text: str, origin: str = "api") -> articles.Saved:
    return upsert_article(workspace_id, doc_id="a", title="A", text=text, origin=origin)


def test_an_article_answers_once_it_is_indexed(alices: UUID) -> None:
    saved = put(alices, "A giraffe.")
    assert saved.changed and found(alices, "giraffe") == []
    work(alices)
    assert found(alices, "giraffe") == ["a"]


def test_the_old_text_answers_until_the_new_one_is_indexed(alices: UUID) -> None:
    put(alices, "A giraffe.")
    work(alices)
    put(alices, "A zebra.")
    assert (found(alices, "giraffe"), found(alices, "zebra")) == (["a"], [])
    work(alices)
    assert (found(alices, "giraffe"), found(alices, "zebra")) == ([], ["a"])


def test_the_same_again_writes_nothing(alices: UUID) -> None:
    put(alices, "A giraffe.")
    work(alices)
    again = put(alices, "A giraffe.")
    assert not again.changed and again.revision.number == 1
    with workspace_scope(alices):
        assert OutboxJob.objects.count() == 1


def test_of_two_revisions_in_a_row_the_newest_is_published(alices: UUID) -> None:
    put(alices, "A giraffe.")
    put(alices, "A zebra.")
    with workspace_scope(alices):
        first, second = OutboxJob.objects.order_by("id").values_list("id", flat=True)
    for job_id in (second, first):  # in the wrong order
        work_on(alices, job_id)
    assert (found(alices, "giraffe"), found(alices, "zebra")) == ([], ["a"])
    with workspace_scope(alices):
        assert Passage.objects.count() == 1


def test_an_article_archived_before_its_indexing_stays_archived(alices: UUID) -> None:
    put(alices, "A giraffe.")
    articles.archive(alices, "a")
    work(alices)
    assert found(alices, "giraffe") == []
    articles.publish(alices, "a")
    work(alices)
    assert found(alices, "giraffe") == ["a"]


def test_an_edit_through_the_api_leaves_the_article_in_its_source(alices: UUID) -> None:
    put(alices, "A giraffe.", origin="console")
    put(alices, "A zebra.")
    with workspace_scope(alices):
        assert Article.objects.get().source.name == "console"


@pytest.mark.parametrize(
    "fields",
    [
        {"text": " "},
        {"text": "a\0"},
        {"text": "\ud800"},
        {"doc_id": " "},
        {"doc_id": "x" * 301},
        {"url": "javascript:alert(1)"},
        {"audience": "everyone"},
        {"lang": "x" * 13},
    ],
)
def test_what_cannot_be_kept_is_refused(alices: UUID, fields: dict[str, Any]) -> None:
    given = {"doc_id": "a", "title": "A", "text": "x", **fields}
    with pytest.raises(KnowledgeError):
        upsert_article(alices, **given)
    with workspace_scope(alices):
        assert not Article.objects.exists() and not OutboxJob.objects.exists()


def test_a_stranger_changes_nothing(alices: UUID, charlies: UUID) -> None:
    saved = put(alices, "A giraffe.")
    work(alices)
    for change in (articles.archive, articles.publish):
        with pytest.raises(NotFound):
            change(charlies, "a")
    put(charlies, "A zebra.")
    with workspace_scope(charlies), pytest.raises(NotFound):
        articles.by_id(saved.article.id)
    assert found(alices, "giraffe") == ["a"] and found(alices, "zebra") == []


def test_a_job_for_a_revision_that_is_gone_is_done(alices: UUID) -> None:
    with workspace_scope(alices):
        job = enqueue(
            articles.INDEX_KIND,
            workspace_id=alices,
            payload={"revision_id": str(uuid4())},
            queue="knowledge",
        )
        assert job is not None
    work(alices)
    with workspace_scope(alices):
        assert OutboxJob.objects.get().state == JobState.DONE


def test_a_rebuild_makes_the_index_whole_again(alices: UUID, fake_model: FakeEmbedder) -> None:
    put(alices, "A giraffe.")
    work(alices)
    fake_model.fingerprint = "fake-2"  # a new model: nothing has its vectors yet
    assert not health(alices).healthy
    assert rebuild(alices) == 1 and rebuild(alices) == 1
    assert health(alices).healthy and found(alices, "giraffe") == ["a"]
