"""Trained weights → models/reader: int8 ONNX, tokenizer, manifest with 20 checked readings."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from inference.reader import Reader, ReaderPassage, Reading
from tuning import base_model
from tuning.artefact import FIXED_TEXTS, write_manifest
from tuning.onnx_export import export, quantise
from tuning.reader_batches import SETTINGS
from tuning.reader_model import new_reader

NAME = "MiniLM-L6 reader int8"
OUTPUTS = ["starts", "ends", "relevance"]
QUESTION = "How do I reset my password?"
TITLE = "Help"


def export_reader(weights: Path, out: Path) -> dict[str, float]:
    """Write the artefact; returns how far int8 is from fp32 on the fixed passages."""
    import torch

    model = new_reader()
    model.load_state_dict(torch.load(weights, weights_only=True))
    return write_reader(model, out)


def write_reader(model: Any, out: Path) -> dict[str, float]:
    """Export a torch reader; `relevance_error` and `margin_error` are the greatest differences."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(base_model.folder() / "tokenizer.json", out / "tokenizer.json")
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "fp32"
        full.mkdir()
        shutil.copy(out / "tokenizer.json", full)
        tokens = {0: "batch", 1: "tokens"}
        export(
            model,
            full / "model.onnx",
            outputs=OUTPUTS,
            axes={"starts": tokens, "ends": tokens, "relevance": {0: "batch"}},
        )
        quantise(full / "model.onnx", out / "model.onnx")
        write_manifest(full, kind="reader", name="fp32", settings=SETTINGS)
        exact = read_fixed(Reader(full))
    write_manifest(out, kind="reader", name=NAME, settings=SETTINGS)
    readings = read_fixed(Reader(out))
    checks = [
        {
            "question": QUESTION,
            "title": TITLE,
            "text": text,
            "relevance": round(reading.relevance, 5),
            "margin": round(margin(reading), 4),
        }
        for text, reading in zip(FIXED_TEXTS, readings, strict=True)
    ]
    write_manifest(out, kind="reader", name=NAME, settings=SETTINGS, checks=checks)
    return {
        "relevance_error": _greatest([r.relevance for r in readings], [r.relevance for r in exact]),
        "margin_error": _greatest([margin(r) for r in readings], [margin(r) for r in exact]),
    }


def read_fixed(reader: Reader) -> list[Reading]:
    """One question against the 20 fixed texts."""
    return reader.read(QUESTION, [ReaderPassage(TITLE, (), text) for text in FIXED_TEXTS])


def margin(reading: Reading) -> float:
    return reading.span_score - reading.no_answer_score


def _greatest(some: list[float], others: list[float]) -> float:
    return float(np.abs(np.array(some) - np.array(others)).max())


if __name__ == "__main__":
    import sys

    print(export_reader(Path(sys.argv[1]), Path(sys.argv[2])))
