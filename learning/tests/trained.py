"""Artefacts as a training would leave them: copies of the shipped ones, a little different."""

import json
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from pytest_django import Settings

from chatbot.answering import serving
from chatbot.answering.models import loaded
from inference.manifest import load_manifest, sha256
from learning.models import ModelVersion
from learning.versions import TrainingRef, register
from tests.cast import Cast

PASSED: dict[str, Any] = {
    "passed": True,
    "figures": [
        {"measure": "recall@1", "before": 0.51, "after": 0.58, "low": 0.02, "high": 0.12,
         "questions": 240}
    ],
}  # fmt: skip


def empty_store(folder: Path, changed: Settings) -> Path:
    """An empty storage and cache, and a worker that has loaded no version."""
    changed.ARTEFACT_CACHE_DIR = folder / "cache"
    changed.STORAGES = changed.STORAGES | {
        "artefacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder / "kept"},
        }
    }
    serving.forget()
    return folder / "kept"


def copied(folder: Path, part: str) -> Path:
    goal = folder / part
    shutil.copytree(settings.MODELS_DIR / part, goal)
    return goal


def sealed(folder: Path) -> None:
    """The manifest names the files as they are now."""
    path = folder / "manifest.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["files"] = {name: sha256(folder / name) for name in raw["files"]}
    path.write_text(json.dumps(raw), encoding="utf-8")


def calibration(folder: Path, *, threshold: float | None, **models: str) -> Path:
    """A calibration for which every question gets confidence .5."""
    goal = copied(folder, "calibration")
    have = loaded().fingerprints
    models = {kind: have[kind] for kind in ("embedder", "reader", "ranker")} | models
    raw = {key: [] for key in ("features", "mean", "scale", "weights")} | {
        "bias": 0.0, "thresholds": {"0.05": threshold}, "models": models,
    }  # fmt: skip
    (goal / "calibration.json").write_text(json.dumps(raw), encoding="utf-8")
    sealed(goal)
    return goal


def another_embedder(folder: Path) -> dict[str, str]:
    """The shipped embedder under another fingerprint, with an intent and a calibration for it."""
    embedder = copied(folder, "embedder")
    with (embedder / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    sealed(embedder)
    mark = load_manifest(embedder, kind="embedder").fingerprint
    path = copied(folder, "intent") / "manifest.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["settings"]["embedder"] = mark
    path.write_text(json.dumps(raw), encoding="utf-8")
    calibration(folder, threshold=0.4, embedder=mark, ranker="")
    return {part: part for part in ("embedder", "intent", "calibration")}


def trained(
    cast: Cast,
    folder: Path,
    *,
    threshold: float | None = 0.4,
    evaluation: dict[str, Any] = PASSED,
    lineage: tuple[TrainingRef, ...] = (),
) -> ModelVersion:
    """A version of acme whose one part of its own is the calibration."""
    folder.mkdir(parents=True, exist_ok=True)
    calibration(folder, threshold=threshold)
    return register(
        cast.workspace.id,
        folder=folder,
        parts={"calibration": "calibration"},
        lineage=lineage,
        evaluation=evaluation,
        parent=None,
        run_id=None,
    )
