"""When fewer passages are enough: the rule beside the rankers, from observed answers.

    python -m tuning.fit_steps FOLDER --models models

FOLDER/1, FOLDER/2 and so on hold what `manage.py evaluate --read 1 --features-out`, `--read 2` and
so on wrote about the same questions (`reads` in the work folder of tuning.observe). For each number
but the greatest a logistic regression learns which questions would be answered wrongly after so
many passages and rightly after all. The probability under which the bot stops is the greatest one
with which at most ALLOWED of the right answers are lost, by cross-validation over groups.

All of that looks at one half of the groups, the one that the confidence is fitted on too: the other
half sets the thresholds of the risk dial and shows what the steps cost.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.manifest import load_manifest
from inference.steps import Steps
from tuning.artefact import write_manifest
from tuning.fit_calibration import CLIP, in_first_half, weighed

ALLOWED = 0.01  # of the right answers
LEAST = (0.0, *(round(0.002 * 1.25**at, 4) for at in range(24)))  # probabilities that are tried
FOLDS = 5
FILE = "steps.json"
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Read:
    """What was known and decided after each number of passages. N questions, R numbers.

    known: (R, N, F); right: (R, N) of 0 and 1; groups: (N,) names; rows: R times N, as observed;
    files: (N,) names of the files that the rows are from.
    """

    names: tuple[str, ...]
    known: Values
    right: Values
    groups: NDArray[Any]
    rows: Sequence[Sequence[Mapping[str, Any]]]
    files: Sequence[str]

    @property
    def most(self) -> int:
        return len(self.rows)

    def of(self, questions: NDArray[np.bool_]) -> "Read":
        at = np.flatnonzero(questions)
        return Read(
            self.names,
            self.known[:, at],
            self.right[:, at],
            self.groups[at],
            [[rows[one] for one in at.tolist()] for rows in self.rows],
            [self.files[one] for one in at.tolist()],
        )


def load(folder: Path) -> Read:
    """Raises ValueError where the numbers were not all asked the same questions."""
    numbers = sorted(int(one.name) for one in folder.iterdir() if one.name.isdigit())
    if numbers != list(range(1, len(numbers) + 1)) or not numbers:
        raise ValueError(f"{folder} has no folders 1, 2 and so on")
    names = [path.name for path in sorted((folder / "1").glob("*.jsonl"))]
    found = [
        [row for name in names for row in weighed(folder / str(number) / name)]
        for number in numbers
    ]
    if any([row["id"] for row in rows] != [row["id"] for row in found[0]] for rows in found):
        raise ValueError("not all were asked the same questions")
    features = tuple(sorted(found[0][0]["known"]))
    return Read(
        names=features,
        known=np.array(
            [[[float(r["known"][f]) for f in features] for r in rows] for rows in found]
        ),
        right=np.array([[float(row["correct"]) for row in rows] for rows in found]),
        groups=np.array([str(row.get("group") or row["id"]) for row in found[0]]),
        rows=found,
        files=[name for name in names for _ in weighed(folder / "1" / name)],
    )


def fit(read: Read) -> dict[str, Any]:
    """The contents of steps.json, from the first half of the groups."""
    mine = read.of(in_first_half(read.groups))
    left_out = _left_out(mine)
    # The first one, 0, stops nowhere and loses nothing.
    least = max(one for one in LEAST if _lost(mine, places(left_out, one)) <= ALLOWED)
    return {"features": list(mine.names), "least": least, "steps": _heads(mine)}


def _heads(read: Read) -> list[dict[str, Any]]:
    """One for each number of passages but the greatest; none where all or no answers gain."""
    return [head for at in range(read.most - 1) if (head := _head(read, at)) is not None]


def _head(read: Read, at: int) -> dict[str, Any] | None:
    from sklearn.linear_model import LogisticRegression

    gained = read.right[-1] > read.right[at]
    mean, scale = read.known[at].mean(axis=0), read.known[at].std(axis=0)
    scale[scale < 1e-6] = 1.0
    if gained.all() or not gained.any():
        return None
    standard = np.clip((read.known[at] - mean) / scale, -CLIP, CLIP)
    head = LogisticRegression(C=0.3, max_iter=1000).fit(standard, gained)
    return {
        "read": at + 1,
        "mean": _rounded(mean),
        "scale": _rounded(scale),
        "weights": _rounded(head.coef_[0]),
        "bias": round(float(head.intercept_[0]), 6),
    }


def _rounded(values: Values) -> list[float]:
    return [round(float(value), 6) for value in values]


def gains(read: Read, fitted: Mapping[str, Any]) -> Values:
    """(R - 1, N) probabilities that reading all would put the answer right; 1 where none knows."""
    steps = Steps(fitted)
    found = np.ones((read.most - 1, len(read.groups)))
    for at in range(read.most - 1):
        for one, known in enumerate(read.known[at]):
            gain = steps.gain(at + 1, dict(zip(read.names, map(float, known), strict=True)))
            found[at, one] = 1.0 if gain is None else gain
    return found


def _left_out(read: Read) -> Values:
    """`gains` by heads that saw nothing of the question's group."""
    names = sorted(set(read.groups.tolist()))
    order = np.random.default_rng(7).permutation(len(names))
    fold = {name: int(place) % FOLDS for name, place in zip(names, order, strict=True)}
    of_question = np.array([fold[name] for name in read.groups.tolist()])
    found = np.ones((read.most - 1, len(of_question)))
    for number in sorted(set(of_question.tolist())):
        out = of_question == number
        heads = {"features": read.names, "least": 0.0, "steps": _heads(read.of(~out))}
        found[:, out] = gains(read.of(out), heads)
    return found


