"""Training learns and goes on from its checkpoint; ONNX gives what torch gives."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.intent import IntentHead
from inference.reader import Reader
from tuning import base_model, train_reader
from tuning.artefact import FIXED_TEXTS
from tuning.export_embedder import export_embedder
from tuning.export_reader import QUESTION, TITLE, read_fixed, write_reader
from tuning.onnx_export import export
from tuning.reader_batches import ReaderRow, encode_all, tensors
from tuning.reader_model import loss, new_reader, run
from tuning.reading_examples import ReadingExample
from tuning.timed_training import rate_share
from tuning.train_intent import train as train_intent

TOKENIZER = base_model.folder() / "tokenizer.json"


def test_training_lowers_the_loss_and_resumes(
    few_rows: list[ReaderRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = few_rows
    torch.manual_seed(7)
    before = float(loss(run(new_reader(), tensors(rows)), tensors(rows)).detach())
    clock = itertools.count()  # a second a look: the schedule is by time
    monkeypatch.setattr("tuning.timed_training.time.monotonic", lambda: float(next(clock)))
    train_reader.train(rows, tmp_path, train_reader.Plan(seconds=20))
    middle = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["state"]
    weights = train_reader.train(rows, tmp_path, train_reader.Plan(seconds=60))
    after = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["state"]
    assert 0 < middle["step"] < after["step"]
    model = new_reader()
    model.load_state_dict(torch.load(weights, weights_only=True))
    assert float(loss(run(model.eval(), tensors(rows)), tensors(rows)).detach()) < before * 0.9


def test_the_learning_rate_warms_up_and_ends_at_nothing() -> None:
    shares = [rate_share(p) for p in (0.0, 0.02, 0.04, 0.5, 1.0)]
    assert shares == pytest.approx([0.0, 0.5, 1.0, 0.5 / 0.96, 0.0])


def test_onnx_equals_torch(tmp_path: Path) -> None:
    """fp32 within 1e-4 of a logit; int8 within half a logit of the margin on fixed passages."""
    torch.manual_seed(3)
    model = new_reader().eval()
    path = tmp_path / "model.onnx"
    axes = {0: "batch", 1: "tokens"}
    outputs = ["starts", "ends", "relevance"]
    export(
        model, path, outputs=outputs, axes={"starts": axes, "ends": axes, "relevance": {0: "batch"}}
    )
    example = ReadingExample(QUESTION, TITLE, FIXED_TEXTS[3], None, None)
    batch = tensors(encode_all(TOKENIZER, [example]))
    inputs = {k: batch[k] for k in ("input_ids", "attention_mask", "token_type_ids")}
    with torch.no_grad():
        expected = [value.numpy() for value in model(**inputs)]
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path))
    found = session.run(None, {key: value.numpy() for key, value in inputs.items()})
    for one, other in zip(found, expected, strict=True):
        assert np.abs(one - other).max() < 1e-4


def test_the_reader_that_is_written_reads_like_the_fp32_one(tmp_path: Path) -> None:
    torch.manual_seed(3)
    errors = write_reader(new_reader().eval(), tmp_path / "reader")
    assert errors["relevance_error"] < 0.05
    assert errors["margin_error"] < 0.5
    readings = read_fixed(Reader(tmp_path / "reader"))
    checks = Reader(tmp_path / "reader").manifest.checks
    assert [round(one.relevance, 5) for one in readings] == [one["relevance"] for one in checks]


def test_embedder_and_intent_head_are_built_from_the_package_alone(tmp_path: Path) -> None:
    cosines = export_embedder(tmp_path / "embedder")
    assert cosines["cosine_mean"] > 0.98
    assert cosines["cosine_min"] > 0.94
    report = train_intent(tmp_path / "embedder", tmp_path / "intent", data=None)
    assert report["recall"]["question"] > 0.9
    head = IntentHead(tmp_path / "intent")
    assert head.labels[0] == "question"
