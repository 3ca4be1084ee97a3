"""Weights with a sign give the same numbers, and only where the processor is quicker with them."""

from pathlib import Path

import numpy as np
import pytest

from inference import session
from inference.errors import ModelUnavailable
from inference.session import Session
from inference.signed import multiplies_signed_faster, signed

READER = Path("models/reader/model.onnx")


def outputs(path: Path) -> list[np.ndarray]:
    ids = np.array([[101, *range(2000, 2150), 102]], np.int64)
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    return Session(path, threads=1).run(inputs | {"token_type_ids": np.zeros_like(ids)})


def test_signed_weights_give_the_very_same_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    if not multiplies_signed_faster():
        pytest.skip("without VNNI the weights stay unsigned")
    quick = outputs(READER)
    monkeypatch.setattr(session, "multiplies_signed_faster", lambda: False)
    for one, other in zip(quick, outputs(READER), strict=True):
        assert np.array_equal(one, other)


def test_the_shipped_reader_is_changed_once_and_other_models_not_at_all() -> None:
    before = READER.read_bytes()
    after = signed(before)
    assert after != before and signed(after) == after
    for name in ("embedder/model.onnx", "ranker/after.onnx"):
        model = Path("models", name).read_bytes()
        assert signed(model) == model


def test_what_is_no_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(READER.read_bytes()[:5000])
    with pytest.raises(ValueError, match="ends after"):
        signed(broken.read_bytes())
    for quick in (True, False):
        monkeypatch.setattr(session, "multiplies_signed_faster", lambda quick=quick: quick)
        with pytest.raises(ModelUnavailable, match=r"broken\.onnx does not load"):
            Session(broken, threads=1)
        with pytest.raises(ModelUnavailable, match=r"nowhere\.onnx does not load"):
            Session(tmp_path / "nowhere.onnx", threads=1)


@pytest.mark.parametrize(
    ("flags", "quick"),
    [
        ("flags\t\t: fpu avx512f avx512_vnni", True),
        ("flags\t\t: fpu avx2 avx_vnni", True),
        ("flags\t\t: fpu avx2 avx512f", False),
        ("Features\t: fp asimd", False),
    ],
)
def test_the_processor_says_what_it_is_quick_at(tmp_path: Path, flags: str, quick: bool) -> None:
    said = tmp_path / "cpuinfo"
    said.write_text(f"processor\t: 0\n{flags}\n", encoding="utf-8")
    assert multiplies_signed_faster(said) is quick
    assert not multiplies_signed_faster(tmp_path / "missing")
