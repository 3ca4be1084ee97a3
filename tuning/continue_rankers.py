"""Rankers for one workspace: the shipped trees, and a few more that learn from its own questions.

Boosting goes on from the shipped scores (LightGBM's init_score), so that few questions change
little. How many trees are added is chosen by cross-validation over groups; none may be best.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.manifest import load_manifest
from inference.ranker import Trees
from tuning.artefact import write_manifest
from tuning.ranking_quality import first_gold, recalls
from tuning.train_rankers import FOLDS, SETTINGS, Lists, load
from tuning.tree_export import write_trees

ROUNDS = (0, 10, 20, 40, 80)
FEWEST_QUESTIONS = 20  # that teach: gold among several candidates
OWN_SETTINGS = {**SETTINGS, "learning_rate": 0.04, "num_leaves": 7, "min_data_in_leaf": 20}


@dataclass(frozen=True)
class Continued:
    """rounds: trees added, of those in ROUNDS. recall: {k: [mean, low, high]} by cross-validation.

    `shipped` is the recall of the shipped trees on the same questions.
    """

    rounds: int
    questions: int
    recall: Mapping[int, Sequence[float]]
    shipped: Mapping[int, Sequence[float]]


def continue_rankers(
    questions: Sequence[Mapping[str, Any]], shipped: Path, out: Path, *, models: Mapping[str, str]
) -> dict[str, Continued]:
    """Write a ranker that goes on from the `shipped` one; {"before": …, "after": …}.

    questions: rows of learning.evaluation.candidates_row. models: fingerprints of the embedder and
    reader that were used. Where fewer than FEWEST_QUESTIONS teach, the shipped trees stay as they
    are, and the order has no entry in what is returned.
    """
    settings = dict(load_manifest(shipped, kind="ranker").settings)
    out.mkdir(parents=True, exist_ok=True)
    found = {}
    for name in ("before", "after"):
        booster = None
        lists = _teaching(questions, name, settings[name])
        if lists is not None:
            base = _scores(lists, Trees(shipped / f"{name}.onnx", settings[name]))
            found[name], rounds = _chosen(lists, base)
            booster = _boosted(lists, np.ones(len(lists.judged.sizes), np.bool_), base, rounds)
        if booster is None:
            (out / f"{name}.onnx").write_bytes((shipped / f"{name}.onnx").read_bytes())
        else:
            write_trees(booster, out / f"{name}.onnx", after=shipped / f"{name}.onnx")
    if "steps" in settings:  # when it is enough stays as it was fitted for the shipped trees
        (out / settings["steps"]).write_bytes((shipped / settings["steps"]).read_bytes())
    settings["models"] = dict(models)
    write_manifest(out, kind="ranker", name="LambdaMART rankers, continued", settings=settings)
    return found


def _teaching(
    questions: Sequence[Mapping[str, Any]], name: str, columns: Sequence[str]
) -> Lists | None:
    try:
        lists = load(questions, after=name == "after", names=columns)
    except ValueError:
        return None
    return lists if int(lists.teaches.sum()) >= FEWEST_QUESTIONS else None


def _scores(lists: Lists, trees: Trees) -> NDArray[np.float64]:
    """(N,) of the shipped trees; 0 for what this ranker does not order."""
    rows = lists.features[lists.ordered]
    table = [dict(zip(lists.names, map(float, row), strict=True)) for row in rows]
    scores = np.zeros(len(lists.ordered))
    scores[lists.ordered] = trees.score(table)
    return scores


def _chosen(lists: Lists, base: NDArray[np.float64]) -> tuple[Continued, int]:
    """The number of rounds with the best mean reciprocal rank on groups left out."""
    names = sorted(set(lists.judged.groups.tolist()))
    places = np.random.default_rng(7).permutation(len(names))
    fold = {name: int(place) % FOLDS for name, place in zip(names, places, strict=True)}
    of_question = np.array([fold[name] for name in lists.judged.groups.tolist()])
    tried = {}
    for rounds in ROUNDS:
        scores = base.copy()
        for number in sorted(set(of_question.tolist())):
            held_out = np.repeat(of_question == number, lists.judged.sizes)
            booster = _boosted(lists, of_question != number, base, rounds)
            if booster is not None and held_out.any():
                scores[held_out] += booster.predict(lists.features[held_out])
        tried[rounds] = np.where(lists.ordered, scores, -np.inf)
    ranks = {
        rounds: float((1.0 / first_gold(lists.judged, scores)).mean())
        for rounds, scores in tried.items()
    }
    best = max(ROUNDS, key=lambda rounds: (round(ranks[rounds], 4), -rounds))
    report = Continued(
        rounds=best,
        questions=len(lists.judged.sizes),
        recall=recalls(lists.judged, tried[best]),
        shipped=recalls(lists.judged, tried[0]),
    )
    return report, best


def _boosted(
    lists: Lists, questions: NDArray[np.bool_], base: NDArray[np.float64], rounds: int
) -> Any:
    """None for no rounds, or where none of the questions teaches."""
    import lightgbm

    used = questions & lists.teaches
    if not rounds or not used.any():
        return None
    of_question = np.repeat(np.arange(len(used)), lists.judged.sizes)
    rows_of = used[of_question] & lists.ordered
    counts = np.bincount(of_question[rows_of], minlength=len(used))
    data = lightgbm.Dataset(
        lists.features[rows_of],
        label=lists.judged.gold[rows_of],
        group=counts[used],
        init_score=base[rows_of],
    )
    return lightgbm.train(OWN_SETTINGS, data, num_boost_round=rounds)
