"""A torch module as ONNX, and its int8 form.

int8 is dynamic, by channel. Without VNNI the sum of two products of unsigned and signed bytes
overflows sixteen bits and is cut, so weights are signed with seven bits, or unsigned with eight.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tuning.smoothing import Rows, smooth


def export(
    module: Any, path: Path, *, outputs: Sequence[str], axes: Mapping[str, Mapping[int, str]]
) -> None:
    """fp32 ONNX with inputs input_ids, attention_mask, token_type_ids of (batch, tokens)."""
    import torch

    ids = torch.ones(2, 16, dtype=torch.long)
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    dynamic = {name: {0: "batch", 1: "tokens"} for name in inputs} | dict(axes)
    with torch.no_grad():
        torch.onnx.export(
            module.eval(),
            (ids, torch.ones_like(ids), torch.zeros_like(ids)),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=dynamic,
            opset_version=17,
            dynamo=False,
        )


def quantise(source: Path, target: Path, *, rows: Rows | None = None) -> None:
    """fp32 → int8 weights, embeddings included.

    rows: None for signed weights of seven bits. Else unsigned ones of eight, a fifth slower and
    four times as exact; outliers are smoothed as the inputs of calibration texts ask for.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    if rows is None:
        quantize_dynamic(
            source, target, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8
        )
        return
    with tempfile.TemporaryDirectory() as scratch:
        smoothed = Path(scratch) / "smoothed.onnx"
        smooth(source, smoothed, rows)
        quantize_dynamic(smoothed, target, per_channel=True, weight_type=QuantType.QUInt8)
