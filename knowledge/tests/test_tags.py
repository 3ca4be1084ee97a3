"""Tags are one word for one thing: normalised, suggested, renamed, merged."""

from uuid import UUID

import pytest

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import editing, tags
from knowledge.articles import KnowledgeError
from knowledge.editing import Draft
from knowledge.listing import Chosen, list_articles
from knowledge.models import ArticleTag, Tag
from knowledge.tests.test_drafts import row
from knowledge.tests.test_editing import actions, editor

pytestmark = pytest.mark.usefixtures("fake_model")


@pytest.fixture
def erin(alices: UUID) -> Member:
    return editor(alices, "erin")


def written(author: Member, doc_id: str, *names: str) -> None:
    editing.save(author, doc_id, Draft(doc_id, "giraffe", tags=names), base=0)


def of(workspace_id: UUID, doc_id: str) -> list[str]:
    with workspace_scope(workspace_id):
        return tags.names_of(row(workspace_id, doc_id))


def id_of(workspace_id: UUID, name: str) -> UUID:
    with workspace_scope(workspace_id):
        return Tag.objects.get(name=name).id


def tagged(workspace_id: UUID, tag: str) -> set[str]:
    page = list_articles(workspace_id, Chosen(tag=tag))
    return {one.external_id for one in page.articles}


def test_tags_are_normalised() -> None:
    assert tags.parsed(" #Billing,  Late   FEES , billing,, ") == ("billing", "late fees")
    assert tags.parsed("") == ()
    for bad in ("x" * 41, "a\0b"):
        with pytest.raises(KnowledgeError, match="1 to 40"):
            tags.parsed(bad)
    with pytest.raises(KnowledgeError, match="at most 20"):
        tags.parsed(",".join(f"t{i}" for i in range(21)))


def test_tags_are_put_on_and_taken_off_with_one_entry_each(erin: Member) -> None:
    for _ in range(2):
        written(erin, "keys", "billing", "keys")
    assert of(erin.workspace_id, "keys") == ["billing", "keys"]
    assert tagged(erin.workspace_id, "billing") == {"keys"}
    editing.save(erin, "keys", Draft("keys", "giraffe", tags=("keys",)), base=1)
    assert of(erin.workspace_id, "keys") == ["keys"]
    editing.save(erin, "keys", Draft("keys", "giraffe"), base=1)  # says nothing about tags
    assert of(erin.workspace_id, "keys") == ["keys"]
    assert actions(erin) == ["article.saved", "article.changed", "article.changed"]


def test_suggestions_begin_as_typed(erin: Member) -> None:
    written(erin, "keys", "billing", "bikes", "cars")
    assert tags.beginning_with(erin.workspace_id, "BI") == ["bikes", "billing"]
    assert tags.beginning_with(erin.workspace_id, "") == ["bikes", "billing", "cars"]
    assert tags.beginning_with(erin.workspace_id, "%") == []


def test_a_tag_is_renamed(erin: Member) -> None:
    written(erin, "keys", "biling")
    tag_id = id_of(erin.workspace_id, "biling")
    for _ in range(2):
        assert tags.rename(erin, tag_id, " Billing ")
    assert tagged(erin.workspace_id, "billing") == {"keys"}
    assert actions(erin)[2:] == ["tag.renamed"]


def test_a_tag_is_merged_only_when_that_is_wanted(erin: Member) -> None:
    workspace_id = erin.workspace_id
    written(erin, "a", "billing", "invoices")
    written(erin, "b", "invoices")
    old = id_of(workspace_id, "invoices")
    assert not tags.rename(erin, old, "billing")
    assert of(workspace_id, "b") == ["invoices"]
    assert tags.rename(erin, old, "billing", merge=True)
    assert of(workspace_id, "a") == of(workspace_id, "b") == ["billing"]
    assert [(one.name, one.articles) for one in tags.listed(workspace_id)[0]] == [("billing", 2)]
    assert actions(erin)[-1] == "tag.merged"


def test_a_deleted_tag_is_gone_from_its_articles(erin: Member) -> None:
    written(erin, "a", "billing")
    tag_id = id_of(erin.workspace_id, "billing")
    tags.delete(erin, tag_id)
    assert of(erin.workspace_id, "a") == []
    with pytest.raises(NotFound):
        tags.delete(erin, tag_id)


def test_tags_come_in_pages_with_counts_that_stop(
    erin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "COUNTED", 1)
    monkeypatch.setattr(tags, "PER_PAGE", 2)
    written(erin, "a", "x", "y")
    written(erin, "b", "x", "z")
    found, more = tags.listed(erin.workspace_id)
    assert [(one.name, one.articles, one.more) for one in found] == [
        ("x", 1, True),
        ("y", 1, False),
    ]
    assert more
    rest, more = tags.listed(erin.workspace_id, after="y")
    assert [one.name for one in rest] == ["z"] and not more


def test_strangers_neither_see_nor_change_tags(erin: Member, charlies: UUID) -> None:
    charlie = editor(charlies, "charlie")
    written(erin, "a", "billing")
    tag_id = id_of(erin.workspace_id, "billing")
    assert tags.beginning_with(charlies, "") == []
    for change in (lambda: tags.rename(charlie, tag_id, "x"), lambda: tags.delete(charlie, tag_id)):
        with pytest.raises(NotFound):
            change()
    with workspace_scope(erin.workspace_id):
        assert ArticleTag.objects.count() == 1
    assert of(erin.workspace_id, "a") == ["billing"]
