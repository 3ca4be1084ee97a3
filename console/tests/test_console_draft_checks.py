"""Check before publishing, as its editor sees it; what gets lost is published only if confirmed."""

import pytest
from django.test import Client

from accounts.scope import workspace_scope
from console.tests.pages import ARTICLE, BASE, article, log_in, member, newest, state
from learning import draft_checks
from learning.models import DraftCheck
from tests.cast import Cast

CHANGE = {
    "id": "0198c0de-0000-7000-8000-000000000009",
    "question": "What does a lost key cost?",
    "before": {
        "state": "right",
        "decision": "answer",
        "text": "Ten **giraffes**<script>x</script>.",
    },
    "after": {"state": "unanswered", "decision": "escalate", "text": "Hidden"},
}
MINE, THEIRS = "A lost key costs ten.", "A lost key costs twelve."
NEIGHBOUR = {
    "article_id": "0198c0de-0000-7000-8000-000000000007",
    "title": "Prices",
    "heading": "Keys",
    "mine": MINE,
    "theirs": THEIRS,
    "cosine": 0.97,
    "hints": [{"mine": MINE, "theirs": THEIRS, "kinds": ["numbers"]}],
}


@pytest.fixture
def editor(client: Client, cast: Cast) -> Client:
    return log_in(client, member(cast, "editor"))


def only(cast: Cast) -> DraftCheck:
    with workspace_scope(cast.workspace.id):
        return DraftCheck.objects.get()


def ended(cast: Cast, **outcome: object) -> DraftCheck:
    """What the worker would have found."""
    with workspace_scope(cast.workspace.id):
        found = {"ended_at": "2026-01-02T03:04:05Z", "total": 3, "asked": 3, "affected": 2}
        DraftCheck.objects.update(**(found | outcome))
    return only(cast)


def test_the_form_s_text_is_checked_and_nothing_of_it_is_saved(editor: Client, cast: Cast) -> None:
    path = f"{BASE}articles/{article(cast).id}/"
    assert "Check before publishing" in editor.get(path).text
    before = state(cast)
    answer = editor.post(f"{path}check/", ARTICLE | {"base": "1", "doc_id": ""})
    assert 'hx-trigger="every 700ms"' in answer.text and "<html" not in answer.text
    check = only(cast)
    assert (check.doc_id, check.title, check.audience) == ("a", "Keys", "public")
    assert check.text == "# Keys\n\nA lost key costs **ten**."
    after = state(cast)
    assert {name for name in after if after[name] != before[name]} == {"checked", "jobs"}


def test_a_new_article_can_be_checked_too(editor: Client, cast: Cast) -> None:
    editor.post(f"{BASE}articles/check/", ARTICLE)
    assert only(cast).doc_id == ARTICLE["doc_id"] and only(cast).article_id is None


def test_what_cannot_be_kept_cannot_be_checked(editor: Client, cast: Cast) -> None:
    answer = editor.post(f"{BASE}articles/check/", ARTICLE | {"title": "", "text": " "})
    assert "It cannot be checked as it is" in answer.text
    assert "Title: This field is required." in answer.text
    with workspace_scope(cast.workspace.id):
        assert not DraftCheck.objects.exists()


def test_what_changes_and_what_is_alike_is_shown(editor: Client, cast: Cast) -> None:
    editor.post(f"{BASE}articles/check/", ARTICLE)
    changes = [{**CHANGE, "kind": kind} for kind in ("changed", "lost", "improved")]
    check = ended(cast, changes=changes, neighbours=[NEIGHBOUR], lost=1)
    part = editor.get(f"{BASE}articles/checks/{check.id}/").text
    assert "hx-trigger" not in part and "It can affect 2 of 3 golden questions." in part
    assert part.index("gets lost: 1") < part.index("gets better: 1") < part.index("changes: 1")
    assert "Ten <strong>giraffes</strong>." in part and "Hidden" not in part
    assert "97% alike" in part and "may contradict" in part and "other numbers" in part


def test_publishing_what_loses_answers_needs_a_confirmation(editor: Client, cast: Cast) -> None:
    row = article(cast)
    path, given = f"{BASE}articles/{row.id}/", ARTICLE | {"base": "1", "doc_id": ""}
    editor.post(f"{path}check/", given)
    check = ended(cast, lost=2)
    answer = editor.post(path, given)
    assert answer.status_code == 400 and "Not published: 2 golden questions" in answer.text
    assert "Publish although 2 answers get lost" in answer.text
    assert "A lost key costs **ten**." in answer.text and newest(cast, row.id).number == 1
    assert editor.post(path, given | {"confirmed": str(row.id)}).status_code == 400
    assert editor.post(path, given | {"confirmed": str(check.id)}).status_code == 302
    assert newest(cast, row.id).number == 2


def test_another_text_needs_none(editor: Client, cast: Cast) -> None:
    row = article(cast)
    path, given = f"{BASE}articles/{row.id}/", ARTICLE | {"base": "1", "doc_id": ""}
    editor.post(f"{path}check/", given)
    ended(cast, lost=2)
    assert editor.post(path, given | {"text": "# Keys\n\nMended."}).status_code == 302


def test_a_check_of_another_workspace_is_not_found(client: Client, cast: Cast) -> None:
    wanted = draft_checks.Wanted(None, "x", "X", "A lemur.")
    check = draft_checks.start(cast.alice, wanted)
    log_in(client, cast.charlie)
    assert client.get(f"/console/other/articles/checks/{check.id}/").status_code == 404
