"""What would be declined as out of scope? On knowledge bases that the scope was not fitted on.

    python -m benchmarks.scope_quality FEATURES… --sets FOLDER [--models models]

FEATURES: files of `tuning.observe` (its folder `features`), FOLDER: the sets of
`benchmarks.make_eval_sets` that they are of. For each base the scope is fitted on the other bases,
as tuning.fit_calibration does; the intent head is that of the models folder. A question is declined
where both agree. Printed: shares of a base's own questions (with an answer there, and without one)
and of others' that either of the two, and both, call out of scope. Intervals: Wilson's 95%. Needs
requirements-tuning.txt.
"""

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.risk_guarantee import wilson
from inference.embedder import Embedder
from inference.intent import IntentHead
from tuning.fit_calibration import CLIP, Observed, fit_scope, load, weighed
from tuning.reading_examples import rows
from tuning.train_intent import encode

Flags = NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("features", type=Path, nargs="+")
    parser.add_argument("--sets", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=Path("models"))
    given = parser.parse_args()
    observed = load(given.features)
    scope = np.zeros(len(observed.correct), dtype=bool)
    for base in sorted(set(observed.bases.tolist())):
        scope |= (observed.bases == base) & _called(observed, observed.bases == base)
    intent = _by_intent(given.features, given.sets, given.models)
    print("| asked | questions | the scope | the intent | both: declined |")
    print("|---|---|---|---|---|")
    kinds = np.array([kind.split(",")[1].strip() for kind in observed.kinds])
    for base in sorted(set(observed.bases.tolist())):
        for name, mine in (
            ("its own, answerable", ~observed.outside & (kinds == "answerable")),
            ("its own, no answer", ~observed.outside & (kinds == "no answer")),
            ("others'", observed.outside),
        ):
            at = mine & (observed.bases == base)
            if at.any():
                found = (_share(one[at]) for one in (scope, intent, scope & intent))
                print(f"| {base}, {name} | {int(at.sum()):,} |", " | ".join(found), "|")


def _called(observed: Observed, left: Flags) -> Flags:
    """(N,) by a scope that was fitted without the bases in `left`."""
    learned = replace(
        observed,
        features=observed.features[~left],
        correct=observed.correct[~left],
        groups=observed.groups[~left],
        bases=observed.bases[~left],
        outside=observed.outside[~left],
    )
    mean, scale = learned.features.mean(axis=0), learned.features.std(axis=0) + 1e-6
    fitted = fit_scope(learned, np.clip((learned.features - mean) / scale, -CLIP, CLIP))
    if fitted is None:
        raise SystemExit("questions from outside are needed for three bases or more")
    standard = np.clip((observed.features - mean) / scale, -CLIP, CLIP)
    share = 1 / (1 + np.exp(-(standard @ np.array(fitted["weights"]) + fitted["bias"])))
    found: Flags = share >= fitted["threshold"]
    return found


def _by_intent(features: Iterable[Path], sets: Path, models: Path) -> Flags:
    asked = []
    for path in features:
        name = path.name.split(".")[0]
        questions = {row["id"]: row["question"] for row in rows(sets / f"{name}.eval.jsonl")}
        asked += [questions[row["id"]] for row in weighed(path)]
    vectors = encode(Embedder(models / "embedder", threads=2), asked)
    labels = [one.label for one in IntentHead(models / "intent").classify(vectors)]
    found: Flags = np.array([label == "out_of_scope" for label in labels])
    return found


def _share(flags: Flags) -> str:
    low, high = wilson(int(flags.sum()), len(flags))
    return f"{flags.mean():.3f} ({low:.3f}-{high:.3f})"


if __name__ == "__main__":
    main()