def places(gains: Values, least: float) -> NDArray[np.intp]:
    """(N,) how many passages are read, less one."""
    enough = np.vstack([gains < least, np.ones((1, gains.shape[1]), np.bool_)])
    found: NDArray[np.intp] = enough.argmax(axis=0)
    return found


def _lost(read: Read, at: NDArray[np.intp]) -> float:
    """The share of the right answers that is lost."""
    right = read.right[at, np.arange(len(at))].sum()
    return float(1.0 - right / max(read.right[-1].sum(), 1.0))


def taken(read: Read, fitted: Mapping[str, Any], out: Path) -> list[Path]:
    """Files for tuning.fit_calibration, with the row of each question as far as it is read."""
    at = places(gains(read, fitted), float(fitted["least"]))
    out.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[Mapping[str, Any]]] = {name: [] for name in read.files}
    for one, number in enumerate(at.tolist()):
        files[read.files[one]].append(read.rows[number][one])
    for name, rows in files.items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (out / name).write_text(text, encoding="utf-8")
    return [out / name for name in files]


def report(read: Read, fitted: Mapping[str, Any]) -> dict[str, float]:
    """On the half that the rule did not see."""
    others = read.of(~in_first_half(read.groups))
    at = places(gains(others, fitted), float(fitted["least"]))
    return {
        "questions": len(at),
        "least": float(fitted["least"]),
        "read": float(at.mean() + 1),
        "right_after_all": float(others.right[-1].mean()),
        "right": float(others.right[at, np.arange(len(at))].mean()),
        "lost": _lost(others, at),
    }


def write(fitted: Mapping[str, Any], ranker: Path) -> None:
    """Into the rankers' folder; its fingerprint changes, so the confidence must be fitted anew."""
    manifest = load_manifest(ranker, kind="ranker")
    (ranker / FILE).write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    settings = {**manifest.settings, "steps": FILE}
    write_manifest(
        ranker, kind="ranker", name=manifest.name, settings=settings, checks=manifest.checks
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit when fewer passages are enough.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=Path, required=True)
    given = parser.parse_args()
    read = load(given.folder)
    fitted = fit(read)
    write(fitted, given.models / "ranker")
    print(json.dumps(report(read, fitted), indent=1))


if __name__ == "__main__":
    main()
