"""See what the models do with labelled questions, then train rankers, steps and calibration on it.

    python -m tuning.observe --data FOLDER --models models --work FOLDER

The last step of `make models`. It asks tier 1 itself, through `manage.py evaluate`, in workspaces
of a private database under the work folder. No question is of a page, place or article that the
embedder or the reader was trained on.

The calibration must not see rankers flattered by their own training questions, so they are
cross-fitted: groups fall into two halves, and each half is observed with rankers trained on the
other. The rankers that ship are trained on both. What was done before is not done again.

Candidates are observed twice: first as fusion orders them, then as rankers of the other half do, so
that the ranker after reading learns from the passages that it will order. What the confidence is
computed from is observed after each number of passages: from that tuning.fit_steps learns when it
is enough, and the calibration is fitted on each question as far as it is read then.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from inference.manifest import load_manifest
from tuning import fit_calibration, fit_steps, train_rankers
from tuning.reading_examples import rows

ROOT = Path(__file__).resolve().parents[1]
HELP_CENTRES = ("sendgrid", "plausible", "logingov")  # benchmarks.help_centres asks about them
BASES = ("doc2dial", "squad2", "dstc11", "medquad", *HELP_CENTRES)
# Questions whose place is known train the rankers; all of them fit the calibration.
PLACED = (
    "doc2dial_held_out",
    "squad2_answerable",
    "dstc11",
    "medquad",
    *(f"{base}_answerable" for base in HELP_CENTRES),
)
OBSERVED = ("doc2dial_held_out", "squad2_tune", "dstc11", "medquad", *HELP_CENTRES)
OUTSIDE, OUTSIDE_EACH = tuple(f"{base}_outside" for base in BASES), 100
READ = 6  # passages read while rankers are trained
AT_ONCE = 2
HALVES = (0, 1)


@dataclass(frozen=True)
class Observation:
    """data: what make_eval_sets takes. models: the folder that ships. work: kept between calls."""

    data: Path
    models: Path
    work: Path
    limit: int | None = None

    @property
    def sets(self) -> Path:
        return self.work / "sets"

    def run(self) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        if not (self.sets / "doc2dial.kb.jsonl").exists():
            args = ["--data", str(self.data), "--out", str(self.sets)]
            _call([sys.executable, "-m", "benchmarks.make_eval_sets", *args], {})
        self._import_all()
        plain = self._variant("plain", ranker=None)
        fused = train_rankers.read_files(self._observe_candidates(plain))
        ranked = self._observe_ranked(self._half_rankers(fused, "first"))
        whole = train_rankers.read_files(ranked)
        for row in whole:  # of both halves of a set, the groups have the set's name alone
            row["group"] = str(row["group"]).replace(".0/", "/").replace(".1/", "/")
        print(self._train(whole, self.models / "ranker"), flush=True)
        read = fit_steps.load(self._observe_reads(self._half_rankers(whole, "second")))
        steps = fit_steps.fit(read)
        fit_steps.write(steps, self.models / "ranker")
        print(json.dumps(fit_steps.report(read, steps), indent=1), flush=True)
        observed = fit_calibration.load(fit_steps.taken(read, steps, self.work / "features"))
        fitted = fit_calibration.fit(observed)
        fit_calibration.write(fitted, self.models)
        print(json.dumps(fit_calibration.report(observed, fitted), indent=1))

    def _import_all(self) -> None:
        if (self.work / "imported").exists():
            return
        self._manage(["migrate", "--database", "owner", "--verbosity", "0"], self.models)
        fit_calibration.write(fit_calibration.undecided(), self.models)
        for base in BASES:
            self._manage(["workspace", "create", base], self.models)
            path = str(self.sets / f"{base}.kb.jsonl")
            self._manage(["import_knowledge", path, "--workspace", base], self.models)
        (self.work / "imported").touch()

    def _observe_candidates(self, models: Path) -> list[Path]:
        out = self.work / "candidates"
        out.mkdir(exist_ok=True)
        tasks = [
            self._evaluation(name, self.sets / f"{name}.eval.jsonl", out / f"{name}.jsonl", models)
            for name in PLACED
        ]
        extra = ["--read", str(READ)]
        self._all([partial(task, "--candidates-out", extra) for task in tasks])
        return [out / f"{name}.jsonl" for name in PLACED]

    def _half_rankers(self, candidates: Sequence[dict[str, Any]], name: str) -> dict[int, Path]:
        """Half → models with rankers that learned from the other half."""
        found = {}
        for half in HALVES:
            ranker = self.work / f"ranker-{name}-{1 - half}"
            others = [
                row for row in candidates if half_of(str(row["group"]).split("/", 1)[1]) == 1 - half
            ]
            self._train(others, ranker)
            found[half] = self._variant(f"{name}-without-{half}", ranker=ranker)
        return found

    def _observe_ranked(self, models: Mapping[int, Path]) -> list[Path]:
        """The candidates again, each half as the rankers of the other half order them."""
        out = self.work / "ranked"
        out.mkdir(exist_ok=True)
        tasks, found = [], []
        for half, name in product(HALVES, PLACED):
            target = out / f"{name}.{half}.jsonl"
            tasks.append(self._evaluation(name, self._half(name, half), target, models[half]))
            found.append(target)
        self._all([partial(task, "--candidates-out", ["--read", str(READ)]) for task in tasks])
        return [path for path in found if path.exists() and path.stat().st_size]

    def _observe_reads(self, models: Mapping[int, Path]) -> Path:
        """Each half with rankers that were trained on the other half, for each number read.

        Returns the folder, with a folder for each number in it.
        """
        out = self.work / "reads"
        for read in range(1, train_rankers.READ + 1):
            (out / str(read)).mkdir(parents=True, exist_ok=True)
            tasks = [
                self._evaluation(
                    name,
                    self._half(name, half),
                    out / str(read) / f"{name}.{half}.jsonl",
                    models[half],
                )
                for half, name in product(HALVES, (*OBSERVED, *OUTSIDE))
            ]
            self._all([partial(task, "--features-out", ["--read", str(read)]) for task in tasks])
        return out

    def _half(self, name: str, half: int) -> Path:
        """The set's questions of one half, in a file of their own."""
        most = OUTSIDE_EACH if name in OUTSIDE else None
        every = list(rows(self.sets / f"{name}.eval.jsonl"))[:most]
        path = self.work / "halves" / f"{name}.{half}.jsonl"
        path.parent.mkdir(exist_ok=True)
        mine = [row for row in every if half_of(str(row.get("group") or row["id"])) == half]
        path.write_text("".join(json.dumps(row) + "\n" for row in mine), encoding="utf-8")
        return path

    def _variant(self, name: str, *, ranker: Path | None) -> Path:
        """A models folder with these rankers and a calibration that answers nothing."""
        folder = self.work / "models" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for kind in ("embedder", "reader", "intent"):
            (folder / kind).symlink_to((self.models / kind).resolve())
        if ranker is not None:
            (folder / "ranker").symlink_to(ranker.resolve())
        fit_calibration.write(fit_calibration.undecided(), folder)
        return folder

    def _train(self, questions: Sequence[dict[str, object]], out: Path) -> str:
        used = {
            kind: load_manifest(self.models / kind, kind=kind).fingerprint
            for kind in ("embedder", "reader")
        }
        return json.dumps(
            train_rankers.train(questions, out, models=used, sources=PLACED), indent=1
        )

    def _evaluation(
        self, name: str, questions: Path, target: Path, models: Path
    ) -> Callable[[str, list[str]], None]:
        def evaluate(option: str, extra: list[str]) -> None:
            if target.exists() or not questions.stat().st_size:
                return
            results = target.with_suffix(".results")
            limit = [] if self.limit is None else ["--limit", str(self.limit)]
            base = next(base for base in BASES if name.startswith(base))
            asked = ["evaluate", str(questions), "--workspace", base, "--out", str(results)]
            said = self._manage([*asked, option, str(target), *extra, *limit], models)
            print(f"{target.name}\n{said}", flush=True)

        return evaluate

    def _all(self, tasks: Sequence[Callable[[], None]]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda task: task(), tasks))

    def _manage(self, arguments: Sequence[str], models: Path) -> str:
        own = {
            "FIRSTLINE_DATA_DIR": str((self.work / "data").resolve()),
            "MODELS_DIR": str(models.resolve()),
        }
        return _call([sys.executable, "manage.py", *arguments], own)


def half_of(group: str) -> int:
    """0 or 1, by a digest of the name."""
    return int(not fit_calibration.in_first_half([group])[0])


def _call(command: Sequence[str], own: dict[str, str]) -> str:
    """What it printed. Raises RuntimeError with the end of its complaints."""
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | own, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[1:4])}: {done.stderr[-2000:]}")
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description="Observe, then train rankers and calibration.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--work", type=Path, default=Path(".local/training/observed"))
    parser.add_argument("--limit", type=int, help="of the questions of each set, to try it out")
    given = parser.parse_args()
    Observation(given.data, given.models, given.work, given.limit).run()


if __name__ == "__main__":
    main()
