"""Replay of a model version and of an edit, with real models: both sides are asked anew."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.errors import Invalid, NotFound
from accounts.scope import workspace_scope
from knowledge.articles import upsert_article
from knowledge.editing import Draft, save_draft
from knowledge.models import Article, Revision
from knowledge.tests.worker import work as publish_all
from learning import replay_runs
from learning.models import ModelVersion, ReplayChange, ReplayRun
from learning.replay import GAINED, LOST, REWORDED, Wanted
from learning.tests.auditing import new_visitor, say, work
from learning.tests.trained import empty_store, trained
from learning.versions import promote
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")
OPENS = "The shop in Lisbon opens at nine and closes at eighteen on working days."
LATER = "The shop in Lisbon opens at eleven and closes at eighteen on working days."
QUESTION = "When does the shop in Lisbon open?"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    return empty_store(tmp_path, settings)


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Cast:
    """One question was asked, one article is published, and the serving version answers it."""
    written(cast, OPENS)
    say(cast, new_visitor(cast), QUESTION)
    sure = trained(cast, tmp_path / "sure")
    promote(sure, stage="all", by=cast.alice)
    return cast


def written(cast: Cast, text: str) -> None:
    upsert_article(cast.workspace.id, doc_id="shop", title="Our shop", text=f"# Our shop\n\n{text}")
    publish_all(cast.workspace.id)


def drafted(cast: Cast, text: str) -> Revision:
    """Not published."""
    save_draft(cast.alice, "shop", Draft("Our shop", f"# Our shop\n\n{text}"), base=newest(cast))
    with workspace_scope(cast.workspace.id):
        return Revision.objects.get(number=newest(cast))


def newest(cast: Cast) -> int:
    with workspace_scope(cast.workspace.id):
        return Revision.objects.order_by("-number").values_list("number", flat=True)[0]


def started(cast: Cast, **wanted: Any) -> tuple[ReplayRun, list[ReplayChange]]:
    run = replay_runs.start(cast.alice, Wanted(**wanted))
    work(cast.workspace.id)
    run = replay_runs.run_of(cast.workspace.id, run.id)
    assert run.ended_at and not run.problem and run.done == 1
    return run, replay_runs.changes_of(run)


def published_id(cast: Cast) -> UUID | None:
    with workspace_scope(cast.workspace.id):
        return Article.objects.get(external_id="shop").published_revision_id


def test_a_version_that_is_never_sure_loses_the_answer(shop: Cast, tmp_path: Path) -> None:
    never = trained(shop, tmp_path / "never", threshold=None)
    run, (lost,) = started(shop, version=never.number)
    assert run.report["changes"] == {LOST: 1} and run.report["runs_models"]
    assert "nine" in lost.was["text"] and (lost.now["kind"], lost.now["people"]) == ("escalate", 1)
    figures = run.report["figures"]
    assert (figures["answered"]["was"], figures["answered"]["now"]) == (1, 0)
    assert (figures["people"]["was"], figures["people"]["now"]) == (0, 1)
    assert figures["usd"]["now"] == 0 and figures["minutes"]["now"] == 5


def test_a_version_that_is_sure_gains_it_and_serves_nobody(shop: Cast, tmp_path: Path) -> None:
    never = trained(shop, tmp_path / "never", threshold=None)
    promote(never, stage="all", by=shop.alice)
    _run, (gained,) = started(shop, version=1)
    assert gained.kind == GAINED and "nine" in gained.now["text"]
    with workspace_scope(shop.workspace.id):
        states = dict(ModelVersion.objects.values_list("number", "state"))
    assert states == {1: "retired", 2: "serving"}


def test_a_draft_answers_in_place_of_what_is_published(shop: Cast) -> None:
    before = published_id(shop)
    draft = drafted(shop, LATER)
    run, (changed,) = started(shop, doc_id="shop", revision=draft.number)
    assert changed.kind == REWORDED
    assert "nine" in changed.was["text"] and "eleven" in changed.now["text"]
    assert run.wanted["revision"] == draft.number and published_id(shop) == before


def test_an_earlier_text_can_be_replayed_too(shop: Cast) -> None:
    written(shop, LATER)
    _run, (changed,) = started(shop, doc_id="shop", revision=1)
    assert "eleven" in changed.was["text"] and "nine" in changed.now["text"]


def test_the_newest_text_stays_the_one_that_was_newest_at_the_start(shop: Cast) -> None:
    drafted(shop, LATER)
    run = replay_runs.start(shop.alice, Wanted(doc_id="shop"))
    drafted(shop, LATER.replace("eleven", "noon"))
    work(shop.workspace.id)
    (changed,) = replay_runs.changes_of(run)
    assert "eleven" in changed.now["text"]


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({"doc_id": "shop", "revision": 7}, NotFound),
        ({"doc_id": "none", "revision": 1}, NotFound),
        ({"doc_id": "shop", "revision": 1}, Invalid),
        ({"revision": 1}, Invalid),
    ],
)
def test_a_text_that_is_not_there_or_published_is_refused(
    shop: Cast, wanted: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        replay_runs.start(shop.alice, Wanted(**wanted))
    with workspace_scope(shop.workspace.id):
        assert not ReplayRun.objects.exists()


def test_another_workspaces_text_is_refused(shop: Cast) -> None:
    draft = drafted(shop, LATER)
    with pytest.raises(NotFound):
        replay_runs.start(shop.charlie, Wanted(doc_id="shop", revision=draft.number))
    with workspace_scope(shop.other.workspace.id):
        assert not ReplayRun.objects.exists()
    with workspace_scope(shop.workspace.id):
        assert not ReplayRun.objects.exists()


def test_the_command_takes_a_revision(shop: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    draft = drafted(shop, LATER)
    asked = ["--workspace", "acme", "--draft", "shop"]
    call_command("replay", *asked, "--revision", str(draft.number))
    said = capsys.readouterr().out
    assert "reworded 1" in said and "eleven" in said and "asked anew" in said
    with pytest.raises(CommandError):
        call_command("replay", *asked, "--revision", "1")
    with pytest.raises(CommandError):
        call_command("replay", "--workspace", "other", "--draft", "shop", "--revision", "2")
    with pytest.raises(CommandError):
        call_command("replay", "--workspace", "acme", "--revision", "2")
