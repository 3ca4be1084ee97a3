"""Train both rankers from what `manage.py evaluate --candidates-out` wrote.

    python -m tuning.train_rankers FILE… --models models

LambdaMART (Burges 2010, MSR-TR-2010-82) with LightGBM; the trees ship as ONNX TreeEnsembles.
Prints recall by cross-validation over groups (pages, places), beside the order by fusion.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.manifest import load_manifest
from inference.ranker import Trees
from tuning.artefact import write_manifest
from tuning.reading_examples import rows
from tuning.tree_export import write_trees

ROUNDS = 120
SETTINGS = {
    "objective": "lambdarank",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambdarank_truncation_level": 10,
    "seed": 7,
    "num_threads": 2,
    "deterministic": True,
    "verbosity": -1,
}
MADE_BY_RANKERS = {"before", "after"}
READER_ONLY = "relevance"
READ = 4
KS = (1, 3, 4, 5, 8)
FOLDS = 5


@dataclass(frozen=True)
class Lists:
    """Candidates of all questions, one after the other.

    features: (N, F) float32; gold: (N,) of 0 and 1; sizes: (Q,) candidates of each question;
    groups: (Q,) names that stay in one fold; ranks: (N,) place in the fused order, from 0.
    """

    names: tuple[str, ...]
    features: NDArray[np.float32]
    gold: NDArray[np.int64]
    sizes: NDArray[np.int64]
    groups: NDArray[Any]
    ranks: NDArray[np.float32]


def load(questions: Sequence[Mapping[str, Any]], *, after: bool) -> Lists:
    """after: only what was read, with what the reader said. Questions without gold are left out."""
    kept = []
    for question in questions:
        found = [
            one for one in question["candidates"] if not after or READER_ONLY in one["features"]
        ]
        if any(one["gold"] for one in found) and len(found) > 1:
            kept.append((str(question["group"]), found))
    if not kept:
        raise ValueError("no question has its answer among several candidates")
    known = set.intersection(*(set(one["features"]) for _, found in kept for one in found))
    names = tuple(sorted(known - MADE_BY_RANKERS))
    every = [one for _, found in kept for one in found]
    table = [[float(one["features"][name]) for name in names] for one in every]
    return Lists(
        names=names,
        features=np.array(table, np.float32),
        gold=np.array([int(one["gold"]) for one in every]),
        sizes=np.array([len(found) for _, found in kept]),
        groups=np.array([group for group, _ in kept]),
        ranks=np.array([float(one["features"]["rank"]) for one in every], np.float32),
    )


def boost(lists: Lists, questions: NDArray[np.bool_]) -> Any:
    """A LightGBM booster trained on these questions."""
    import lightgbm

    rows_of = np.repeat(questions, lists.sizes)
    data = lightgbm.Dataset(
        lists.features[rows_of], label=lists.gold[rows_of], group=lists.sizes[questions]
    )
    return lightgbm.train(SETTINGS, data, num_boost_round=ROUNDS)


def cross_validated(lists: Lists) -> NDArray[np.float64]:
    """(N,) scores, each by trees that saw nothing of the question's group."""
    names = sorted(set(lists.groups.tolist()))
    order = np.random.default_rng(7).permutation(len(names))
    fold = {names[at]: number % FOLDS for number, at in enumerate(order)}
    of_question = np.array([fold[name] for name in lists.groups.tolist()])
    scores = np.zeros(len(lists.gold))
    for number in range(min(FOLDS, len(names))):
        held_out = of_question == number
        booster = boost(lists, ~held_out)
        rows_of = np.repeat(held_out, lists.sizes)
        scores[rows_of] = booster.predict(lists.features[rows_of])
    return scores


def recalls(
    lists: Lists, scores: NDArray[Any], ks: Sequence[int] = (1, 3, 4, 5, 8)
) -> dict[int, float]:
    """Share of these questions with gold among the first k; ties as fusion has them."""
    found: dict[int, list[bool]] = {k: [] for k in ks}
    start = 0
    for size in lists.sizes.tolist():
        span = slice(start, start + size)
        order = np.lexsort((lists.ranks[span], -scores[span]))
        gold = lists.gold[span][order]
        for k in KS:
            found[k].append(bool(gold[:k].any()))
        start += size
    return {k: round(float(np.mean(hits)), 3) for k, hits in found.items()}


def train(
    questions: Sequence[Mapping[str, Any]],
    out: Path,
    *,
    models: Mapping[str, str],
    read: int = READ,
) -> dict[str, Any]:
    """Write the artefact. models: fingerprints of the embedder and reader that were used.

    Returns recall by cross-validation for both orders and for fusion, of the questions counted.
    """
    out.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {}
    settings: dict[str, Any] = {"models": dict(models), "read": read}
    for name in ("before", "after"):
        lists = load(questions, after=name == "after")
        everything = np.ones(len(lists.sizes), dtype=np.bool_)
        booster = boost(lists, everything)
        write_trees(booster, out / f"{name}.onnx")
        settings[name] = list(lists.names)
        report[name] = {
            "questions": len(lists.sizes),
            "groups": len(set(lists.groups.tolist())),
            "fusion": recalls(lists, -lists.ranks),
            "trees": recalls(lists, cross_validated(lists)),
            "onnx_error": _difference(booster, out / f"{name}.onnx", lists),
        }
    write_manifest(out, kind="ranker", name="LambdaMART rankers", settings=settings)
    return report


def _difference(booster: Any, path: Path, lists: Lists) -> float:
    """The greatest difference between ONNX and LightGBM on up to 2,000 candidates."""
    some = lists.features[:2000]
    table = [dict(zip(lists.names, map(float, row), strict=True)) for row in some]
    found = Trees(path, lists.names).score(table)
    return float(np.abs(found - booster.predict(some)).max())


def read_files(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Groups of different files are different groups."""
    return [{**row, "group": f"{path.stem}/{row['group']}"} for path in paths for row in rows(path)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the rankers from candidates files.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--read", type=int, default=READ, help="passages that are read")
    given = parser.parse_args()
    used = {
        kind: load_manifest(given.models / kind, kind=kind).fingerprint
        for kind in ("embedder", "reader")
    }
    with tempfile.TemporaryDirectory() as scratch:
        report = train(
            read_files(given.files), Path(scratch) / "ranker", models=used, read=given.read
        )
        target = given.models / "ranker"
        target.mkdir(exist_ok=True)
        for path in sorted((Path(scratch) / "ranker").iterdir()):
            (target / path.name).write_bytes(path.read_bytes())
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
