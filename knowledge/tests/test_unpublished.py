"""What retrieval would find if a draft were published, and that nothing of it is kept."""

from uuid import UUID

import pytest

from accounts.ids import uuid7
from accounts.scope import workspace_scope
from knowledge.articles import upsert_article
from knowledge.models import Article, Embedding, Passage, Revision
from knowledge.retrieval import Candidate, Filters, View, search
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.worker import work
from knowledge.unpublished import Text, Unpublished, nearest, search_as_if, unpublished

TEXTS = {
    "keys": "# Keys\n\nA lost key costs ten giraffes.",
    "hours": "# Hours\n\nThe shop opens at nine on Monday.",
    "fees": "# Fees\n\nA second parcel costs three giraffes and a lemur.",
}
NEW = "# Keys\n\nA lost key costs twelve okapis.\n\n## Spare\n\nA spare key is free."


@pytest.fixture
def shop(alices: UUID, fake_model: FakeEmbedder) -> UUID:
    for doc_id, text in TEXTS.items():
        upsert_article(alices, doc_id=doc_id, title=doc_id.title(), text=text)
    work(alices)
    return alices


def drafted(workspace_id: UUID, text: str = NEW, *, audience: str = "public") -> Unpublished:
    with workspace_scope(workspace_id):
        article = Article.objects.get(external_id="keys")
    return unpublished(workspace_id, Text(article.id, "keys", "Keys", text, audience=audience))


def ask(
    draft: Unpublished, question: str, *, audiences: tuple[str, ...] = ("public",)
) -> list[Candidate]:
    embedder = FakeEmbedder()
    views = [View(question, embedder.encode([question])[0])]
    return search_as_if(draft, embedder, views=views, filters=Filters(audiences))  # type: ignore[arg-type]  # a fake


def rows(workspace_id: UUID) -> tuple[int, ...]:
    with workspace_scope(workspace_id):
        return tuple(one.objects.count() for one in (Article, Revision, Passage, Embedding))


def test_the_draft_is_found_in_place_of_what_is_published(shop: UUID) -> None:
    before = rows(shop)
    draft = drafted(shop)
    found = ask(draft, "What does a lost key cost?")
    assert found[0].revision_id == draft.revision.id and "twelve okapis" in found[0].text
    assert (found[0].doc_id, found[0].title) == ("keys", "Keys")
    assert NEW[found[0].start : found[0].end] == found[0].text
    assert not any("ten giraffes" in one.text for one in found)
    assert {one.doc_id for one in found} == {"keys", "hours", "fees"}
    assert rows(shop) == before


def test_it_is_found_as_it_is_once_published(shop: UUID) -> None:
    """The same passages in the same order, with nearly the same scores."""
    question = "What does a lost key or a second parcel cost?"
    found = ask(drafted(shop), question)
    upsert_article(shop, doc_id="keys", title="Keys", text=NEW)
    work(shop)
    vector = FakeEmbedder().encode([question])[0]
    views = [View(question, vector)]
    published = search(shop, views=views, filters=Filters(), model_version="fake-1")
    assert [one.text for one in found] == [one.text for one in published]
    for mine, theirs in zip(found, published, strict=True):
        assert mine.fused == pytest.approx(theirs.fused)
        assert mine.dense == pytest.approx(theirs.dense, abs=1e-5)


def test_nobody_finds_a_draft_that_they_may_not_read(shop: UUID) -> None:
    draft = drafted(shop, audience="internal")
    assert {one.doc_id for one in ask(draft, "a lost key")} == {"hours", "fees"}
    everybody = ("public", "signed_in", "internal")
    assert ask(draft, "a lost key", audiences=everybody)[0].doc_id == "keys"


def test_a_visitors_search_knows_nothing_of_it(shop: UUID) -> None:
    drafted(shop).vectors(FakeEmbedder())  # type: ignore[arg-type]  # a fake
    found = search(shop, views=[View("twelve okapis", None)], filters=Filters())
    assert not any("okapis" in one.text for one in found)


def test_of_an_empty_workspace_the_draft_is_all(alices: UUID, fake_model: FakeEmbedder) -> None:
    draft = unpublished(alices, Text(uuid7(), "new", "New", NEW))
    assert {one.doc_id for one in ask(draft, "a key")} == {"new"}


def test_the_nearest_passages_come_with_their_cosine(shop: UUID, charlies: UUID) -> None:
    (vector,) = FakeEmbedder().encode(["a parcel costs three giraffes"])
    ((first, cosine), *others) = nearest(shop, vector[None], version="fake-1", count=2)[0]
    assert first.doc_id == "fees" and 0 < cosine <= 1 and len(others) == 1
    assert nearest(charlies, vector[None], version="fake-1", count=2) == [[]]
