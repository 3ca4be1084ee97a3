"""Candidates in order: boosted trees over what is known before and after reading.

Two ONNX TreeEnsembles in one artefact. `before` chooses the passages that are read, `after` orders
what was read. Trained for one embedder and one reader, whose fingerprints the settings name.
Where the settings name `steps`, that file says when fewer than `read` passages are enough.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.manifest import Manifest, load_manifest
from inference.session import Session
from inference.steps import load_steps

Features = Mapping[str, float]


class Trees:
    """One order: the names of its features, in the order of its columns, are its contract."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._session = Session(path, threads=1)

    def score(self, rows: Sequence[Features]) -> NDArray[np.float32]:
        """(N,) scores, higher is better. A feature that is missing raises KeyError."""
        if not rows:
            return np.zeros(0, np.float32)
        table = np.array([[row[name] for name in self.names] for row in rows], np.float32)
        return self._session.run({"features": table})[0].reshape(-1)


class Ranker:
    def __init__(self, folder: Path) -> None:
        self.manifest: Manifest = load_manifest(folder, kind="ranker")
        self.fingerprint = self.manifest.fingerprint
        settings = self.manifest.settings
        self.read = int(settings["read"])
        named = settings.get("steps")
        self.steps = load_steps(self.manifest.path(str(named))) if named else None
        self.models = {str(kind): str(mark) for kind, mark in settings["models"].items()}
        self.before, self.after = (
            Trees(self.manifest.path(f"{name}.onnx"), settings[name])
            for name in ("before", "after")
        )

    def fits(self, fingerprints: Mapping[str, str]) -> bool:
        """True if it was trained on what exactly these models say."""
        return all(fingerprints.get(kind) == mark for kind, mark in self.models.items())
