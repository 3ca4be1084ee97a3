"""The manifest beside each model: what it is, and the proof that the files are those it names."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.errors import ModelUnavailable

FORMAT = 1
PARTS = ("embedder", "reader", "intent", "calibration", "ranker")  # the fields of Models
NO_RANKER = ""  # the fingerprint in a calibration that was made without one


@dataclass(frozen=True)
class Manifest:
    """`files` maps a file's name to its sha256; `fingerprint` changes with any of them."""

    folder: Path
    kind: str
    name: str
    files: Mapping[str, str]
    settings: Mapping[str, Any]
    checks: tuple[Mapping[str, Any], ...]

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over names and digests of all files, in order of name."""
        joined = "\n".join(f"{name} {digest}" for name, digest in sorted(self.files.items()))
        return hashlib.sha256(f"{self.kind}\n{joined}".encode()).hexdigest()[:16]

    def path(self, name: str) -> Path:
        """The file's path. Raises ModelUnavailable if the manifest does not name it."""
        if name not in self.files:
            raise ModelUnavailable(f"{self.folder.name}: the manifest names no file {name}")
        return self.folder / name


def load_manifest(folder: Path, *, kind: str) -> Manifest:
    """Read and verify. Raises ModelUnavailable for a missing, altered or foreign artefact."""
    try:
        raw = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if raw["format"] != FORMAT or raw["kind"] != kind:
            raise ModelUnavailable(f"{folder.name}: not a {kind} of format {FORMAT}")
        manifest = Manifest(
            folder=folder,
            kind=kind,
            name=raw["name"],
            files=raw["files"],
            settings=raw["settings"],
            checks=tuple(raw.get("checks", ())),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(
            f"{folder.name}: no readable manifest ({type(error).__name__})"
        ) from None
    for name, digest in manifest.files.items():
        if "/" in name or sha256(folder / name) != digest:
            raise ModelUnavailable(f"{folder.name}: {name} is missing or was altered")
    return manifest


def version_of(fingerprints: Mapping[str, str]) -> str:
    """16 hexadecimal digits that change with any part; part → fingerprint, "" where there is none.

    Keys receipts and thresholds. Needs no model to be loaded.
    """
    joined = " ".join(fingerprints.get(part, "") for part in PARTS)
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal; an empty string where there is no such file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
