"""Model versions of a workspace: register, put on a stage, roll back, mark after an erasure.

The only writer of ModelVersion.state and of the pointer that chatbot reads for each question.
Whoever changes either holds the pointer's row lock, so of two administrators the second sees what
the first did. A version whose evaluation did not pass never serves; one with an embedder of its
own waits on its stage until every passage has its vector.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from accounts import audit
from accounts.errors import Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import Conversation, ServedModels
from inference.manifest import PARTS
from knowledge import artefacts, vector_sets
from learning import cards
from learning.dial_jobs import ask_for_thresholds
from learning.errors import RolloutChanged
from learning.fitting import fitting_base, read_parts
from learning.models import ModelVersion, SourceKind, TrainingRow, VersionState
from learning.vector_jobs import build_vectors, release_unused

Stage = Literal["shadow", "share", "all"]
STAGES: tuple[Stage, ...] = ("shadow", "share", "all")
STATE_OF = {
    "shadow": VersionState.SHADOW,
    "share": VersionState.PARTIAL,
    "all": VersionState.SERVING,
}
ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class TrainingRef:
    """Where a training text stood. kind: a SourceKind; sha256: of the text as it was used.

    conversation_id and contact_id, where it came from a conversation: an erasure goes by them.
    """

    kind: str
    source_id: UUID
    sha256: str
    conversation_id: UUID | None = None
    contact_id: UUID | None = None


def register(
    workspace_id: UUID,
    *,
    folder: Path,
    parts: Mapping[str, str],
    lineage: Iterable[TrainingRef],
    evaluation: dict[str, Any],
    parent: ModelVersion | None,
    run_id: UUID | None,
) -> ModelVersion:
    """Keep a trained version's files and write its row; a run is registered once.

    parts: names of PARTS → subfolder of `folder` with manifest.json. evaluation: {"passed": bool,
    "figures": [{"measure", "before", "after", "low", "high", "questions"}, …]}, low and high
    bounding the difference; without passed the version is rejected. Raises ModelUnavailable for
    parts that are broken or don't fit each other and the shipped ones, Invalid for no part.
    """
    if not parts or not set(parts) <= set(PARTS):
        raise Invalid(f"a version has some of the parts {', '.join(PARTS)}")
    read = read_parts(folder, parts)
    base = fitting_base(read)
    kept = {name: artefacts.keep(workspace_id, part.folder) for name, part in read.items()}
    with workspace_scope(workspace_id):
        _pointer(workspace_id)
        known = ModelVersion.objects.filter(run_id=run_id).first() if run_id else None
        if known:
            return known
        last = ModelVersion.objects.aggregate(last=Max("number"))["last"] or 0
        passed = evaluation.get("passed") is True
        version = ModelVersion.objects.create(
            workspace_id=workspace_id,
            number=last + 1,
            state=VersionState.BUILT if passed else VersionState.REJECTED,
            parts=kept,
            fingerprints={name: part.fingerprint for name, part in read.items()},
            base=base,
            evaluation=evaluation,
            parent=parent,
            run_id=run_id,
        )
        _write_rows(version, lineage)
        version.card = cards.card(version)
        version.save(update_fields=["card"])
        audit.record("system", "model_version.registered", **_target(version))
    return version


def _write_rows(version: ModelVersion, lineage: Iterable[TrainingRef]) -> None:
    rows = []
    for ref in dict.fromkeys(lineage):
        if ref.kind not in SourceKind.values:
            raise Invalid(f"a training row comes from one of {', '.join(SourceKind.values)}")
        rows.append(
            TrainingRow(
                workspace_id=version.workspace_id,
                version=version,
                source_kind=ref.kind,
                source_id=ref.source_id,
                sha256=ref.sha256,
                conversation_id=ref.conversation_id,
                contact_id=ref.contact_id,
            )
        )
    TrainingRow.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def promote(
    version: ModelVersion,
    *,
    stage: Stage,
    share: float = 0.1,
    by: Member | None,
    seen: int | None = None,
) -> ModelVersion:
    """Put a version on a stage; it takes effect with the next question.

    One with an embedder of its own waits until its vectors are complete (`wanted`). seen: the
    pointer's revision that `by` looked at. Raises RolloutChanged where it has moved on, Invalid
    for a version or share that cannot be. The same again changes nothing.
    """
    if stage not in STAGES:
        raise Invalid(f"a stage is one of {', '.join(STAGES)}")
    if stage == "share" and not 0 < share < 1:
        raise Invalid("the share lies between 0 and 1")
    with workspace_scope(version.workspace_id):
        pointer = _pointer(version.workspace_id, seen=seen)
        version = locked(version.workspace_id, version.id)
        if version.state == VersionState.REJECTED:
            raise Invalid("its evaluation did not pass")
        if pointer.version_id == version.id:
            if stage == "all":
                return version
            raise Invalid("it answers all questions; go back to the earlier version first")
        if not _has_vectors(version):
            version.wanted = {"stage": stage, "share": share, "by": str(by.id) if by else ""}
            version.save(update_fields=["wanted"])
            build_vectors(version)
            _record(by, "model_version.waits", version, stage=stage)
            _moved(pointer)
            return version
        _place(pointer, version, stage, share, by)
    return version


def vectors_done(workspace_id: UUID, version_id: UUID) -> None:
    """Its vectors are complete: put it on the stage it waits for. Inside the caller's scope."""
    pointer = _pointer(workspace_id)
    version = ModelVersion.objects.filter(id=version_id).first()
    if version is None or not version.wanted:
        return
    wanted = version.wanted
    by = Member.objects.filter(id=wanted["by"]).first() if wanted["by"] else None
    _place(pointer, version, wanted["stage"], float(wanted["share"]), by)


