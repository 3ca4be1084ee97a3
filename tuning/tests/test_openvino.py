"""The shipped models in OpenVINO."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.models import load_embedder
from inference.openvino_session import OpenVinoSession
from inference.reader import Reader
from tuning.export_reader import read_fixed


def test_an_embedder_whose_manifest_asks_for_it_gives_the_manifests_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran, run = [], OpenVinoSession.run

    def seen(session: OpenVinoSession, inputs: Mapping[str, Any]) -> list[Any]:
        ran.append(session)
        return list(run(session, inputs))

    monkeypatch.setattr(OpenVinoSession, "run", seen)
    shutil.copytree(Path("models") / "embedder", tmp_path / "embedder")
    path = tmp_path / "embedder" / "manifest.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["settings"]["runtime"] = "openvino"
    path.write_text(json.dumps(raw), encoding="utf-8")
    load_embedder(tmp_path)  # raises ModelUnavailable where the numbers are others
    assert ran


def test_the_reader_reads_alike() -> None:
    """Not within the manifest's tolerance: its activations have outliers, rounded otherwise."""
    reader = Reader(Path("models/reader"))
    wanted = read_fixed(reader)
    path = reader.manifest.path(str(reader.manifest.settings["model"]))
    reader.session = OpenVinoSession(path, threads=1)
    found = read_fixed(reader)
    assert [(one.start, one.end) for one in found] == [(one.start, one.end) for one in wanted]
    off = np.array([one.relevance for one in found]) - [one.relevance for one in wanted]
    assert np.abs(off).max() < 0.2
