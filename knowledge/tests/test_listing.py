"""What the console lists and counts."""

from uuid import UUID

import pytest

from accounts.scope import workspace_scope
from knowledge import articles, editing
from knowledge.articles import upsert_article
from knowledge.listing import PER_PAGE, Wanted, list_articles, overview
from knowledge.models import Article
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
    page = list_articles(workspace_id, Wanted(text=text, lang=lang, state=state))
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


def test_pages_hold_all_and_a_page_too_far_is_the_last(shop: UUID) -> None:
    with workspace_scope(shop):
        one = Article.objects.get(external_id="live")
        Article.objects.bulk_create(
            Article(workspace_id=shop, source_id=one.source_id, external_id=f"m{i}", title="m")
            for i in range(PER_PAGE)
        )
    pages = [list_articles(shop, Wanted(page=number)) for number in (1, 2, 99)]
    assert [len(page.articles) for page in pages] == [PER_PAGE, 4, 4]
    assert (pages[2].number, pages[2].pages, pages[2].total) == (2, 2, PER_PAGE + 4)
    assert pages[0].languages == ["de", "en"]


def test_the_overview_counts(shop: UUID, charlies: UUID) -> None:
    found = overview(shop)
    assert found.states == {"published": 1, "indexing": 1, "failed": 1, "archived": 1}
    assert found.health is not None and found.health.healthy and found.health.passages == 1
    assert overview(charlies).health is None
    assert listed(charlies) == {}
