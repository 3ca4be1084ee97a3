"""What the console lists and counts."""

from uuid import UUID

import pytest

from accounts.scope import workspace_scope
from knowledge import articles, editing, finding, listing
from knowledge.articles import upsert_article
from knowledge.listing import PER_PAGE, Chosen, Edge, list_articles, overview
from knowledge.models import Article, ArticleWord
from knowledge.tests.test_editing import actions, editor
from knowledge.tests.worker import claimed, work
from outbox.models import OutboxJob
from outbox.registry import handler_of
from outbox.tasks import give_up

pytestmark = pytest.mark.usefixtures("fake_model")


@pytest.fixture
def shop(alices: UUID) -> UUID:
    """One article in each state."""
    for doc_id, text in (("live", "A giraffe."), ("gone", "A zebra.")):
        upsert_article(alices, doc_id=doc_id, title=f"The {doc_id}", text=text)
    work(alices)
    articles.archive(alices, "gone")
    upsert_article(alices, doc_id="bad", title="Bad", text="An ocelot.", lang="de")
    with workspace_scope(alices):
        job_id = OutboxJob.objects.order_by("-id").values_list("id", flat=True)[0]
    give_up(claimed(alices, job_id), handler_of(articles.INDEX_KIND))
    upsert_article(alices, doc_id="new", title="New", text="A lemur.")
    return alices


def listed(workspace_id: UUID, text: str = "", lang: str = "", state: str = "") -> dict[str, str]:
    page = list_articles(workspace_id, Chosen(text=text, lang=lang, state=state))
    return {one.external_id: one.state for one in page.articles}


def test_each_article_is_listed_with_its_state(shop: UUID) -> None:
    assert listed(shop) == {
        "live": "published", "gone": "archived", "bad": "failed", "new": "indexing",
    }  # fmt: skip
    assert listed(shop, state="failed") == {"bad": "failed"}
    assert listed(shop, lang="de") == {"bad": "failed"}


def test_articles_are_found_by_title_id_and_words(shop: UUID) -> None:
    assert set(listed(shop, text="THE")) == {"live", "gone"}
    assert set(listed(shop, text="new")) == {"new"}
    assert set(listed(shop, text="giraffes")) == {"live"}
    assert listed(shop, text="%") == listed(shop, text="nothing such") == {}


def test_words_of_one_article_that_begin_alike_do_not_crowd_out_others(
    shop: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", 3)
    with workspace_scope(shop):
        first, last = Article.objects.order_by("id")[:2]
        ArticleWord.objects.bulk_create(
            [ArticleWord(workspace_id=shop, word=f"zeb{n}", article=first) for n in range(6)]
            + [ArticleWord(workspace_id=shop, word="zebra", article=last)]
        )
    assert list_articles(shop, Chosen(text="zeb")).count.number == 2


def test_tried_again_a_failed_article_is_published(shop: UUID) -> None:
    alice = editor(shop, "alice")
    with workspace_scope(shop):
        ids = dict(Article.objects.values_list("external_id", "id"))
    for _ in range(2):
        for article_id in ids.values():
            editing.index_again(alice, article_id)
    assert listed(shop)["bad"] == "indexing"
    work(shop)
    assert listed(shop)["bad"] == "published" and listed(shop)["gone"] == "archived"
    assert actions(alice) == ["article.indexed_again"]


def test_pages_hold_all_and_lead_back(shop: UUID) -> None:
    with workspace_scope(shop):
        one = Article.objects.get(external_id="live")
        Article.objects.bulk_create(
            Article(workspace_id=shop, source_id=one.source_id, external_id=f"m{i}", title="m")
            for i in range(PER_PAGE)
        )
    first = list_articles(shop, Chosen())
    assert first.newer is None and first.older is not None
    second = list_articles(shop, Chosen(), older_than=first.older)
    assert second.older is None and second.newer is not None
    back = list_articles(shop, Chosen(), newer_than=second.newer)
    assert [one.id for one in back.articles] == [one.id for one in first.articles]
    ids = {one.id for page in (first, second) for one in page.articles}
    assert len(ids) == PER_PAGE + 4 == first.count.number and not first.count.more
    assert first.languages == ["de", "en"]


def test_an_edge_comes_back_from_the_address_as_it_was(shop: UUID) -> None:
    edge = list_articles(shop, Chosen()).articles[0]
    text = str(Edge(edge.updated_at, edge.id))
    assert Edge.parsed(text) == Edge(edge.updated_at, edge.id)
    for bad in ("", "x", "2026-01-01_x", f"2026-01-01T00:00:00_{edge.id}", "_"):
        assert Edge.parsed(bad) is None


def test_the_overview_of_a_large_workspace_counts_no_rows(
    shop: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED_IN_OVERVIEW", 0)
    found = overview(shop)
    assert found.passages == 1 and found.health is None and found.states["published"].more


def test_the_overview_counts(shop: UUID, charlies: UUID) -> None:
    found = overview(shop)
    counts = {state: count.number for state, count in found.states.items()}
    assert counts == {"published": 1, "indexing": 1, "failed": 1, "archived": 1, "draft": 0}
    assert found.health is not None and found.health.healthy and found.health.passages == 1
    assert overview(charlies).health is None
    assert listed(charlies) == {}
