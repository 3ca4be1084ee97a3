"""What waits, on the overview: counted, led to, and nobody else's business."""

import pytest
from django.test import Client

from accounts.models import Role
from accounts.scope import workspace_scope
from console.tests.pages import BASE, article, golden_question, log_in, member, source
from console.waiting import MOST, waiting
from knowledge import drafts, editing
from knowledge.editing import Draft
from knowledge.models import Article, Source
from learning.models import GapGroup, GoldenQuestion
from learning.models.gaps import DIMENSIONS
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def busy(cast: Cast, *, gaps: int = 1) -> Article:
    """One of everything that may wait."""
    found = article(cast)
    editing.save_draft(cast.alice, found.external_id, Draft("The A", "A lemur."), base=1)
    drafts.submit(cast.alice, found.id)
    golden_question(cast)
    source(cast)
    with workspace_scope(cast.workspace.id):
        GoldenQuestion.objects.update(state="wrong")
        Source.objects.filter(kind="site").update(message="robots.txt forbids it")
        fields = {"workspace": cast.workspace, "mean": [0.0] * DIMENSIONS, "needed": 1}
        rows = [GapGroup(**fields) for _ in range(gaps)]
        GapGroup.objects.bulk_create(rows)
    return found


def test_an_editor_sees_what_waits_and_gets_there(client: Client, cast: Cast) -> None:
    busy(cast, gaps=MOST + 1)
    log_in(client, member(cast, Role.EDITOR))
    shown = client.get(BASE).content.decode()
    for words in ("draft waits for its review", "source could not be read",
                  "golden question is answered wrongly"):  # fmt: skip
        assert f"<strong>1</strong> {words}" in shown
    assert f"<strong>{MOST}+</strong> gaps without an article" in shown
    found = waiting(cast.workspace)
    assert [client.get(one.url).status_code for one in found] == [200] * 4
    assert "The A" in client.get(f"{BASE}articles/?state=review").content.decode()


def test_nothing_waits_where_all_is_done_or_empty(client: Client, cast: Cast) -> None:
    log_in(client, cast.alice)
    assert "What waits for you" not in client.get(BASE).content.decode()  # there is no article
    article(cast)
    assert "Nothing: no review" in client.get(BASE).content.decode()


def test_it_is_for_editors_of_this_workspace(client: Client, cast: Cast) -> None:
    busy(cast)
    assert waiting(cast.other.workspace) == []
    log_in(client, member(cast, Role.ANALYST))
    assert "What waits for you" not in client.get(BASE).content.decode()
