"""Trained weights → models/reader: int8 ONNX, tokenizer, manifest with 20 checked readings."""

import shutil
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from inference.reader import Reader, ReaderPassage, Reading, question_with_history
from tuning import base_model
from tuning.artefact import FIXED_TEXTS, write_manifest
from tuning.onnx_export import export, quantise
from tuning.reader_batches import SETTINGS, encode_all, tensors
from tuning.reader_model import new_reader
from tuning.reading_examples import WINDOW, ReadingExample, held_out_pages, rows
from tuning.smoothing import ROWS

NAME = "MiniLM-L6 reader int8"
OUTPUTS = ["starts", "ends", "relevance"]
QUESTION = "How do I reset my password?"
TITLE = "Help"


def export_reader(weights: Path, out: Path, data: Path | None = None) -> dict[str, float]:
    """Write the artefact; returns how far int8 is from fp32 on the fixed passages."""
    import torch

    model = new_reader()
    model.load_state_dict(torch.load(weights, weights_only=True))
    return write_reader(model, out, examples=calibration(data) if data else ())


def write_reader(
    model: Any, out: Path, *, examples: Sequence[ReadingExample] = ()
) -> dict[str, float]:
    """Export a torch reader; `relevance_error` and `margin_error` are the greatest differences.

    examples: what to smooth outliers by; int8 comes twice as near to fp32.
    """
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
        quantise(full / "model.onnx", out / "model.onnx", rows=_inputs(examples))
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


def calibration(data: Path) -> list[ReadingExample]:
    """Questions of the training data with what they are asked of, half of them dialogues."""
    paragraphs = {row["para"]: row for row in rows(data / "squad2" / "train_contexts.jsonl")}
    found = []
    for row in islice(rows(data / "squad2" / "train.jsonl"), 0, None, 500):
        context = paragraphs[row["para"]]
        title = str(context["title"]).replace("_", " ")
        found.append(ReadingExample(row["question"], title, context["context"], None, None))
    held_out = set(held_out_pages(data))
    pages = {row["doc_id"]: row for row in rows(data / "doc2dial" / "docs.jsonl")}
    talks = []
    for row in islice(rows(data / "doc2dial" / "turns.jsonl"), 0, None, 50):
        page = pages.get(row["doc_id"])
        if page is None or page["title"] in held_out:
            continue
        question = question_with_history(row["query"], row["history"])
        start = max(0, row["answer_start"] - WINDOW // 2)
        text = page["text"][start : start + WINDOW]
        talks.append(ReadingExample(question, page["title"], text, None, None))
    return [one for pair in zip(found, talks, strict=False) for one in pair][:ROWS]


def _inputs(examples: Sequence[ReadingExample]) -> list[dict[str, Any]]:
    encoded = encode_all(base_model.folder() / "tokenizer.json", examples)
    names = ("input_ids", "attention_mask", "token_type_ids")
    return [{name: tensors([row])[name].numpy() for name in names} for row in encoded]


def read_fixed(reader: Reader) -> list[Reading]:
    """One question against the 20 fixed texts."""
    return reader.read(QUESTION, [ReaderPassage(TITLE, (), text) for text in FIXED_TEXTS])


def margin(reading: Reading) -> float:
    return reading.span_score - reading.no_answer_score


def _greatest(some: list[float], others: list[float]) -> float:
    return float(np.abs(np.array(some) - np.array(others)).max())


if __name__ == "__main__":
    import sys

    print(export_reader(*map(Path, sys.argv[1:4])))
