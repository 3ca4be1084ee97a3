"""One article for each language, and which of them are behind their original."""

from uuid import UUID

import pytest

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import editing, translations
from knowledge.articles import KnowledgeError, upsert_article
from knowledge.editing import Draft
from knowledge.models import Article
from knowledge.tests.test_drafts import everything, row
from knowledge.tests.test_editing import actions, editor

pytestmark = pytest.mark.usefixtures("fake_model")


@pytest.fixture
def erin(alices: UUID) -> Member:
    return editor(alices, "erin")


def written(author: Member, doc_id: str, lang: str) -> UUID:
    return editing.save(author, doc_id, Draft(doc_id, "giraffe", lang=lang), base=0).article.id


def group(workspace_id: UUID, doc_id: str) -> list[tuple[str, bool, bool]]:
    """(language, original, behind) of an article's translations."""
    with workspace_scope(workspace_id):
        found = translations.of(Article.objects.get(external_id=doc_id))
    return [(one.article.lang, one.is_original, one.is_behind) for one in found]


def test_linked_articles_are_translations_of_one_another(erin: Member) -> None:
    english, german, russian = (written(erin, one, one) for one in ("en", "de", "ru"))
    assert group(erin.workspace_id, "en") == [("en", True, False)]
    for _ in range(2):
        translations.link(erin, english, german)
    translations.link(erin, german, russian)  # through any of them
    for doc_id in ("en", "de", "ru"):
        assert group(erin.workspace_id, doc_id) == [
            ("en", True, False), ("de", False, False), ("ru", False, False),
        ]  # fmt: skip
    assert actions(erin)[3:] == ["article.translation_linked"] * 2


def test_a_translation_is_behind_until_somebody_brings_it_up(erin: Member) -> None:
    english, german = written(erin, "en", "en"), written(erin, "de", "de")
    translations.link(erin, english, german)
    editing.save(erin, "en", Draft("en", "zebra"), base=1)
    assert group(erin.workspace_id, "de") == [("en", True, False), ("de", False, True)]
    for _ in range(2):
        translations.is_up_to_date(erin, german)
    assert group(erin.workspace_id, "de") == [("en", True, False), ("de", False, False)]
    assert actions(erin)[-1] == "article.translation_checked"
    assert actions(erin).count("article.translation_checked") == 1


def test_a_language_is_there_once(erin: Member) -> None:
    english, german, other = (written(erin, one, one[:2]) for one in ("en", "de", "de2"))
    translations.link(erin, english, german)
    before = everything(erin.workspace_id)
    with pytest.raises(KnowledgeError, match="de already"):
        translations.link(erin, english, other)
    with pytest.raises(KnowledgeError, match="there already"):
        editing.save(erin, "en", Draft("en", "giraffe", lang="de"), base=1)
    with pytest.raises(KnowledgeError, match="there already"):
        editing.set_fact(erin, english, "lang", "de")
    assert everything(erin.workspace_id) == before
    third = written(erin, "fr", "fr")
    translations.link(erin, other, third)
    with pytest.raises(KnowledgeError, match="other translations"):
        translations.link(erin, english, third)


def test_an_import_in_a_language_that_is_there_leaves_the_group(erin: Member) -> None:
    english, german = written(erin, "en", "en"), written(erin, "de", "de")
    translations.link(erin, english, german)
    upsert_article(erin.workspace_id, doc_id="de", title="de", text="giraffe", lang="en")
    assert row(erin.workspace_id, "de").translation_group is None


def test_without_its_original_the_oldest_is_the_original(erin: Member) -> None:
    ids = [written(erin, one, one) for one in ("en", "de", "ru")]
    for one in ids[1:]:
        translations.link(erin, ids[0], one)
    translations.unlink(erin, ids[0])
    assert group(erin.workspace_id, "ru") == [("de", True, False), ("ru", False, False)]
    for _ in range(2):
        translations.unlink(erin, ids[2])
    assert row(erin.workspace_id, "de").translation_group is None
    assert actions(erin).count("article.translation_unlinked") == 2


def test_articles_to_link_are_found_by_words(erin: Member) -> None:
    written(erin, "keys-en", "en")
    written(erin, "keys-de", "de")
    with workspace_scope(erin.workspace_id):
        article = row(erin.workspace_id, "keys-en")
        found = translations.candidates(article, "keys")
        assert [one.external_id for one in found] == ["keys-de"]
        assert translations.candidates(article, "") == []


def test_strangers_link_nothing(erin: Member, charlies: UUID) -> None:
    charlie = editor(charlies, "charlie")
    english, german = written(erin, "en", "en"), written(erin, "de", "de")
    foreign = written(charlie, "ru", "ru")
    before = everything(erin.workspace_id)
    for one, other in ((english, german), (english, foreign), (foreign, english)):
        with pytest.raises(NotFound):
            translations.link(charlie, one, other)
    with pytest.raises(NotFound):
        translations.link(erin, english, foreign)
    for change in (translations.unlink, translations.is_up_to_date):
        with pytest.raises(NotFound):
            change(charlie, english)
    assert everything(erin.workspace_id) == before
