"""How well sentences of a large model are told apart: said by the passages they cite, or not.

    python -m benchmarks.support_quality --data FOLDER --observe OUT [--models models]
    python -m benchmarks.support_quality OUT

The first call writes what chatbot.escalation sees of each labelled sentence of
benchmarks.support_pairs: `known.jsonl` of pages that the reader was trained on, `held_out.jsonl` of
the others, and `verbatim.jsonl`. Called again, it goes on where it stopped. `tuning.fit_support`
fits weights to the first and thresholds to the second. The second call sets the thresholds anew
without each fifth of the pages, and measures there: the share of true sentences that pass, and of
false ones, by kind, before (at least 70% of the words stand in the passages) and now, with the
reader and by words alone; Wilson's 95% intervals, AUROC with a bootstrap over pages. Hard rules
come first in each. Cost: one sentence after the other, one thread.
"""

import argparse
import hashlib
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inference.models import load_reader
from learning.intervals import wilson
from tuning import fit_support
from tuning.reading_examples import rows

RISK = 0.1
BEFORE = 0.7  # share of content words, as it was set by hand
DRAWS = 1_000
FOLDS = 5
THINNED = 8  # of the pages that the reader was trained on, every eighth sentence
Row = dict[str, Any]


def observe(data: Path, out: Path, models: Path) -> None:
    from benchmarks.support_pairs import in_the_passages_words, pairs

    out.mkdir(parents=True, exist_ok=True)
    reader = load_reader(models, threads=1)
    for name, asked in (
        ("held_out", pairs(data)),
        ("known", pairs(data, trained=True)[::THINNED]),
        ("verbatim", in_the_passages_words(data)),
    ):
        path = out / f"{name}.jsonl"
        done = sum(1 for _ in rows(path)) if path.exists() else 0
        with path.open("a", encoding="utf-8") as file:
            for pair in tqdm(asked[done:], desc=name, disable=None):
                file.write(json.dumps(_observed(pair, reader)) + "\n")


def _observed(pair: Any, reader: Any) -> Row:
    from chatbot.escalation.verification import Unsupported, Verifier

    verifier = Verifier(pair.evidence, pair.question)
    marks = "".join(f"[{number + 1}]" for number in pair.cited)
    row = {"group": pair.group, "kind": pair.kind, "supported": pair.supported}
    try:
        cited, body = verifier.claim(f"{pair.sentence.rstrip('. ')} {marks}.")
    except Unsupported as broken:
        return row | {"rule": broken.why}
    started = time.perf_counter()
    words, _ = verifier.features(body, cited, None)
    between = time.perf_counter()
    reading = verifier.features(body, cited, reader)[1]
    ended = time.perf_counter()
    return row | {
        "rule": "",
        "words": words,
        "read": reading,
        "words_ms": 1000 * (between - started),
        "read_ms": 1000 * (ended - between),
    }


def measure(folder: Path) -> None:
    known = fit_support.unbroken(folder / "known.jsonl")
    found = [*rows(folder / "held_out.jsonl"), *rows(folder / "verbatim.jsonl")]
    scores = {name: np.full(len(found), -1.0) for name in ("before", "words", "read")}
    passes = {name: np.zeros(len(found), bool) for name in scores}
    for fold in range(FOLDS):
        here = [at for at, row in enumerate(found) if _is_in(row, fold)]
        others = [row for row in found if not _is_in(row, fold) and _may_fit(row)]
        asked = [found[at] for at in here]
        fitted = fit_support.fit(known, others)
        scores["before"][here] = [row["words"]["share"] for row in asked]
        passes["before"][here] = scores["before"][here] >= BEFORE
        for name, one in fitted.items():
            at_least = one["thresholds"][str(RISK)]
            scores[name][here] = fit_support.probabilities(one, asked)
            passes[name][here] = scores[name][here] >= (2.0 if at_least is None else at_least)
    for name, passed in passes.items():
        _report(name, found, scores[name], passed)
    for key in ("words_ms", "read_ms"):
        times = sorted(row[key] for row in found if not row["rule"])
        p95 = times[int(0.95 * len(times))]
        print(f"{key}: p50 {statistics.median(times):.1f}, p95 {p95:.1f} ({len(times)} sentences)")


def _is_in(row: Row, fold: int) -> bool:
    return not row["rule"] and fold_of(row["group"]) == fold


def _may_fit(row: Row) -> bool:
    return not row["rule"] and row["kind"] != "verbatim"


def fold_of(group: str) -> int:
    """By a digest of the page's name."""
    return hashlib.sha256(f"fold {group}".encode()).digest()[0] % FOLDS


def _report(
    name: str, found: Sequence[Row], scores: NDArray[np.float64], passed: NDArray[np.bool_]
) -> None:
    held = np.array([bool(row["rule"]) for row in found])
    true = np.array([row["supported"] for row in found])
    fits = np.array([_may_fit(row) for row in found])
    groups = [row["group"] for row in found if _may_fit(row)]
    area, low, high = _auroc(scores[fits], true[fits], groups)
    print(f"{name}: AUROC past the hard rules {area:.3f} [{low:.3f}, {high:.3f}]")
    for kind in (
        "true",
        "verbatim",
        "false",
        *sorted({row["kind"] for row in found} - {"true", "verbatim"}),
    ):
        mine = np.array([_is_of(row, kind) for row in found])
        for what, taken in (("all", mine), ("past the hard rules", mine & ~held)):
            through, count = int(passed[taken].sum()), int(taken.sum())
            interval = wilson(through, count)
            if interval:
                bounds = f"[{interval[0]:.3f}, {interval[1]:.3f}]"
                share = f"{through / count:.3f} {bounds}"
                print(f"  {kind:14} {what:20} {through:4} of {count:4}  {share}")


def _is_of(row: Row, kind: str) -> bool:
    return not row["supported"] if kind == "false" else bool(row["kind"] == kind)


def _auroc(
    scores: NDArray[np.float64], true: NDArray[np.bool_], groups: Sequence[str]
) -> tuple[float, float, float]:
    """With a 95% interval of whole pages drawn anew. Cost: a sort a draw."""
    names = sorted(set(groups))
    at = {name: np.flatnonzero(np.array(groups) == name) for name in names}
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(DRAWS):
        chosen = np.concatenate([at[names[n]] for n in rng.integers(0, len(names), len(names))])
        if 0 < true[chosen].sum() < len(chosen):
            drawn.append(_area(scores[chosen], true[chosen]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return _area(scores, true), float(low), float(high)


def _area(scores: NDArray[np.float64], true: NDArray[np.bool_]) -> float:
    """The chance that a true one scores above a false one; a tie counts half."""
    _, rank, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    positive, negative = int(true.sum()), int((~true).sum())
    above = float(middle[rank][true].sum()) - positive * (positive + 1) / 2
    return above / (positive * negative)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("observed", type=Path, nargs="?", help="what was observed, to measure on")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--observe", type=Path, metavar="OUT")
    parser.add_argument("--models", type=Path, default=Path("models"))
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    print("python -m benchmarks.support_quality", " ".join(sys.argv[1:]), flush=True)
    if given.observe and given.data:
        observe(given.data, given.observe, given.models)
    elif given.observed:
        measure(given.observed)
    else:
        parser.error("say what to measure, or --data and --observe")


if __name__ == "__main__":
    main()
