"""An int8 ONNX model that ships → the weights of its torch module, to train on from there.

Undoes tuning.onnx_export.quantise: weight = scale × (integer - zero point), by channel. What the
rounding lost stays lost: at most half a scale a weight. Scales of tuning.smoothing go back, too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inference.manifest import load_manifest
from tuning.smoothing import SCALES, SMOOTHED

QUANTISED = "_quantized"


def reader_state(folder: Path) -> dict[str, Any]:
    """What `tuning.reader_model.new_reader().load_state_dict` takes."""
    return _state(_model(folder, "reader"))


def trained_reader(path: Path) -> dict[str, Any]:
    """The same from the file that a training left, or from the folder of a reader that ships."""
    import torch

    if path.is_dir():
        return reader_state(path)
    state: dict[str, Any] = torch.load(path, weights_only=True)
    return state


def encoder_state(folder: Path) -> dict[str, Any]:
    """What `tuning.base_model.encoder().load_state_dict` takes, from an embedder."""
    prefix = "encoder."
    found = _state(_model(folder, "embedder"))
    return {name.removeprefix(prefix): value for name, value in found.items()}


def _model(folder: Path, kind: str) -> Any:
    import onnx

    manifest = load_manifest(folder, kind=kind)
    return onnx.load(str(manifest.path(str(manifest.settings["model"]))))


def _state(model: Any) -> dict[str, Any]:
    """Each parameter by its name in the module. Raises ValueError where a weight has no name."""
    import torch
    from onnx import numpy_helper

    arrays = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    uses, smoothed = dict(_uses(model)), dict(_smoothed(model))
    state: dict[str, Any] = {}
    for name, array in arrays.items():
        if name.endswith(QUANTISED):
            stem = name.removesuffix(QUANTISED)
            scale, zero = arrays[f"{stem}_scale"], arrays[f"{stem}_zero_point"]
            weight = (array.astype("float32") - zero.astype("float32")) * scale
            if name in smoothed:
                weight = weight * arrays[smoothed[name]][:, None]
            named, turned = uses.get(name, (stem, False))
            state[named] = torch.tensor(weight.T.copy() if turned else weight)
        elif not name.endswith(("_scale", "_zero_point", SCALES)):
            state[name] = torch.tensor(array)
    unnamed = sorted(name for name in state if "::" in name)
    if unnamed:
        raise ValueError(f"weights without a module: {', '.join(unnamed[:3])}")
    return state


def _uses(model: Any) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Quantised weight → parameter, and whether it stands transposed.

    A matrix product is named after its module: /encoder/layer.0/…/query/MatMul_quant. The weight
    of a Gemm keeps its own name.
    """
    for node in model.graph.node:
        if node.op_type != "MatMulInteger":
            continue
        weight = node.input[1]
        stem = weight.removesuffix(QUANTISED)
        path = node.name.rsplit("/", 1)[0].strip("/").replace("/", ".")
        yield weight, (stem if "::" not in stem else f"{path}.weight", True)


def _smoothed(model: Any) -> Iterator[tuple[str, str]]:
    """Quantised weight → what its input was multiplied by."""
    for node in model.graph.node:
        flow = node.input[0].removesuffix(QUANTISED) if node.input else ""
        if node.op_type == "MatMulInteger" and flow.endswith(SMOOTHED):
            yield node.input[1], flow.removesuffix(SMOOTHED) + SCALES
