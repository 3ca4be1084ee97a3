"""What ships can be trained on: its weights come back, up to what the rounding lost."""

from pathlib import Path

import numpy as np
import torch

from inference.embedder import Embedder
from inference.reader import Reader
from inference.wordpiece import WordPiece
from tuning import base_model, train_embedder
from tuning.artefact import FIXED_TEXTS
from tuning.dequantise import encoder_state, reader_state
from tuning.export_reader import QUESTION, TITLE, read_fixed, write_reader
from tuning.reader_batches import encode_all, tensors
from tuning.reader_model import new_reader
from tuning.reading_examples import ReadingExample

TOKENIZER = base_model.folder() / "tokenizer.json"


def test_a_reader_comes_back_as_it_was(tmp_path: Path) -> None:
    """Each weight within a scale; biases and norms exactly."""
    torch.manual_seed(3)
    model = new_reader().eval()
    write_reader(model, tmp_path)
    found = reader_state(tmp_path)
    wanted = model.state_dict()
    assert set(wanted) - set(found) <= {"encoder.embeddings.position_ids"}
    for name, value in found.items():
        assert value.shape == wanted[name].shape, name
        assert float((value - wanted[name]).abs().max()) <= _step(wanted[name]), name


def test_the_reader_that_ships_reads_alike_in_torch() -> None:
    model = new_reader().eval()
    model.load_state_dict(reader_state(Path("models/reader")))
    wanted = read_fixed(Reader(Path("models/reader")))
    examples = [ReadingExample(QUESTION, TITLE, text, None, None) for text in FIXED_TEXTS]
    batch = tensors(encode_all(TOKENIZER, examples))
    inputs = {key: batch[key] for key in ("input_ids", "attention_mask", "token_type_ids")}
    with torch.no_grad():
        *_, relevance = model(**inputs)
    found = torch.sigmoid(relevance).numpy()
    # int8 rounds what flows between the layers too, so only the order must be the same.
    assert np.corrcoef(found, np.array([one.relevance for one in wanted]))[0, 1] > 0.9


def test_the_embedder_that_ships_gives_the_same_vectors_in_torch() -> None:
    encoder = base_model.encoder().eval()
    encoder.load_state_dict(encoder_state(Path("models/embedder")))
    with torch.no_grad():
        found = train_embedder.encode(encoder, WordPiece(TOKENIZER), FIXED_TEXTS).numpy()
    cosines = (found * Embedder(Path("models/embedder")).encode(FIXED_TEXTS)).sum(1)
    assert cosines.min() > 0.97


def test_a_smoothed_reader_comes_back_too(tmp_path: Path) -> None:
    """What its weights were multiplied by is divided out again; scores follow the fp32 ones."""
    torch.manual_seed(3)
    model = new_reader().eval()
    passage = " ".join(FIXED_TEXTS)
    examples = [ReadingExample(QUESTION, TITLE, passage, None, None)]
    errors = write_reader(model, tmp_path, examples=examples)
    assert errors["margin_error"] < 0.5
    assert b"_smoothing" in (tmp_path / "model.onnx").read_bytes()
    wanted = model.state_dict()
    for name, value in reader_state(tmp_path).items():
        off = value - wanted[name]
        if ".embeddings." in name:  # a table has one scale, and is not multiplied by anything
            assert float(off.abs().max()) <= _step(wanted[name]), name
        else:  # smoothing lifts some channels, and the others share their wider rounding steps
            assert float(off.norm() / wanted[name].norm().clamp(min=1e-6)) < 0.1, name


def _step(weight: torch.Tensor) -> float:
    """A rounding step of int8; biases and norms are not rounded."""
    return float((weight.max() - weight.min()) / 127) if weight.dim() > 1 else 1e-7
