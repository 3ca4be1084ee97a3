"""Retrieval through its public function; the real embedder where meaning is the subject."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest

from accounts.scope import workspace_scope
from knowledge import articles, embedding, indexing
from knowledge.parsing.document import Document, with_facts
from knowledge.retrieval import Candidate, Filters, View, search
from knowledge.tests.conftest import FakeEmbedder

SHOP = {
    "password": "To reset your password, open Settings and press Forgot.",
    "refund": "We return the money within ten days of getting the parcel back.",
    "e-104": "Error E-104 means that the printer has no paper.",
    "hours": "The office is open from nine to five.",
}
STAFF = Filters(audiences=("public", "signed_in", "internal"))


def publish(workspace_id: UUID, texts: dict[str, str], **fields: str) -> None:
    """Save, embed and publish at once, as an import does."""
    with workspace_scope(workspace_id):
        source = articles.source_named(workspace_id, "test", kind="folder")
        documents = [with_facts(Document(name, name, text), fields) for name, text in texts.items()]
        saved = articles.save_all(workspace_id, documents, source=source)
    prepared = [indexing.prepare(one.revision) for one in saved]
    vectors = embedding.embed([text for one in prepared for text in one.texts])
    version = embedding.model_version()
    indexing.publish(workspace_id, prepared, list(vectors), version=version)


def ask(
    workspace_id: UUID, *texts: str, filters: Filters | None = None, k: int = 30
) -> list[Candidate]:
    vectors = embedding.embed(texts)
    views = [View(text, vector) for text, vector in zip(texts, vectors, strict=True)]
    return search(workspace_id, views=views, filters=filters or Filters(), k=k)


def names(found: Sequence[Candidate]) -> list[str]:
    return [one.doc_id for one in found]


def test_meaning_finds_what_shares_no_word(alices: UUID) -> None:
    publish(alices, SHOP)
    (best, *_) = ask(alices, "I forgot my login secret, how can I get in?")
    assert best.doc_id == "password"
    assert names(ask(alices, "How do I get my cash back?"))[0] == "refund"


def test_words_find_what_has_no_meaning(alices: UUID) -> None:
    publish(alices, SHOP)
    (best, *_) = ask(alices, "E-104??")
    assert best.doc_id == "e-104" and best.lexical[0] is not None and best.dense[0] is not None


def test_each_view_adds_to_the_order(alices: UUID, fake_model: FakeEmbedder) -> None:
    publish(alices, SHOP)
    found = ask(alices, "printer paper", "printer paper password reset")
    assert names(found)[:2] == ["e-104", "password"]
    password = found[1]
    assert password.lexical[0] is None and password.lexical[1] is not None
    assert len(password.dense) == 2
    with pytest.raises(ValueError, match="one to 3 views"):
        ask(alices, *["a"] * 4)


def test_a_candidate_points_into_its_article(alices: UUID, fake_model: FakeEmbedder) -> None:
    text = "# Guide\n\nIntro ä😀.\n\n## Fees\n\nA giraffe costs ten."
    publish(alices, {"guide": text})
    (best, *_) = ask(alices, "giraffe")
    assert text[best.start : best.end] == best.text
    assert (best.heading_path, best.title) == (("Guide", "Fees"), "guide")


def test_audience_and_language_are_kept_out(alices: UUID, fake_model: FakeEmbedder) -> None:
    publish(alices, {"open": "giraffe"})
    publish(alices, {"mine": "giraffe"}, audience="signed_in")
    publish(alices, {"secret": "giraffe"}, audience="internal")
    publish(alices, {"deutsch": "giraffe"}, lang="de")
    assert set(names(ask(alices, "giraffe"))) == {"open", "deutsch"}
    assert set(names(ask(alices, "giraffe", filters=STAFF))) == {
        "open", "mine", "secret", "deutsch",
    }  # fmt: skip
    assert names(ask(alices, "giraffe", filters=Filters(lang="de"))) == ["deutsch"]
    assert ask(alices, "giraffe", filters=Filters(audiences=())) == []


def test_hundreds_of_hidden_passages_do_not_hide_an_open_one(
    alices: UUID, fake_model: FakeEmbedder
) -> None:
    publish(alices, {f"h{i}": "giraffe " * 3 for i in range(300)}, audience="internal")
    publish(alices, {"open": "a giraffe among many other words of little weight"})
    assert names(ask(alices, "giraffe")) == ["open"]


def test_an_archived_article_is_not_found(alices: UUID, fake_model: FakeEmbedder) -> None:
    publish(alices, SHOP)
    for _ in range(2):
        articles.archive(alices, "refund")
    assert "refund" not in names(ask(alices, "money parcel"))
    assert len(ask(alices, "money parcel")) == 3


def test_a_stranger_never_sees_it(alices: UUID, charlies: UUID, fake_model: FakeEmbedder) -> None:
    publish(alices, SHOP)
    assert ask(charlies, "password", filters=STAFF) == []
    publish(charlies, {"password": "Charlie's own password rules."})
    assert [one.text for one in ask(charlies, "password", filters=STAFF)] == [
        "Charlie's own password rules."
    ]
    assert len(ask(alices, "password")) == 4


def test_without_a_vector_no_model_is_asked(
    alices: UUID, fake_model: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(alices, SHOP)
    monkeypatch.setattr(embedding, "embedder", lambda: pytest.fail("a model was loaded"))
    (best, *_) = search(alices, views=[View("refund money", None)], filters=Filters())
    assert (best.doc_id, best.dense) == ("refund", (None,))


def test_vectors_of_another_model_are_not_compared(alices: UUID, fake_model: FakeEmbedder) -> None:
    publish(alices, SHOP)
    view = View("nothing known", np.ones(384, dtype=np.float32))
    found = search(alices, views=[view], filters=Filters(), model_version="another")
    assert found == []
