"""An edit takes from the cache what it touches, and nothing else."""

from collections.abc import Callable

import pytest

from accounts.scope import workspace_scope
from chatbot.escalation import cache, cached_evidence
from chatbot.tests.caching import ALIKE, ANSWER, QUESTION, RETURNS, Shop, replies, shop
from knowledge import articles
from knowledge.models import Article
from knowledge.tests.conftest import fake_model

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["fake_model", "shop"]


def _another_article(shop: Shop) -> None:
    shop.publishes(Shipping="Shipping takes three working days.")


def _another_passage(shop: Shop) -> None:
    shop.publishes(Returns=RETURNS.replace("in any of our shops", "by mail as well"))


def _a_passage_before_it(shop: Shop) -> None:
    shop.publishes(Returns=f"## First of all\n\nKeep the box of what you bought.\n\n{RETURNS}")


ELSEWHERE = [_another_article, _another_passage, _a_passage_before_it]


@pytest.mark.parametrize("edit", ELSEWHERE)
def test_an_edit_elsewhere_leaves_it_alone(shop: Shop, edit: Callable[[Shop], None]) -> None:
    shop.asks()
    edit(shop)
    (message,) = replies(shop.asks(ALIKE))
    assert (message.text, message.repeated, shop.calls()) == (ANSWER, True, 1)


def _its_words(shop: Shop) -> None:
    shop.publishes(Returns=RETURNS.replace("free of charge", "paid by the customer"))


def _its_heading(shop: Shop) -> None:
    shop.publishes(Returns=RETURNS.replace("## Sending back", "## Sending back from abroad"))


def _a_heading_above_it(shop: Shop) -> None:
    shop.publishes(Returns=f"# From abroad\n\n{RETURNS}")


def _its_title(shop: Shop) -> None:
    with workspace_scope(shop.workspace_id):
        Article.objects.update(title="Returns until 2025")


def _its_audience(shop: Shop) -> None:
    with workspace_scope(shop.workspace_id):
        Article.objects.update(audience="internal")


def _archived(shop: Shop) -> None:
    articles.archive(shop.workspace_id, "Returns")


def _unpublished(shop: Shop) -> None:
    with workspace_scope(shop.workspace_id):
        Article.objects.update(published_revision=None)


def _gone(shop: Shop) -> None:
    with workspace_scope(shop.workspace_id):
        Article.objects.all().delete()


TOUCHED = [
    _its_words, _its_heading, _a_heading_above_it, _its_title, _its_audience, _archived,
    _unpublished, _gone,
]  # fmt: skip


@pytest.mark.parametrize("edit", TOUCHED)
def test_an_edit_of_what_it_rests_on_takes_it_out(shop: Shop, edit: Callable[[Shop], None]) -> None:
    shop.asks()
    (entry,) = shop.entries()
    edit(shop)
    visit = shop.asks(ALIKE)
    assert not any(message.repeated for message in replies(visit))
    assert entry.id not in [row.id for row in shop.entries()]


@pytest.mark.parametrize("edit", TOUCHED)
def test_an_edit_between_look_and_answer_is_seen(
    shop: Shop, edit: Callable[[Shop], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.asks()
    give = cache.give

    def late(*given: object, **named: object) -> object:
        edit(shop)
        return give(*given, **named)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(cache, "give", late)
    visit = shop.asks(QUESTION)
    assert not any(message.repeated for message in replies(visit))


def test_each_entry_is_looked_at_for_its_own_readers(shop: Shop) -> None:
    shop.asks()
    (entry,) = shop.entries()
    readers = [("public",), ("public", "signed_in")]
    with workspace_scope(shop.workspace_id):
        Article.objects.update(audience="signed_in")
        first, second = cached_evidence.live_each([(entry.rests_on, one) for one in readers])
    assert first is None
    assert second is not None and [row["title"] for row in second] == ["Returns"]
