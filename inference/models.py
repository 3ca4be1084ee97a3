"""All models of one folder, checked against what their manifests promise."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from inference.calibration import Calibration
from inference.embedder import Embedder
from inference.errors import ModelUnavailable
from inference.intent import IntentHead
from inference.ranker import Ranker
from inference.reader import Reader, ReaderPassage

NO_RANKER = ""  # the fingerprint in a calibration that was made without one
Model = TypeVar("Model", Embedder, Reader)


@dataclass(frozen=True)
class Models:
    embedder: Embedder
    reader: Reader
    intent: IntentHead
    calibration: Calibration
    ranker: Ranker | None

    @property
    def version(self) -> str:
        """Changes with any model; keys receipts and calibrations."""
        parts = (
            self.embedder.fingerprint,
            self.reader.fingerprint,
            self.intent.fingerprint,
            self.calibration.fingerprint,
            self.ranker.fingerprint if self.ranker else "",
        )
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


def load(folder: Path, *, threads: int = 1) -> Models:
    """Load and self-check all. Raises ModelUnavailable; then tier 1 must not answer."""
    embedder = load_embedder(folder, threads=threads)
    reader = load_reader(folder, threads=threads)
    used = {"embedder": embedder.fingerprint, "reader": reader.fingerprint}
    models = Models(
        embedder=embedder,
        reader=reader,
        intent=IntentHead(folder / "intent"),
        calibration=Calibration(folder / "calibration"),
        ranker=load_ranker(folder / "ranker", used),
    )
    if models.intent.embedder != models.embedder.fingerprint:
        raise ModelUnavailable("intent: trained for another embedder")
    used["ranker"] = models.ranker.fingerprint if models.ranker else NO_RANKER
    if not models.calibration.fits(used):
        raise ModelUnavailable("calibration: computed for other models")
    return models


def load_ranker(folder: Path, used: Mapping[str, str]) -> Ranker | None:
    """None where there is none, or one that was trained for other models than those in use."""
    if not (folder / "manifest.json").exists():
        return None
    ranker = Ranker(folder)
    return ranker if ranker.fits(used) else None


def load_embedder(folder: Path, *, threads: int = 1) -> Embedder:
    return _first_that_checks(
        lambda file: Embedder(folder / "embedder", threads=threads, file=file), _check_embedder
    )


def load_reader(folder: Path, *, threads: int = 1) -> Reader:
    return _first_that_checks(
        lambda file: Reader(folder / "reader", threads=threads, file=file), _check_reader
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
