"""An edit is answerable within two seconds, and what is archived never answers again."""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import articles, bulk, drafts, editing, indexing, scheduling
from knowledge.editing import Draft
from knowledge.listing import Chosen
from knowledge.models import Revision
from knowledge.tests.test_drafts import row
from knowledge.tests.test_editing import editor
from knowledge.tests.test_importing import found
from knowledge.tests.test_scheduling import let_time_pass
from knowledge.tests.worker import work

pytestmark = pytest.mark.usefixtures("fake_model")
SOON_S = 2.0


@pytest.fixture
def erin(alices: UUID) -> Member:
    return editor(alices, "erin")


def test_an_edit_answers_within_two_seconds(erin: Member) -> None:
    text = "\n\n".join(f"# Part {i}\n\nA lost key costs {i} giraffes." for i in range(40))
    editing.save(erin, "keys", Draft("Keys", text), base=0)
    work(erin.workspace_id)
    started = time.monotonic()
    editing.save(erin, "keys", Draft("Keys", f"{text}\n\nAnd a zebra."), base=1)
    work(erin.workspace_id)
    assert found(erin.workspace_id, "zebra") == ["keys"]
    assert time.monotonic() - started < SOON_S


def publish_draft(erin: Member, article_id: UUID) -> None:
    drafts.publish(erin, article_id, seen=2)


def publish_later(erin: Member, article_id: UUID) -> None:
    scheduling.schedule(erin, article_id, "publish", timezone.now() + timedelta(hours=1))


def publish_in_bulk(erin: Member, article_id: UUID) -> None:
    bulk.start(erin, "publish", "", ids=[article_id], chosen=Chosen())


def do_nothing(erin: Member, article_id: UUID) -> None:
    """The draft just waits."""


@pytest.mark.parametrize("change", [do_nothing, publish_draft, publish_later, publish_in_bulk])
def test_what_was_under_way_when_it_was_archived_answers_nothing(
    erin: Member, change: Callable[[Member, UUID], None]
) -> None:
    article_id = editing.save(erin, "keys", Draft("Keys", "giraffe"), base=0).article.id
    work(erin.workspace_id)
    editing.save_draft(erin, "keys", Draft("Keys", "giraffe and zebra"), base=1)
    change(erin, article_id)
    editing.archive(erin, article_id)
    assert found(erin.workspace_id, "giraffe") == []  # at once, without any worker
    let_time_pass(erin.workspace_id)
    for _ in range(2):
        work(erin.workspace_id)
    assert found(erin.workspace_id, "giraffe") == found(erin.workspace_id, "zebra") == []
    assert row(erin.workspace_id).published_revision_id is None


def test_archived_between_embedding_and_publishing_it_answers_nothing(erin: Member) -> None:
    saved = editing.save(erin, "keys", Draft("Keys", "giraffe"), base=0)
    with workspace_scope(erin.workspace_id):
        prepared = indexing.prepare(Revision.objects.get(id=saved.revision.id))
    editing.archive(erin, saved.article.id)
    assert indexing.embed_and_publish(erin.workspace_id, [prepared]) == 0
    assert found(erin.workspace_id, "giraffe") == []


def test_a_late_worker_does_not_publish_what_was_replaced(erin: Member) -> None:
    old = editing.save(erin, "keys", Draft("Keys", "giraffe"), base=0)
    with workspace_scope(erin.workspace_id):
        prepared = indexing.prepare(Revision.objects.get(id=old.revision.id))
    editing.save(erin, "keys", Draft("Keys", "zebra"), base=1)
    assert indexing.embed_and_publish(erin.workspace_id, [prepared]) == 0
    work(erin.workspace_id)
    assert found(erin.workspace_id, "giraffe") == [] and found(erin.workspace_id, "zebra") == [
        "keys"
    ]


def test_the_words_of_drafts_and_titles_find_the_article_in_the_list(erin: Member) -> None:
    from knowledge.listing import list_articles

    def listed(text: str) -> list[str]:
        page = list_articles(erin.workspace_id, Chosen(text=text))
        return [one.external_id for one in page.articles]

    editing.save_draft(
        erin, "keys", Draft("Schlüssel ЁЛКА", "An okapi.", tags=("late fees",)), base=0
    )
    assert listed("okap") == listed("schlüssel") == listed("елка") == listed("late") == ["keys"]
    assert listed("okapi fees") == [] == listed("okapi giraffe")
    editing.save(erin, "keys", Draft("Locks", "A lemur."), base=1)
    work(erin.workspace_id)
    assert listed("okapi") == [] == listed("schlüssel")
    assert listed("lemurs") == listed("lock") == ["keys"]
    articles.archive(erin.workspace_id, "keys")
    assert listed("lock") == ["keys"] and listed("lemurs") == []
