"""Scales that move outliers from what flows into a matrix product to its weights, exactly.

x·W = (x / s)·(s × W), s by input channel (SmoothQuant, Xiao et al. 2022, arXiv 2211.10438). int8
has one scale for all of x, which a few channels of a MiniLM stretch tenfold; after the division
the others keep their digits. s = max|x|^a / max|W|^(1-a); each input's `a` is the one whose int8
product is nearest to the exact one on the calibration rows. A division costs thousandths of a run.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.session import Session

STRENGTHS = (0.5, 0.6, 0.7, 0.8, 0.9)
SMOOTHED, SCALES = "_smoothed", "_smoothing"
ROWS = 12  # calibration rows whose inputs are kept: about 25 MB of them for each operator

Rows = Sequence[Mapping[str, NDArray[Any]]]
Array = NDArray[np.float32]


def smooth(source: Path, target: Path, rows: Rows) -> None:
    """Write an equal fp32 model. rows: its inputs for one text each; without any it is a copy."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(source))
    weights = {one.name: one for one in model.graph.initializer}
    uses: dict[str, list[Any]] = {}
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights:
            uses.setdefault(node.input[0], []).append(node)
    divisions: dict[str, Any] = {}
    for name, nodes in uses.items() if rows else ():
        flows = _flows(source, name, rows[:ROWS])
        arrays = [numpy_helper.to_array(weights[node.input[1]]) for node in nodes]
        scales = best_scales(flows, np.concatenate(arrays, axis=1))
        if (scales == 1).all():
            continue
        model.graph.initializer.append(numpy_helper.from_array(1 / scales, name + SCALES))
        for node, array in zip(nodes, arrays, strict=True):
            heavier = numpy_helper.from_array(array * scales[:, None], node.input[1])
            weights[node.input[1]].CopyFrom(heavier)
            node.input[0] = name + SMOOTHED
        divisions[name] = helper.make_node("Mul", [name, name + SCALES], [name + SMOOTHED])
    _insert(model, divisions)
    onnx.save(model, str(target))


def best_scales(flows: Sequence[Array], weight: Array) -> Array:
    """Scales (K,) with the least squared error; ones where plain int8 has it.

    flows: (tokens, K) of one text each; weight: (K, N).
    """
    exact = [flow @ weight for flow in flows]
    most = np.maximum(np.max([np.abs(flow).max(axis=0) for flow in flows], axis=0), 1e-5)
    heaviest = np.maximum(np.abs(weight).max(axis=1), 1e-5)
    plain = np.ones(len(most), np.float32)
    best = (_error(flows, weight, exact, plain), plain)
    for strength in STRENGTHS:
        logs = strength * np.log(most) - (1 - strength) * np.log(heaviest)
        scales = np.exp(logs - logs.mean()).astype(np.float32)
        error = _error(flows, weight, exact, scales)
        if error < best[0]:
            best = (error, scales)
    return best[1]


def _error(flows: Sequence[Array], weight: Array, exact: Sequence[Array], scales: Array) -> float:
    """Squared error of the int8 product, over all texts."""
    scaled = weight * scales[:, None]
    step = np.maximum(np.abs(scaled).max(axis=0), 1e-9) / 127
    rounded = np.round(scaled / step) * step
    return sum(
        float(np.square(_rounded(flow / scales) @ rounded - wanted).sum())
        for flow, wanted in zip(flows, exact, strict=True)
    )


def _rounded(flow: Array) -> Array:
    """As DynamicQuantizeLinear: 255 steps from the least to the greatest, 0 among them."""
    step = np.float32(max(float(flow.max()), 0.0) - min(float(flow.min()), 0.0)) / 255
    return np.asarray(np.round(flow / step) * step, np.float32)


def _flows(source: Path, name: str, rows: Rows) -> list[Array]:
    """What flows in at `name`, (tokens, K) for each row."""
    import onnx

    model = onnx.load(str(source))
    del model.graph.output[:]
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "flows.onnx"
        path.write_bytes(model.SerializeToString())
        session = Session(path, threads=1)
        return [session.run(row)[0][0] for row in rows]


def _insert(model: Any, divisions: Mapping[str, Any]) -> None:
    """Each division right after the node that gives what it divides."""
    ordered = []
    for node in model.graph.node:
        ordered.append(node)
        ordered += [divisions[name] for name in node.output if name in divisions]
    copies = [type(node).FromString(node.SerializeToString()) for node in ordered]
    del model.graph.node[:]
    model.graph.node.extend(copies)
