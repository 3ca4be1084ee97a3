"""Boosted trees of LightGBM as one ONNX TreeEnsembleRegressor, so that serving needs no LightGBM.

LightGBM goes left where value ≤ threshold, in double precision; ONNX compares in single precision.
A threshold is rounded down to single precision, which leaves every single-precision value on its
side.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Node = dict[str, Any]
_LISTS = ("nodes_", "target_")


def write_trees(booster: Any, path: Path, *, after: Path | None = None) -> None:
    """Input `features` (N, F) float32, output `score` (N, 1). Numerical features alone.

    after: a file of the same columns that the booster's scores are added to.
    """
    import onnx
    from onnx import TensorProto, helper

    attributes = _attributes(booster.dump_model())
    if after is not None:
        attributes = _joined(_written(after), attributes)
    width = booster.num_feature()
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        ["score"],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        **attributes,
    )
    graph = helper.make_graph(
        [node],
        "trees",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def _attributes(dumped: Mapping[str, Any]) -> dict[str, list[Any]]:
    names = ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")
    found: dict[str, list[Any]] = {f"nodes_{name}": [] for name in names}
    found |= {f"target_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}
    for tree, info in enumerate(dumped["tree_info"]):
        for number, node, left, right in _numbered(info["tree_structure"]):
            leaf = "leaf_value" in node
            found["nodes_treeids"].append(tree)
            found["nodes_nodeids"].append(number)
            found["nodes_modes"].append("LEAF" if leaf else "BRANCH_LEQ")
            found["nodes_featureids"].append(0 if leaf else int(node["split_feature"]))
            found["nodes_values"].append(0.0 if leaf else _rounded_down(float(node["threshold"])))
            found["nodes_truenodeids"].append(left)
            found["nodes_falsenodeids"].append(right)
            if leaf:
                found["target_treeids"].append(tree)
                found["target_nodeids"].append(number)
                found["target_ids"].append(0)
                found["target_weights"].append(float(node["leaf_value"]))
    return found


def _written(path: Path) -> dict[str, list[Any]]:
    """The attributes of a file that `write_trees` wrote."""
    import onnx
    from onnx import helper

    (node,) = onnx.load(str(path)).graph.node
    found = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    texts = [mode.decode() for mode in found["nodes_modes"]]
    lists = {name: list(value) for name, value in found.items() if name.startswith(_LISTS)}
    return {**lists, "nodes_modes": texts}


def _joined(first: dict[str, list[Any]], second: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """One ensemble of both: its score is the sum of theirs."""
    offset = max(first["nodes_treeids"], default=-1) + 1
    moved = {
        name: [value + offset for value in values] if name.endswith("_treeids") else values
        for name, values in second.items()
    }
    return {name: [*first[name], *moved[name]] for name in second}


def _numbered(root: Node) -> Iterator[tuple[int, Node, int, int]]:
    """Each node with its number and those of its children (0 for a leaf's)."""
    waiting, count = [(0, root)], 1
    while waiting:
        number, node = waiting.pop()
        if "leaf_value" in node:
            yield number, node, 0, 0
            continue
        if node["decision_type"] != "<=":
            raise ValueError(f"a split by {node['decision_type']} cannot be written")
        left, right = count, count + 1
        count += 2
        waiting += [(left, node["left_child"]), (right, node["right_child"])]
        yield number, node, left, right


def _rounded_down(threshold: float) -> float:
    near = np.float32(threshold)
    return float(near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf)))
