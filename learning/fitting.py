"""Whether trained parts fit each other and the shipped ones, by their manifests alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from inference.errors import ModelUnavailable
from inference.manifest import NO_RANKER, PARTS, Manifest, load_manifest


@dataclass(frozen=True)
class Part:
    folder: Path
    manifest: Manifest

    @property
    def fingerprint(self) -> str:
        return self.manifest.fingerprint


def read_parts(folder: Path, parts: Mapping[str, str]) -> dict[str, Part]:
    """Each part with its manifest, its files verified. Raises ModelUnavailable."""
    found = {}
    for name, inside in parts.items():
        path = (folder / inside).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise ModelUnavailable(f"{name} lies outside of the folder")
        found[name] = Part(path, load_manifest(path, kind=name))
    return found


def fitting_base(own: Mapping[str, Part]) -> dict[str, str]:
    """The fingerprints of the shipped parts that the own ones are completed by.

    Raises ModelUnavailable where a part was made for an embedder, reader or ranker that is
    neither among the own nor among the shipped ones.
    """
    shipped = {}
    for name in PARTS:
        if name not in own and (name != "ranker" or _there(name)):
            shipped[name] = load_manifest(settings.MODELS_DIR / name, kind=name)
    marks = {name: part.fingerprint for name, part in own.items()}
    marks |= {name: manifest.fingerprint for name, manifest in shipped.items()}
    manifests = {name: part.manifest for name, part in own.items()} | shipped
    _fit("intent", {"embedder": manifests["intent"].settings["embedder"]}, marks)
    if "ranker" in own:
        _fit("ranker", manifests["ranker"].settings["models"], marks)
    elif "ranker" in shipped:
        made_for = shipped["ranker"].settings["models"]
        if any(marks.get(kind) != mark for kind, mark in made_for.items()):
            marks["ranker"] = NO_RANKER  # the shipped one is left out then
    path = manifests["calibration"].path("calibration.json")
    made_for = json.loads(path.read_text(encoding="utf-8"))["models"]
    named = ("embedder", "reader", "ranker", *(("intent",) if "intent" in made_for else ()))
    used = {kind: marks.get(kind, NO_RANKER) for kind in named}
    _fit("calibration", used, {str(kind): str(mark) for kind, mark in made_for.items()})
    return {name: marks[name] for name in shipped}


def _there(name: str) -> bool:
    return (settings.MODELS_DIR / name / "manifest.json").is_file()


def _fit(name: str, made_for: Mapping[str, str], marks: Mapping[str, str]) -> None:
    for kind, mark in made_for.items():
        if marks.get(kind, "") != mark:
            raise ModelUnavailable(f"{name}: made for another {kind}")
