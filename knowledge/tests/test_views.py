"""The public page of an article."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts.scope import workspace_scope
from knowledge import articles
from knowledge.models import Article
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.test_retrieval import publish

TEXT = "# Keys\n\nA <script>bad()</script> giraffe [map](https://a.example/)."


@pytest.fixture
def address(alices: UUID, fake_model: FakeEmbedder) -> Callable[..., str]:
    def of(doc_id: str, slug: str = "alices") -> str:
        with workspace_scope(alices):
            return f"/help/{slug}/{articles.by_doc_id(doc_id).id}/"

    return of


def test_a_visitor_reads_a_published_article(
    alices: UUID, address: Callable[..., str], client: Client
) -> None:
    publish(alices, {"keys": TEXT})
    page = client.get(address("keys"))
    assert page.status_code == 200
    body = page.content.decode()
    assert "giraffe" in body and "bad()" not in body and "Alice&#x27;s shop" in body
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert client.post(address("keys")).status_code == 405


def test_what_is_not_public_does_not_exist(
    alices: UUID, charlies: UUID, address: Callable[..., str], client: Client
) -> None:
    publish(alices, {"gone": "a"})
    publish(alices, {"mine": "b"}, audience="signed_in")
    publish(alices, {"staff": "c"}, audience="internal")
    articles.archive(alices, "gone")
    articles.upsert_article(alices, doc_id="draft", title="Draft", text="not indexed yet")
    for doc_id in ("gone", "mine", "staff", "draft"):
        assert client.get(address(doc_id)).status_code == 404
    publish(alices, {"keys": TEXT})
    assert client.get(address("keys", "charlies")).status_code == 404
    assert client.get(address("keys", "nobodys")).status_code == 404
    assert client.get(f"/help/alices/{uuid4()}/").status_code == 404
    with workspace_scope(alices):
        assert Article.objects.filter(archived_at=None).count() == 4
