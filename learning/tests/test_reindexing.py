"""An embedder of a workspace's own: its vectors are built beside the others, without a gap."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.scope import workspace_scope
from chatbot.answering import pipeline, serving
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.models import ServedModels
from knowledge import vector_sets
from knowledge.articles import upsert_article
from knowledge.dense import Vector
from knowledge.models import Embedding, Passage, VectorSet, VectorState
from knowledge.tests.worker import work_on
from learning import versions
from learning.models import ModelVersion
from learning.tests.trained import PASSED, another_embedder
from learning.vector_jobs import BUILD, DROP
from outbox.models import JobState, OutboxJob
from tests.cast import Cast


@pytest.fixture(autouse=True)
def small_steps(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ARTEFACT_CACHE_DIR = tmp_path / "cache"
    settings.STORAGES = settings.STORAGES | {
        "artefacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "kept"},
        }
    }
    monkeypatch.setattr(vector_sets, "STEP", 2)
    serving.forget()


@pytest.fixture
def shop(cast: Cast) -> Cast:
    for number in range(3):
        publish(cast, f"old{number}", f"The shop number {number} opens at {number + 7} o'clock.")
    return cast


@pytest.fixture
def version(shop: Cast, tmp_path: Path) -> ModelVersion:
    folder = tmp_path / "trained"
    folder.mkdir()
    return versions.register(
        shop.workspace.id,
        folder=folder,
        parts=another_embedder(folder),
        lineage=(),
        evaluation=PASSED,
        parent=None,
        run_id=None,
    )


def publish(cast: Cast, doc_id: str, text: str) -> None:
    upsert_article(cast.workspace.id, doc_id=doc_id, title=doc_id, text=text)
    assert run(cast, "index_revision") == 1


def run(cast: Cast, kind: str, *, most: int = 99) -> int:
    """Do what waits of this kind, and what comes of it. Returns how many jobs that were."""
    for done in range(most):
        with workspace_scope(cast.workspace.id):
            job = OutboxJob.objects.filter(state=JobState.READY, kind=kind).first()
        if job is None:
            return done
        work_on(cast.workspace.id, job.id)
    return most


def ask(cast: Cast) -> Decision:
    return pipeline.answer(AnswerRequest(cast.workspace.id, "When does the shop number 1 open?"))


def counts(cast: Cast) -> list[int]:
    """Vectors of each model version, and passages."""
    with workspace_scope(cast.workspace.id):
        by_version: dict[str, int] = {}
        for name in Embedding.objects.values_list("model_version", flat=True):
            by_version[name] = by_version.get(name, 0) + 1
        return [*by_version.values(), Passage.objects.count()]


def test_it_serves_when_all_passages_have_vectors_and_not_before(
    shop: Cast, version: ModelVersion
) -> None:
    versions.promote(version, stage="all", by=shop.alice)
    assert run(shop, BUILD, most=1) == 1
    assert ask(shop).version_id == ""
    publish(shop, "new", "The shop number 9 opens at night.")  # in the middle of it
    publish(shop, "old0", "The shop number 0 opens at noon.")  # changed in the middle of it
    assert ask(shop).version_id == ""
    run(shop, BUILD)
    assert counts(shop) == [4, 4, 4]
    decision = ask(shop)
    assert decision.version_id == str(version.id) and decision.evidence
    publish(shop, "later", "The shop number 10 opens at dawn.")
    assert counts(shop) == [5, 5, 5]


def test_an_article_embedded_before_the_set_was_asked_for_is_not_missed(
    shop: Cast, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The set is built between an article's embedding and its publication."""
    embed = vector_sets.for_texts
    calls = []

    def slow(workspace_id: UUID, texts: list[str], **more: Any) -> dict[str, list[Vector]]:
        made = embed(workspace_id, texts, **more)
        calls.append(set(made))
        if len(calls) == 1:
            versions.promote(version, stage="all", by=shop.alice)
            run(shop, BUILD)
        return made

    monkeypatch.setattr(vector_sets, "for_texts", slow)
    publish(shop, "late", "The shop number 11 opens late.")
    assert [len(one) for one in calls] == [1, 2]
    assert counts(shop) == [4, 4, 4]


def test_vectors_stay_for_the_way_back_and_go_after_the_time_of_grace(
    shop: Cast, version: ModelVersion
) -> None:
    versions.promote(version, stage="all", by=shop.alice)
    run(shop, BUILD)
    versions.roll_back(shop.workspace.id, shop.alice)
    assert ask(shop).version_id == "" and counts(shop) == [3, 3, 3]
    versions.promote(version, stage="all", by=shop.alice)  # nothing has to be built
    assert ask(shop).version_id == str(version.id)
    versions.roll_back(shop.workspace.id, shop.alice)
    with workspace_scope(shop.workspace.id):
        VectorSet.objects.update(drop_after=timezone.now() - timedelta(days=1))
        OutboxJob.objects.filter(kind=DROP).update(available_at=timezone.now())
    assert run(shop, DROP) >= 1
    assert counts(shop) == [3, 3]
    versions.promote(version, stage="all", by=shop.alice)
    assert ask(shop).version_id == ""
    run(shop, BUILD)
    assert ask(shop).version_id == str(version.id)


def test_a_broken_embedder_stops_no_article(
    shop: Cast, version: ModelVersion, tmp_path: Path
) -> None:
    versions.promote(version, stage="all", by=shop.alice)
    for place in (tmp_path / "kept", tmp_path / "cache"):
        for path in place.rglob("tokenizer.json" if place.name == "cache" else "*"):
            if path.is_file():
                path.unlink()
    publish(shop, "new", "The shop number 9 opens at night.")
    run(shop, BUILD)
    with workspace_scope(shop.workspace.id):
        assert VectorSet.objects.get().state == VectorState.FAILED
        assert ServedModels.objects.get().version_id is None
    assert ask(shop).evidence and ask(shop).version_id == ""


def test_the_vectors_of_another_workspace_are_its_own(shop: Cast, version: ModelVersion) -> None:
    versions.promote(version, stage="all", by=shop.alice)
    run(shop, BUILD)
    fingerprint = version.fingerprints["embedder"]
    assert vector_sets.ready(shop.workspace.id, fingerprint)
    assert not vector_sets.ready(shop.other.workspace.id, fingerprint)
    with workspace_scope(shop.other.workspace.id):
        assert not VectorSet.objects.exists()
