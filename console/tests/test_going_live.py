"""Whatever way a person makes an edit go live, golden answers are not lost unseen."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from console.tests.pages import ARTICLE, BASE, article, golden_question, log_in, member, newest
from knowledge import editing, scheduling
from knowledge.models import Article, BulkChange
from knowledge.tests.worker import work_on
from learning import draft_checks
from learning.models import DraftCheck
from outbox.models import JobState, OutboxJob
from tests.cast import Cast, make_member

ARTICLES = f"{BASE}articles/"
LOST = {"kind": "lost", "id": "0198c0de-0000-7000-8000-000000000009", "question": "What?"} | {
    side: {"state": "right", "decision": "escalate", "text": ""} for side in ("before", "after")
}


@pytest.fixture
def editor(client: Client, cast: Cast) -> Client:
    golden_question(cast)
    return log_in(client, member(cast, "editor"))


def drafted(cast: Cast, doc_id: str = "a") -> UUID:
    """An article of which one text is published and another one waits."""
    row = article(cast, doc_id=doc_id)
    draft = editing.Draft("The A", "A lemur.")
    editing.save_draft(cast.alice, doc_id, draft, base=1)
    return row.id


def row(cast: Cast, article_id: UUID) -> Article:
    with workspace_scope(cast.workspace.id):
        rows = Article.objects.select_related("wanted_revision", "draft_revision")
        return rows.get(id=article_id)


def end(cast: Cast, *, lost: int = 0, problem: str = "") -> DraftCheck:
    """The check that is under way ends as if a worker had asked; what waited for it goes on."""
    with workspace_scope(cast.workspace.id):
        (check,) = DraftCheck.objects.filter(ended_at=None)
        OutboxJob.objects.filter(kind=draft_checks.KIND).update(state=JobState.DONE)
        changes = [LOST] * lost
        DraftCheck.objects.filter(id=check.id).update(lost=lost, changes=changes)
        draft_checks._end(check.id, problem=problem)
    return check


WAYS = {
    "publish": ("draft/publish/", {"seen": "2"}),
    "restore": ("revisions/1/restore/", {}),
    "archive": ("archive/", {}),
    "schedule": ("schedule/publish/", {"at": "2031-01-01T10:00"}),
    "archive later": ("schedule/archive/", {"at": "2031-01-01T10:00"}),
    "edit": ("", ARTICLE | {"base": "2", "doc_id": ""}),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_waits_for_the_golden_questions_and_for_a_confirmation(
    editor: Client, cast: Cast, way: str
) -> None:
    article_id = drafted(cast)
    path, given = f"{ARTICLES}{article_id}/{WAYS[way][0]}", WAYS[way][1]
    before = row(cast, article_id)
    page = editor.post(path, given)
    with workspace_scope(cast.workspace.id):
        assert DraftCheck.objects.get().article_id == article_id
    assert "Go on without waiting" in page.text and 'hx-trigger="every 700ms"' in page.text
    check = end(cast, lost=1)
    part = editor.get(f"{ARTICLES}checks/{check.id}/?confirm=1").text
    assert "although 1 answer gets lost" in part and "data-go-on" not in part
    assert "although 1 answer gets lost" in editor.post(path, given).text
    assert row(cast, article_id) == before and newest(cast, article_id).number == 2
    assert row(cast, article_id).updated_at == before.updated_at
    assert editor.post(path, given | {"confirmed": str(check.id)}).status_code == 302
    assert row(cast, article_id).updated_at != before.updated_at


def test_a_draft_that_closes_what_is_published_to_visitors_waits_too(
    editor: Client, cast: Cast
) -> None:
    path = f"{ARTICLES}{drafted(cast)}/"
    given = ARTICLE | {"base": "2", "doc_id": "", "audience": "internal", "do": "draft"}
    page = editor.post(path, given).text
    assert "Go on without waiting" in page and 'name="do" value="draft"' in page
    check = end(cast, lost=1)
    assert check.audience == "internal" and check.text == "A giraffe."
    assert editor.post(path, given | {"confirmed": str(check.id)}).status_code == 302


def test_what_loses_nothing_goes_on_by_itself(editor: Client, cast: Cast) -> None:
    path, given = f"{ARTICLES}{drafted(cast)}/draft/publish/", {"seen": "2", "note": "good <work>"}
    page = editor.post(path, given).text
    assert 'name="note" value="good &lt;work&gt;"' in page  # nothing typed is lost
    check = end(cast)
    assert "data-go-on" in editor.get(f"{ARTICLES}checks/{check.id}/?confirm=1").text
    assert "data-go-on" not in editor.get(f"{ARTICLES}checks/{check.id}/").text
    assert editor.post(path, given).status_code == 302


def test_where_nothing_can_be_asked_its_author_decides(editor: Client, cast: Cast) -> None:
    path, given = f"{ARTICLES}{drafted(cast)}/draft/publish/", {"seen": "2"}
    editor.post(path, given)
    check = end(cast, problem=draft_checks.NO_MODELS)
    shown = editor.get(f"{ARTICLES}checks/{check.id}/?confirm=1").text
    assert "Go on without the check" in shown
    assert editor.post(path, given | {"confirmed": str(check.id)}).status_code == 302


def test_a_workspace_may_check_only_on_request(editor: Client, cast: Cast) -> None:
    change_settings(cast.workspace.id, actor="command", check_required=False)
    path = f"{ARTICLES}{drafted(cast)}/draft/publish/"
    assert editor.post(path, {"seen": "2"}).status_code == 302
    with workspace_scope(cast.workspace.id):
        assert not DraftCheck.objects.exists()


def test_many_articles_wait_for_what_any_of_them_loses(editor: Client, cast: Cast) -> None:
    ids = [drafted(cast, "a"), drafted(cast, "b")]
    given = {"action": "publish", "which": "checked", "id": [str(one) for one in ids]}
    path = editor.post(f"{ARTICLES}bulk/confirm/", given)["Location"]
    for lost in (0, 1):
        _checks(cast)
        end(cast, lost=lost)
    _checks(cast)
    page = editor.get(path).text
    assert "1 answer gets lost" in page and "Leave these articles out" in page
    with workspace_scope(cast.workspace.id):
        assert not Article.objects.filter(draft_revision=None).exists()
        losing = BulkChange.objects.get().losing[0]["check"]
    shown = editor.get(f"{ARTICLES}checks/{losing}/?whole=1").text
    assert "<html" in shown and "gets lost: 1" in shown
    other = log_in(Client(), make_member(cast.acme, "frank", role="editor"))
    assert other.post(f"{path}decide/").status_code == 403
    editor.post(f"{path}decide/", {"leave_out": "yes"})
    _bulk(cast)
    assert row(cast, ids[0]).draft_revision is None
    assert row(cast, ids[1]).draft_revision is not None


def test_many_articles_of_which_none_loses_any_go_on_by_themselves(
    editor: Client, cast: Cast
) -> None:
    article_id = drafted(cast)
    given = {"action": "archive", "which": "checked", "id": [str(article_id)]}
    editor.post(f"{ARTICLES}bulk/confirm/", given)
    _checks(cast)
    assert row(cast, article_id).archived_at is None
    end(cast)
    _checks(cast)
    _bulk(cast)
    assert row(cast, article_id).archived_at is not None
    with workspace_scope(cast.workspace.id):
        assert BulkChange.objects.get().state == "done"


def _checks(cast: Cast) -> None:
    _work(cast, "check_bulk")


def _bulk(cast: Cast) -> None:
    _work(cast, "bulk_articles")


def _work(cast: Cast, kind: str) -> None:
    """Do the jobs of this kind alone."""
    with workspace_scope(cast.workspace.id):
        waiting = OutboxJob.objects.filter(state=JobState.READY, kind=kind)
        waiting.update(available_at=timezone.now())
        ids = list(waiting.order_by("id").values_list("id", flat=True))
    for job_id in ids:
        work_on(cast.workspace.id, job_id)


@pytest.mark.parametrize("accepted", [True, False])
def test_a_schedule_that_would_lose_answers_at_its_moment_waits_and_says_so(
    editor: Client, cast: Cast, accepted: bool
) -> None:
    article_id = drafted(cast)
    at = timezone.now() + timedelta(hours=1)
    given_up = [str(LOST["id"])] if accepted else []
    scheduling.schedule(cast.alice, article_id, "publish", at, accepted=given_up)
    _work(cast, scheduling.KIND)
    _work(cast, scheduling.CHECK)
    end(cast, lost=1)
    _work(cast, scheduling.CHECK)
    found = row(cast, article_id)
    assert found.publish_at is None and (found.draft_revision is None) == accepted
    said = (
        "Its schedule was not kept: 1 golden question"
        in editor.get(f"{ARTICLES}{article_id}/").text
    )
    assert said != accepted
