"""The models that answer a workspace's questions, by their manifests: nothing is loaded.

So the web process can tell which audits and thresholds belong to them.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from inference.calibration import Calibration
from inference.errors import ModelUnavailable
from inference.manifest import NO_RANKER, PARTS, load_manifest, version_of
from knowledge import artefacts
from learning.versions import current


@dataclass(frozen=True)
class ServingModels:
    """version: as inference.models.Models.version has it."""

    version: str
    calibration: Calibration


def serving_models(workspace_id: UUID) -> ServingModels:
    """Those of the version that serves, else the shipped ones. Raises ModelUnavailable."""
    shipped = _shipped(settings.MODELS_DIR)
    version = current(workspace_id)
    if version is None or any(shipped.get(part) != mark for part, mark in version.base.items()):
        return ServingModels(version_of(shipped), Calibration(settings.MODELS_DIR / "calibration"))
    marks = {**version.base, **version.fingerprints}
    folder = settings.MODELS_DIR / "calibration"
    if "calibration" in version.parts:
        folder = artefacts.unpacked(workspace_id, version.parts["calibration"])
    return ServingModels(version_of(marks), Calibration(folder))


@cache
def _shipped(folder: Path) -> dict[str, str]:
    """Part → fingerprint; a ranker that was trained for other models is none."""
    found = dict.fromkeys(PARTS, NO_RANKER)
    for part in PARTS:
        if part != "ranker" or (folder / part / "manifest.json").is_file():
            found[part] = load_manifest(folder / part, kind=part).fingerprint
    if found["ranker"]:
        made_for = load_manifest(folder / "ranker", kind="ranker").settings["models"]
        if any(found.get(kind) != mark for kind, mark in made_for.items()):
            found["ranker"] = NO_RANKER
    return found


def serving_or_none(workspace_id: UUID) -> ServingModels | None:
    """None where the models' files are missing or altered: tier 1 is off then."""
    try:
        return serving_models(workspace_id)
    except ModelUnavailable:
        return None
