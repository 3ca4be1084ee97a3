"""All models of one folder, checked against what their manifests promise."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from inference.calibration import Calibration
from inference.embedder import Embedder
from inference.errors import ModelUnavailable
from inference.intent import IntentHead
from inference.manifest import NO_RANKER, version_of
from inference.ranker import Ranker
from inference.reader import Reader, ReaderPassage

log = logging.getLogger(__name__)
Model = TypeVar("Model", Embedder, Reader)


@dataclass(frozen=True)
class Models:
    embedder: Embedder
    reader: Reader
    intent: IntentHead
    calibration: Calibration
    ranker: Ranker | None

    @property
    def fingerprints(self) -> dict[str, str]:
        """Part → fingerprint."""
        return {
            "embedder": self.embedder.fingerprint,
            "reader": self.reader.fingerprint,
            "intent": self.intent.fingerprint,
            "calibration": self.calibration.fingerprint,
            "ranker": self.ranker.fingerprint if self.ranker else NO_RANKER,
        }

    @property
    def version(self) -> str:
        """Changes with any model; keys receipts and thresholds."""
        return version_of(self.fingerprints)


def load(folder: Path, *, threads: int = 1) -> Models:
    """Load and self-check all. Raises ModelUnavailable; then tier 1 must not answer."""
    embedder = load_embedder(folder, threads=threads)
    reader = load_reader(folder, threads=threads)
    used = {"embedder": embedder.fingerprint, "reader": reader.fingerprint}
    return _fitting(
        Models(
            embedder=embedder,
            reader=reader,
            intent=IntentHead(folder / "intent"),
            calibration=Calibration(folder / "calibration"),
            ranker=load_ranker(folder / "ranker", used),
        )
    )


def compose(base: Models, folders: Mapping[str, Path], *, threads: int = 1) -> Models:
    """The base with the parts of these folders in place of its own; all is checked.

    Parts that stay are shared, not loaded again. Raises ModelUnavailable where a part is broken
    or they do not fit each other: a part made for another embedder or reader is not used.
    """
    changed: dict[str, object] = {}
    for part, folder in folders.items():
        changed[part] = _part(part, folder, threads)
    models = replace(base, **changed)  # type: ignore[arg-type]  # PARTS name the fields of Models
    used = {"embedder": models.embedder.fingerprint, "reader": models.reader.fingerprint}
    if models.ranker and not models.ranker.fits(used):
        if "ranker" in folders:
            raise ModelUnavailable("ranker: trained for other models")
        models = replace(models, ranker=None)
    return _fitting(models)


def _part(part: str, folder: Path, threads: int) -> object:
    if part == "embedder":
        return load_embedder(folder.parent, threads=threads, name=folder.name)
    if part == "reader":
        return load_reader(folder.parent, threads=threads, name=folder.name)
    if part == "intent":
        return IntentHead(folder)
    if part == "calibration":
        return Calibration(folder)
    if part == "ranker":
        return Ranker(folder)
    raise ModelUnavailable(f"there is no part {part}")


def _fitting(models: Models) -> Models:
    """The same models. Raises ModelUnavailable where one was made for others than these."""
    if models.intent.embedder != models.embedder.fingerprint:
        raise ModelUnavailable("intent: trained for another embedder")
    used = {kind: mark for kind, mark in models.fingerprints.items() if kind != "calibration"}
    if not models.calibration.fits(used):
        raise ModelUnavailable("calibration: computed for other models")
    return models


def load_ranker(folder: Path, used: Mapping[str, str]) -> Ranker | None:
    """None where there is none, or one that was trained for other models than those in use."""
    if not (folder / "manifest.json").exists():
        return None
    ranker = Ranker(folder)
    if ranker.fits(used):
        return ranker
    log.warning("rankers trained for other models are not used", extra={"event": "ranker_unfit"})
    return None


def load_embedder(folder: Path, *, threads: int = 1, name: str = "embedder") -> Embedder:
    return _first_that_checks(
        lambda file: Embedder(folder / name, threads=threads, file=file), _check_embedder
    )


def load_reader(folder: Path, *, threads: int = 1, name: str = "reader") -> Reader:
    return _first_that_checks(
        lambda file: Reader(folder / name, threads=threads, file=file), _check_reader
    )


def _first_that_checks(
    make: Callable[[str | None], Model], check: Callable[[Model], bool]
) -> Model:
    """The manifest's model, else its fp32 file where one is there, else ModelUnavailable."""
    model = make(None)
    if check(model):
        return model
    fallback = model.manifest.settings.get("fallback")
    if fallback:
        model = make(str(fallback))
        if check(model):
            return model
    raise ModelUnavailable(f"{model.manifest.kind}: gives other numbers than its manifest")


def _check_embedder(embedder: Embedder) -> bool:
    """Cosine of each fixed text's vector with the one in the manifest."""
    checks = embedder.manifest.checks
    vectors = embedder.encode([str(check["text"]) for check in checks])
    wanted = np.array([check["vector"] for check in checks], np.float32)
    cosines = (vectors * wanted).sum(axis=1) / np.linalg.norm(wanted, axis=1)
    return bool((cosines >= 1.0 - float(embedder.manifest.settings["tolerance"])).all())


def _check_reader(reader: Reader) -> bool:
    """Relevance and margin of each fixed pair, within the manifest's tolerance."""
    tolerance = float(reader.manifest.settings["tolerance"])
    for check in reader.manifest.checks:
        passage = ReaderPassage(str(check["title"]), (), str(check["text"]))
        reading = reader.read(str(check["question"]), [passage])[0]
        margin = reading.span_score - reading.no_answer_score
        if abs(reading.relevance - float(check["relevance"])) > tolerance:
            return False
        if abs(margin - float(check["margin"])) > 10 * tolerance:
            return False
    return True
