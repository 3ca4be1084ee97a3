"""The shipped models give the numbers of their manifests in OpenVINO, too."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from inference.models import load_embedder, load_reader
from inference.openvino_session import OpenVinoSession


@pytest.mark.parametrize(("kind", "load"), [("embedder", load_embedder), ("reader", load_reader)])
def test_the_manifests_numbers_come_out(
    tmp_path: Path, kind: str, load: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran, run = [], OpenVinoSession.run

    def seen(session: OpenVinoSession, inputs: Mapping[str, Any]) -> list[Any]:
        ran.append(session)
        return list(run(session, inputs))

    monkeypatch.setattr(OpenVinoSession, "run", seen)
    shutil.copytree(Path("models") / kind, tmp_path / kind)
    path = tmp_path / kind / "manifest.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["settings"]["runtime"] = "openvino"
    path.write_text(json.dumps(raw), encoding="utf-8")
    load(tmp_path)  # raises ModelUnavailable where the numbers are others
    assert ran
