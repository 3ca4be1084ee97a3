"""Train both rankers from what `manage.py evaluate --candidates-out` wrote.

    python -m tuning.train_rankers FILE… --models models

LambdaMART (Burges 2010, MSR-TR-2010-82) with LightGBM; the trees ship as ONNX TreeEnsembles.
Prints recall by cross-validation over groups (pages, places), beside the order by fusion and the
one that was found, and what reading more or fewer passages would give.
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
from tuning import fit_calibration
from tuning.artefact import write_manifest
from tuning.ranking_quality import Judged, by_reads, card, recalls
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
    "num_threads": 1,  # threads that wait for each other stall where cores are busy
    "deterministic": True,
    "verbosity": -1,
}
MADE_BY_RANKERS = {"before", "after"}
FROM_READING = {
    "relevance", "relevance_gap", "margin", "margin_gap",
    "span_score", "no_answer_score", "span_length",
}  # fmt: skip
READ = 4
FOLDS = 5


@dataclass(frozen=True)
class Lists:
    """The candidates of all questions as one ranker sees them, each question's by fusion.

    features: (N, F) float32, NaN where `ordered` is false; ordered: (N,) what this ranker orders;
    fused, found: (N,) the orders by fusion and of the file, as scores.
    """

    names: tuple[str, ...]
    features: NDArray[np.float32]
    ordered: NDArray[np.bool_]
    judged: Judged
    fused: NDArray[np.float64]
    found: NDArray[np.float64]

    @property
    def teaches(self) -> NDArray[np.bool_]:
        """(Q,) questions with gold among several candidates that it orders."""
        counts = [
            (self.ordered[span].sum(), self.judged.gold[span][self.ordered[span]].sum())
            for span in self.judged.spans
        ]
        return np.array([several > 1 and 0 < gold < several for several, gold in counts])


def load(
    questions: Sequence[Mapping[str, Any]], *, after: bool, names: Sequence[str] = ()
) -> Lists:
    """after: only what was read, with what the reader said. Nothing to learn: ValueError.

    names: the columns; without any, all features that every candidate has.
    """
    lists: list[list[tuple[int, Mapping[str, Any]]]] = [
        sorted(enumerate(one["candidates"]), key=lambda pair: pair[1]["features"]["rank"])
        for one in questions
    ]
    every = [pair for pairs in lists for pair in pairs]
    ordered = np.array(
        [not after or one["features"].keys() >= FROM_READING for _, one in every], np.bool_
    )
    seen = [one["features"].keys() for (_, one), is_in in zip(every, ordered, strict=True) if is_in]
    if not seen:
        raise ValueError("no candidate was read" if after else "there are no candidates")
    unknown = MADE_BY_RANKERS if after else MADE_BY_RANKERS | FROM_READING
    names = tuple(names or sorted(set.intersection(*map(set, seen)) - unknown))
    table = [[float(one["features"].get(name, np.nan)) for name in names] for _, one in every]
    found = Lists(
        names=names,
        features=np.array(table, np.float32),
        ordered=ordered,
        judged=Judged(
            gold=np.array([int(one["gold"]) for _, one in every]),
            sizes=np.array([len(pairs) for pairs in lists]),
            groups=np.array([str(one["group"]) for one in questions]),
        ),
        fused=np.array([-float(one["features"]["rank"]) for _, one in every]),
        found=np.array([-float(at) for at, _ in every]),
    )
    if not found.teaches.any():
        raise ValueError("no question has its answer among several candidates")
    return found


def boost(lists: Lists, questions: NDArray[np.bool_]) -> Any:
    """A LightGBM booster trained on those of these questions that teach; None if there are none."""
    import lightgbm

    used = questions & lists.teaches
    if not used.any():
        return None
    of_question = np.repeat(np.arange(len(used)), lists.judged.sizes)
    rows_of = used[of_question] & lists.ordered
    counts = np.bincount(of_question[rows_of], minlength=len(used))
    data = lightgbm.Dataset(
        lists.features[rows_of], label=lists.judged.gold[rows_of], group=counts[used]
    )
    return lightgbm.train(SETTINGS, data, num_boost_round=ROUNDS)


def cross_validated(lists: Lists) -> NDArray[np.float64]:
    """(N,) scores by trees that saw nothing of the question's group; NaN for what is not ordered.

    Without a question left to learn from, the order by fusion.
    """
    names = sorted(set(lists.judged.groups.tolist()))
    places = np.random.default_rng(7).permutation(len(names))
    fold = {name: int(place) % FOLDS for name, place in zip(names, places, strict=True)}
    of_question = np.array([fold[name] for name in lists.judged.groups.tolist()])
    scores = lists.fused.copy()
    for number in set(of_question.tolist()):
        held_out = of_question == number
        booster = boost(lists, ~held_out)
        rows_of = np.repeat(held_out, lists.judged.sizes)
        if booster is not None:
            scores[rows_of] = booster.predict(lists.features[rows_of])
    return np.where(lists.ordered, scores, np.nan)


def train(
    questions: Sequence[Mapping[str, Any]],
    out: Path,
    *,
    models: Mapping[str, str],
    read: int = READ,
    sources: Sequence[str] = (),
) -> dict[str, Any]:
    """Write the artefact. models: fingerprints of the embedder and reader that were used.

    Returns recall, [mean, low, high] of all the questions, with gold among the first k: by
    fusion, as found in the rows, by trees that had not seen the group; `by_reads`: after reading
    that many. sources: what the card names. Raises ValueError if there is nothing to learn from.
    """
    lists = {name: load(questions, after=name == "after") for name in ("before", "after")}
    out.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {"models": dict(models), "read": read}
    errors, scores = {}, {}
    for name, one in lists.items():
        booster = boost(one, np.ones(len(one.judged.sizes), np.bool_))
        write_trees(booster, out / f"{name}.onnx")
        settings[name] = list(one.names)
        errors[name] = _difference(booster, out / f"{name}.onnx", one)
        scores[name] = cross_validated(one)
    first = lists["before"]
    judged = first.judged
    report = {
        "questions": len(judged.sizes),
        "groups": len(set(judged.groups.tolist())),
        "fusion": recalls(judged, first.fused),
        "found": recalls(judged, first.found),
        "before": recalls(judged, scores["before"]),
        "by_reads": by_reads(judged, scores["before"], scores["after"]),
        "onnx_error": errors,
    }
    write_manifest(out, kind="ranker", name="LambdaMART rankers", settings=settings)
    (out / "README.md").write_text(card(report, read, sources), encoding="utf-8")
    return report


def _difference(booster: Any, path: Path, lists: Lists) -> float:
    """The greatest difference between ONNX and LightGBM on up to 2,000 candidates."""
    some = lists.features[lists.ordered][:2000]
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
            read_files(given.files),
            Path(scratch) / "ranker",
            models=used,
            read=given.read,
            sources=[path.stem for path in given.files],
        )
        target = given.models / "ranker"
        target.mkdir(exist_ok=True)
        for path in sorted((Path(scratch) / "ranker").iterdir()):
            (target / path.name).write_bytes(path.read_bytes())
    # The old calibration was of other scores; until there is a new one, nothing is answered.
    fit_calibration.write(fit_calibration.undecided(), given.models)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
