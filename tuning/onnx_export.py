"""A torch module as ONNX, and its int8 form.

int8 is dynamic, by channel, with reduced range: without VNNI, U8S8 products saturate.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


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


def quantise(source: Path, target: Path, *, skip: Sequence[str] = ()) -> None:
    """fp32 → int8 weights, embeddings included; `skip` names nodes that stay fp32."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source,
        target,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=list(skip),
    )