def give_up_waiting(workspace_id: UUID, version_id: UUID) -> None:
    """Its vectors cannot be made: it is on no stage. Inside the caller's scope."""
    pointer = _pointer(workspace_id)
    if ModelVersion.objects.filter(id=version_id).exclude(wanted={}).update(wanted={}):
        pointer.failed_id = version_id
        pointer.failure = "its embedder cannot be used"
        _moved(pointer)


def _has_vectors(version: ModelVersion) -> bool:
    """True for a version that keeps to the shipped embedder, whose vectors are always there."""
    fingerprint = version.fingerprints.get("embedder")
    return not fingerprint or vector_sets.ready(version.workspace_id, fingerprint)


def _place(
    pointer: ServedModels, version: ModelVersion, stage: str, share: float, by: Member | None
) -> None:
    same = (pointer.candidate_id, pointer.stage, pointer.share)
    if same == (version.id, stage, share if stage == "share" else 0.0):
        return
    if pointer.candidate_id and pointer.candidate_id != version.id:
        _set_state(pointer.candidate_id, VersionState.BUILT)
    if stage == "all":
        version.replaced_id = pointer.version_id
        if pointer.version_id:
            _set_state(pointer.version_id, VersionState.RETIRED)
        pointer.version_id, pointer.parts, pointer.base = version.id, version.parts, version.base
        _no_candidate(pointer)
    else:
        pointer.candidate_id = version.id
        pointer.candidate_parts, pointer.candidate_base = version.parts, version.base
        pointer.stage, pointer.share = stage, share if stage == "share" else 0.0
    version.state, version.wanted = STATE_OF[stage], {}
    version.promoted_at, version.promoted_by = timezone.now(), by
    version.save()
    pointer.failed_id, pointer.failure = None, ""
    _moved(pointer)
    _record(by, f"model_version.{stage}", version, share=pointer.share)
    release_unused(pointer)


def roll_back(workspace_id: UUID, by: Member | None, *, seen: int | None = None) -> None:
    """The earlier models answer from the next question on.

    What is on trial or waits is taken off. If there is nothing of that kind, the serving version
    gives way to the one before it, or to the shipped models. Nothing to go back to: no change.
    Raises RolloutChanged.
    """
    with workspace_scope(workspace_id):
        pointer = _pointer(workspace_id, seen=seen)
        taken = ModelVersion.objects.exclude(wanted={}).first()
        if taken:
            taken.wanted = {}
            taken.save(update_fields=["wanted"])
        elif pointer.candidate_id:
            taken = _retired(pointer.candidate_id)
            _no_candidate(pointer)
        elif pointer.version_id:
            taken = _retired(pointer.version_id)
            _serve(pointer, _usable(taken.replaced))
        else:
            return
        pointer.failed_id, pointer.failure = None, ""
        _moved(pointer)
        _record(by, "model_version.rolled_back", taken)
        release_unused(pointer)


