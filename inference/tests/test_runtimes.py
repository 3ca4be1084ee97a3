"""The manifest says which runtime runs a model. tuning/tests/test_openvino.py runs the other."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from inference import models
from inference.errors import ModelUnavailable
from inference.tests.conftest import FOLDER


def with_runtime(folder: Path, runtime: str) -> Path:
    """A copy of the shipped reader's folder in `folder`, for this runtime."""
    shutil.copytree(FOLDER / "reader", folder / "reader")
    path = folder / "reader" / "manifest.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["settings"]["runtime"] = runtime
    path.write_text(json.dumps(raw), encoding="utf-8")
    return folder


def test_the_default_may_be_named(tmp_path: Path) -> None:
    assert models.load_reader(with_runtime(tmp_path, "onnxruntime"))


def test_an_unknown_runtime_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="unknown runtime, 'abacus'"):
        models.load_reader(with_runtime(tmp_path, "abacus"))


def test_a_runtime_that_is_not_installed_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)  # an import of it raises ImportError
    with pytest.raises(ModelUnavailable, match=r"pip install -r requirements-openvino.txt"):
        models.load_reader(with_runtime(tmp_path, "openvino"))
