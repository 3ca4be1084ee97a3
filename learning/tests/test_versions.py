"""Model versions from registration to roll-back, on real models and through the real pipeline."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import storages
from pytest_django import Settings

from accounts.errors import Invalid, NotFound
from accounts.ids import uuid7
from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from chatbot import intake, shadowing
from chatbot.answering import pipeline, serving
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.models import Receipt, ServedModels, ShadowDecision
from inference.errors import ModelUnavailable
from knowledge.articles import upsert_article
from knowledge.tests.worker import work
from learning import versions
from learning.errors import RolloutChanged
from learning.models import ModelVersion, TrainingRow
from learning.tests.trained import PASSED, calibration, empty_store, trained
from learning.versions import TrainingRef, promote, register, roll_back
from outbox.models import JobState, OutboxJob
from tests.cast import Cast

OPENING = "# Our shop\n\nThe shop in Lisbon opens at nine and closes at eighteen on working days."
QUESTION = "When does the shop in Lisbon open?"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    return empty_store(tmp_path, settings)


@pytest.fixture
def shop(cast: Cast) -> Cast:
    upsert_article(cast.workspace.id, doc_id="shop", title="Our shop", text=OPENING)
    work(cast.workspace.id)
    return cast


def ask(cast: Cast, *, conversation_id: UUID | None = None, risk: float = 0.05) -> Decision:
    request = AnswerRequest(cast.workspace.id, QUESTION, risk=risk)
    return pipeline.answer(replace(request, conversation_id=conversation_id))


def state(cast: Cast, version: ModelVersion) -> str:
    with workspace_scope(cast.workspace.id):
        return ModelVersion.objects.get(id=version.id).state


def pointer(cast: Cast) -> ServedModels:
    with workspace_scope(cast.workspace.id):
        return ServedModels.objects.get()


def actions(cast: Cast) -> list[str]:
    with workspace_scope(cast.workspace.id):
        rows = AuditEntry.objects.filter(target_kind="model_version").order_by("created_at", "id")
        return list(rows.values_list("action", flat=True))


def test_a_version_answers_the_next_question_and_roll_back_ends_it(
    shop: Cast, tmp_path: Path
) -> None:
    first, second = trained(shop, tmp_path / "1"), trained(shop, tmp_path / "2", threshold=None)
    assert (first.number, second.number, first.state) == (1, 2, "built")
    assert ask(shop).version_id == ""
    promote(first, stage="all", by=shop.alice)
    decision = ask(shop)
    assert (decision.version_id, decision.kind) == (str(first.id), "answer")
    assert decision.confidence == pytest.approx(0.5)
    promote(second, stage="all", by=shop.alice)
    assert (ask(shop).version_id, ask(shop).kind) == (str(second.id), "escalate")
    assert (state(shop, first), state(shop, second)) == ("retired", "serving")
    roll_back(shop.workspace.id, shop.alice)
    assert ask(shop).version_id == str(first.id)
    current = versions.current(shop.workspace.id)
    assert current and current.id == first.id
    roll_back(shop.workspace.id, shop.alice)
    roll_back(shop.workspace.id, shop.alice)  # nothing to go back to
    assert ask(shop).version_id == "" and versions.current(shop.workspace.id) is None
    assert actions(shop) == [
        *["model_version.registered"] * 2, *["model_version.all"] * 2,
        *["model_version.rolled_back"] * 2,
    ]  # fmt: skip


def test_a_share_of_the_conversations_keeps_its_version(shop: Cast, tmp_path: Path) -> None:
    version = trained(shop, tmp_path / "1")
    promote(version, stage="share", share=0.3, by=shop.alice)
    ids = [uuid4() for _ in range(400)]
    small = {one for one in ids if serving.falls_into(version.id, one, 0.3)}
    assert 80 < len(small) < 160
    assert small < {one for one in ids if serving.falls_into(version.id, one, 0.6)}
    inside, outside = next(iter(small)), next(one for one in ids if one not in small)
    for _ in range(2):
        assert ask(shop, conversation_id=inside).version_id == str(version.id)
        assert ask(shop, conversation_id=outside).version_id == ""
    assert ask(shop).version_id == ""


def test_a_shadow_is_compared_and_never_seen(shop: Cast, tmp_path: Path) -> None:
    version = trained(shop, tmp_path / "1", threshold=None)
    promote(version, stage="shadow", by=shop.alice)
    intake.post_visitor_message(
        shop.workspace.id, shop.conversation_id, shop.vera.contact_id, client_id="1", text=QUESTION
    )
    for kind in ("answer_turn", shadowing.KIND):
        run(shop, kind)
    with workspace_scope(shop.workspace.id):
        receipt, shadow = Receipt.objects.get(tier=1), ShadowDecision.objects.get()
    assert receipt.version_id is None and shadow.receipt_id == receipt.id
    assert (shadow.version_id, shadow.decision) == (version.id, "escalate")
    assert shadow.agrees == (receipt.decision == "escalate")
    assert shadow.confidence == pytest.approx(0.5) and shadow.duration_ms > 0


def run(cast: Cast, kind: str) -> None:
    """What a worker does with the jobs of this kind."""
    from knowledge.tests.worker import work_on

    with workspace_scope(cast.workspace.id):
        waiting = OutboxJob.objects.filter(state=JobState.READY, kind=kind)
        ids = list(waiting.values_list("id", flat=True))
    assert ids
    for job_id in ids:
        work_on(cast.workspace.id, job_id)


def test_an_altered_file_is_refused_and_the_shipped_models_answer(
    shop: Cast, tmp_path: Path, store: Path
) -> None:
    version = trained(shop, tmp_path / "1")
    for path in store.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes() + b" ")
    promote(version, stage="all", by=shop.alice)
    assert ask(shop).version_id == ""
    assert "altered" in pointer(shop).failure and pointer(shop).failed_id == version.id


def test_a_file_that_is_gone_leaves_a_share_to_the_serving_version(
    shop: Cast, tmp_path: Path
) -> None:
    good, broken = trained(shop, tmp_path / "1"), trained(shop, tmp_path / "2", threshold=0.3)
    promote(good, stage="all", by=shop.alice)
    place = f"{shop.workspace.id}/{broken.parts['calibration']['calibration.json']}"
    storages["artefacts"].delete(place)
    promote(broken, stage="share", share=0.99, by=shop.alice)
    ids = [one for one in (uuid4() for _ in range(9)) if serving.falls_into(broken.id, one, 0.99)]
    assert ask(shop, conversation_id=ids[0]).version_id == str(good.id)


def test_a_row_cannot_lead_out_of_the_storage(shop: Cast, tmp_path: Path) -> None:
    version = trained(shop, tmp_path / "1")
    promote(version, stage="all", by=shop.alice)
    for files in ({"../x": "0" * 64}, {"manifest.json": "../../etc/passwd"}):
        with workspace_scope(shop.workspace.id):
            parts = {"calibration": {"manifest.json": "0" * 64} | files}
            ServedModels.objects.update(parts=parts)
        serving.forget()
        assert ask(shop).version_id == ""


def test_a_version_made_for_other_shipped_models_does_not_answer(
    shop: Cast, tmp_path: Path
) -> None:
    version = trained(shop, tmp_path / "1")
    promote(version, stage="all", by=shop.alice)
    with workspace_scope(shop.workspace.id):
        ServedModels.objects.update(base=version.base | {"reader": "another"})
    assert ask(shop).version_id == ""
    assert pointer(shop).failure == "made for other shipped models"


def test_parts_that_do_not_fit_are_not_registered(cast: Cast, tmp_path: Path) -> None:
    given = {"lineage": (), "evaluation": PASSED, "parent": None, "run_id": None}
    calibration(tmp_path, threshold=0.4, reader="another")
    parts = {"calibration": "calibration"}
    with pytest.raises(ModelUnavailable, match="made for another reader"):
        register(cast.workspace.id, folder=tmp_path, parts=parts, **given)  # type: ignore[arg-type]  # names are the function's own
    for wrong in ({}, {"virus": "calibration"}):
        with pytest.raises(Invalid):
            register(cast.workspace.id, folder=tmp_path, parts=wrong, **given)  # type: ignore[arg-type]  # as above
    with pytest.raises(ModelUnavailable, match="outside"):
        register(cast.workspace.id, folder=tmp_path, parts={"calibration": ".."}, **given)  # type: ignore[arg-type]  # as above
    with workspace_scope(cast.workspace.id):
        assert not ModelVersion.objects.exists()


def test_a_run_is_registered_once(cast: Cast, tmp_path: Path) -> None:
    calibration(tmp_path, threshold=0.4)
    run_id = uuid7()
    made = {
        register(
            cast.workspace.id, folder=tmp_path, parts={"calibration": "calibration"}, lineage=(),
            evaluation=PASSED, parent=None, run_id=run_id,
        ).id
        for _ in range(2)
    }  # fmt: skip
    assert len(made) == 1


def test_what_did_not_pass_never_serves(cast: Cast, tmp_path: Path) -> None:
    version = trained(cast, tmp_path / "1", evaluation={"passed": False})
    assert version.state == "rejected"
    for stage in versions.STAGES:
        with pytest.raises(Invalid, match="did not pass"):
            promote(version, stage=stage, by=cast.alice)
    with workspace_scope(cast.workspace.id):
        assert not ServedModels.objects.exclude(version_id=None, candidate_id=None).exists()


def test_the_second_of_two_administrators_is_told(cast: Cast, tmp_path: Path) -> None:
    version = trained(cast, tmp_path / "1")
    seen = pointer(cast).revision
    promote(version, stage="shadow", by=cast.alice, seen=seen)
    with pytest.raises(RolloutChanged):
        promote(version, stage="all", by=cast.alice, seen=seen)
    with pytest.raises(RolloutChanged):
        roll_back(cast.workspace.id, cast.alice, seen=seen)
    assert (pointer(cast).stage, pointer(cast).version_id) == ("shadow", None)


def test_another_workspaces_version_is_not_found(cast: Cast, tmp_path: Path) -> None:
    version = trained(cast, tmp_path / "1")
    version.workspace_id = cast.other.workspace.id
    with pytest.raises(NotFound):
        promote(version, stage="all", by=cast.charlie)
    assert state(cast, version) == "built"


def test_an_erased_conversation_marks_what_was_trained_on_it(cast: Cast, tmp_path: Path) -> None:
    own = TrainingRef("turn", uuid7(), "0" * 64, conversation_id=cast.conversation_id)
    article = TrainingRef("revision", uuid7(), "1" * 64)
    hit = trained(cast, tmp_path / "1", lineage=(own, article, own))
    free = trained(cast, tmp_path / "2", lineage=(article,), threshold=0.3)
    with workspace_scope(cast.workspace.id):
        assert TrainingRow.objects.filter(version=hit).count() == 2
    assert versions.mark_erased(cast.other.workspace.id, contact=cast.vera.contact_id) == 0
    assert versions.mark_erased(cast.workspace.id, contact=cast.vera.contact_id) == 1
    assert versions.mark_erased(cast.workspace.id, conversation_ids=[cast.conversation_id]) == 0
    with workspace_scope(cast.workspace.id):
        marked = ModelVersion.objects.filter(tainted_at__isnull=False)
        assert [one.id for one in marked] == [hit.id] != [free.id]


def test_a_worker_holds_no_more_than_its_bound(
    shop: Cast, tmp_path: Path, settings: Settings
) -> None:
    settings.WORKSPACE_MODELS_MB = 0
    settings.ARTEFACT_CACHE_MB = 0
    made = [trained(shop, tmp_path / str(n), threshold=0.3 + n / 10) for n in range(2)]
    for version in made:
        promote(version, stage="all", by=shop.alice)
        assert ask(shop).version_id == str(version.id)
    assert serving.held() == [made[1].id]
    assert len(list((tmp_path / "cache").glob("*/*"))) == 1