def _usable(version: ModelVersion | None) -> ModelVersion | None:
    """The nearest earlier one whose vectors are still there; None: the shipped models."""
    while version and not _has_vectors(version):
        version = version.replaced
    return version


def _serve(pointer: ServedModels, version: ModelVersion | None) -> None:
    pointer.version_id = version.id if version else None
    pointer.parts = version.parts if version else {}
    pointer.base = version.base if version else {}
    if version:
        _set_state(version.id, VersionState.SERVING)


def _retired(version_id: UUID) -> ModelVersion:
    _set_state(version_id, VersionState.RETIRED)
    return ModelVersion.objects.select_related("replaced").get(id=version_id)


def mark_erased(
    workspace_id: UUID,
    *,
    conversation_ids: Collection[UUID] = (),
    contact: UUID | None = None,
) -> int:
    """Mark the versions that were trained on these conversations or this visitor's.

    Call it before the rows go. Returns how many versions are newly marked; they go on serving
    until somebody trains again. Twice is harmless.
    """
    with workspace_scope(workspace_id):
        ids = set(conversation_ids)
        rows = TrainingRow.objects.none()
        if contact:
            ids |= set(Conversation.objects.filter(contact_id=contact).values_list("id", flat=True))
            rows = TrainingRow.objects.filter(contact_id=contact)
        rows |= TrainingRow.objects.filter(conversation_id__in=ids)
        hit = ModelVersion.objects.filter(
            id__in=rows.values_list("version_id", flat=True), tainted_at=None
        )
        found = list(hit)
        ModelVersion.objects.filter(id__in=[one.id for one in found]).update(
            tainted_at=timezone.now()
        )
        for version in found:
            audit.record("system", "model_version.tainted", **_target(version))
    return len(found)


def current(workspace_id: UUID) -> ModelVersion | None:
    """The version that answers where none is on trial; None: the shipped models."""
    with workspace_scope(workspace_id):
        pointer = ServedModels.objects.first()
        if pointer is None or pointer.version_id is None:
            return None
        return ModelVersion.objects.filter(id=pointer.version_id).first()


def locked(workspace_id: UUID, version_id: UUID) -> ModelVersion:
    """The version, inside the scope. Raises NotFound."""
    rows = ModelVersion.objects.select_for_update().filter(workspace_id=workspace_id)
    version = rows.filter(id=version_id).first()
    if version is None:
        raise NotFound("no such model version")
    return version


def _pointer(workspace_id: UUID, *, seen: int | None = None) -> ServedModels:
    """The workspace's row, locked, made if it is not there. Raises RolloutChanged."""
    ServedModels.objects.bulk_create(
        [ServedModels(workspace_id=workspace_id)], ignore_conflicts=True
    )
    pointer = ServedModels.objects.select_for_update().get(workspace_id=workspace_id)
    if seen is not None and seen != pointer.revision:
        raise RolloutChanged("somebody else has changed which models answer")
    return pointer


def _no_candidate(pointer: ServedModels) -> None:
    pointer.candidate_id, pointer.stage, pointer.share = None, "", 0.0
    pointer.candidate_parts, pointer.candidate_base = {}, {}


def _moved(pointer: ServedModels) -> None:
    pointer.revision += 1
    pointer.save()
    ask_for_thresholds(pointer.workspace_id)


def _set_state(version_id: UUID, state: VersionState) -> None:
    ModelVersion.objects.filter(id=version_id).update(state=state)


def _record(by: Member | None, action: str, version: ModelVersion, **detail: Any) -> None:
    audit.record(by or "command", action, **_target(version), **detail)


def _target(version: ModelVersion) -> dict[str, Any]:
    return {
        "target_kind": "model_version",
        "target_id": version.id,
        "number": version.number,
    }
