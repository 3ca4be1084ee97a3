"""A torch encoder → models/embedder: int8 ONNX, tokenizer, manifest with 20 check vectors.

The base model's, or those of tuning.train_embedder.
"""

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.embedder import Embedder
from tuning import base_model, train_embedder
from tuning.artefact import FIXED_TEXTS, write_manifest
from tuning.onnx_export import export, quantise

FINE_TUNED = "all-MiniLM-L6-v2 fine-tuned for support, int8"
SETTINGS = {"model": "model.onnx", "max_tokens": 256, "dimensions": 384, "tolerance": 0.02}


def token_states(encoder: Any) -> Any:
    """The encoder as a module of three tensors that returns (batch, tokens, 384)."""
    import torch

    class TokenStates(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return self.encoder(
                input_ids=input_ids,
                attention_mask=attention_mask,
                token_type_ids=token_type_ids,
            ).last_hidden_state

    return TokenStates()


def export_embedder(out: Path) -> dict[str, float]:
    """The base model as the artefact; returns the cosine of int8 with fp32 on the fixed texts."""
    return write_embedder(base_model.encoder(), out, name="all-MiniLM-L6-v2 int8")


def write_embedder(encoder: Any, out: Path, *, name: str) -> dict[str, float]:
    """Write a torch encoder as the artefact; returns cosines as `export_embedder` does."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(base_model.folder() / "tokenizer.json", out / "tokenizer.json")
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "model.onnx"
        export(
            token_states(encoder),
            full,
            outputs=["last_hidden_state"],
            axes={"last_hidden_state": {0: "batch", 1: "tokens"}},
        )
        quantise(full, out / "model.onnx")
        exact = _vectors(Path(scratch), out, full)
    write_manifest(out, kind="embedder", name=name, settings=SETTINGS)
    vectors = Embedder(out).encode(FIXED_TEXTS)
    checks = [
        {"text": text, "vector": [round(float(value), 4) for value in vector]}
        for text, vector in zip(FIXED_TEXTS, vectors, strict=True)
    ]
    write_manifest(out, kind="embedder", name=name, settings=SETTINGS, checks=checks)
    cosines = (vectors * exact).sum(axis=1)
    return {"cosine_min": float(cosines.min()), "cosine_mean": float(cosines.mean())}


def _vectors(scratch: Path, out: Path, full: Path) -> NDArray[np.float32]:
    """The fp32 model's vectors of the fixed texts."""
    folder = scratch / "fp32"
    folder.mkdir()
    shutil.copy(out / "tokenizer.json", folder)
    shutil.copy(full, folder / "model.onnx")
    write_manifest(folder, kind="embedder", name="fp32", settings=SETTINGS)
    return Embedder(folder).encode(FIXED_TEXTS)


def main() -> None:
    parser = argparse.ArgumentParser(description="Export the embedder.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--weights", type=Path, help="of tuning.train_embedder")
    parser.add_argument(
        "--share", type=float, default=train_embedder.SHARE, help="of the way to these weights"
    )
    given = parser.parse_args()
    if given.weights is None:
        print(export_embedder(given.out))
    else:
        encoder = train_embedder.between(given.weights, given.share)
        print(write_embedder(encoder, given.out, name=FINE_TUNED))


if __name__ == "__main__":
    main()
