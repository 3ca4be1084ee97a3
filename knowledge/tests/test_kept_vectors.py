"""What an edit leaves as it was is not embedded again, and is found by the same vector."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from accounts.scope import workspace_scope
from knowledge import embedding, kept_vectors
from knowledge.articles import upsert_article
from knowledge.models import Article, Embedding
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.test_importing import found
from knowledge.tests.worker import work

SECTIONS = [f"## Part {n}\n\n{word} stay with us all of the year." for n, word in enumerate(
    ["Giraffes", "Lemurs", "Zebras"]
)]  # fmt: skip


class Counting(FakeEmbedder):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return super().encode(texts)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    fake = Counting()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    return fake


def publish(workspace_id: UUID, *sections: str, doc_id: str = "a", title: str = "Zoo") -> None:
    text = "\n\n".join(sections)
    upsert_article(workspace_id, doc_id=doc_id, title=title, text=text, text_format="markdown")
    work(workspace_id)


def vectors(workspace_id: UUID) -> dict[str, NDArray[np.float32]]:
    with workspace_scope(workspace_id):
        return dict(Embedding.objects.values_list("passage__text", "vector"))


def test_an_edit_embeds_what_it_changes_and_no_more(alices: UUID, counting: Counting) -> None:
    publish(alices, *SECTIONS)
    before, counting.texts = vectors(alices), []
    publish(alices, SECTIONS[0], "## Part 1\n\nOkapis came in spring.", SECTIONS[2])
    after = vectors(alices)
    assert len(counting.texts) == 1 and "Okapis" in counting.texts[0]
    kept = set(before) & set(after)
    assert len(kept) == 2
    assert all(np.array_equal(before[text], after[text]) for text in kept)
    assert found(alices, "okapis") == ["a"] and found(alices, "lemurs") == []


def test_another_title_is_part_of_what_is_embedded(alices: UUID, counting: Counting) -> None:
    publish(alices, *SECTIONS)
    counting.texts = []
    publish(alices, *SECTIONS, title="Animals")
    assert len(counting.texts) == 3


def test_vectors_of_another_embedder_are_not_kept(alices: UUID, counting: Counting) -> None:
    publish(alices, *SECTIONS)
    counting.texts, counting.fingerprint = [], "fake-2"
    publish(alices, *SECTIONS, "## Part 3\n\nOkapis came.")
    assert len(counting.texts) == 4


def test_nobody_elses_vectors_are_taken(alices: UUID, charlies: UUID, counting: Counting) -> None:
    publish(alices, *SECTIONS)
    with workspace_scope(alices):
        ids = list(Article.objects.values_list("id", flat=True))
    assert kept_vectors.of_articles(charlies, ids) == {}
    counting.texts = []
    publish(charlies, *SECTIONS)
    assert len(counting.texts) == 3
