"""Train a workspace's own models, judge them, and register a version if there is something to say.

Rankers and confidence always: kilobytes, from golden questions, observed with the models that will
use them. Each half of the groups is judged with rankers trained on the other half, and confidences
are cross-fitted, so no question is judged by what learned from it. Where own rankers do not pass
the gate, those that ship stay, and the confidence alone is learned. Embedder and reader learn from
half of the golden questions, and are kept only where the other half shows a gain over what came
before. What is trained lies in `work`; a second call goes on from there.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from chatbot.answering import models as shipped_models
from chatbot.answering import serving
from inference.models import Models, compose
from learning import gate, shipped_questions, training_data
from learning.errors import LearningError, TooLittleData
from learning.models import ModelVersion
from learning.observing import Observations, observe
from learning.training_data import FEWEST_GOLDEN, Asked, Collected
from learning.versions import current, register

Report = Callable[[str, float], None]
TRAINED_ON = 0  # the half of the golden questions that embedder and reader learn from
SHARE_OF_TIME = {"embedder": 0.2, "reader": 0.4}  # of what is left when its training begins
READ = 6  # passages read while rankers learn
HALVES = (0, 1)


class TimeIsOver(LearningError):
    """What was done is kept."""


@dataclass(frozen=True)
class Judged:
    """A version's parts (name → folder) and what each golden question got from it."""

    parts: Mapping[str, Path]
    seen: Observations
    confidence: Mapping[str, float]  # question id → cross-fitted
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tuning:
    """One run. `base`: what the trained parts complete; the shipped embedder and reader."""

    workspace_id: UUID
    work: Path
    ends_at: float
    report: Report
    collected: Collected
    shipped: Models
    own: Mapping[str, Path] = field(default_factory=dict)  # embedder, intent, reader of its own
    own_rankers: bool = True  # else those that ship

    def judged(self, name: str, asked: Sequence[Asked]) -> Judged:
        """Rankers and confidence for these models, judged on the golden ones among `asked`.

        What is cut into halves is cut by `name`: one half of a half can be halved again.
        """
        folder = self.work / name
        folder.mkdir(parents=True, exist_ok=True)
        ranker, seen = (
            self._ranked(asked, folder) if self.own_rankers else self._as_shipped(asked, folder)
        )
        self.report("confidence", 0.0)
        calibration, confidence, notes = self._confidence(seen, ranker, folder)
        parts = {**self.own, "ranker": ranker, "calibration": calibration}
        return Judged(parts, seen, confidence, notes)

    def _ranked(self, asked: Sequence[Asked], folder: Path) -> tuple[Path, Observations]:
        blind = self._composed(self._undecided(folder / "blind", self._shipped_ranker(folder)))
        learned = self.observed(blind, asked, folder / "candidates.jsonl", "observe", read=READ)
        seen = self._cross_fitted(learned, asked, folder)
        return self._ranker(learned.candidates, folder / "ranker"), seen

    def _as_shipped(self, asked: Sequence[Asked], folder: Path) -> tuple[Path, Observations]:
        ranker = self._shipped_ranker(folder)
        models = self._composed(self._undecided(folder / "blind", ranker))
        golden = [one for one in asked if one.golden]
        return ranker, self.observed(models, golden, folder / "seen.jsonl", "rankers")

    def _cross_fitted(
        self, learned: Observations, asked: Sequence[Asked], folder: Path
    ) -> Observations:
        """Every golden question, asked with rankers that learned from the other half."""
        found: dict[str, Mapping[str, Any]] = {}
        golden = [one for one in asked if one.golden]
        for half in HALVES:
            mine = [one for one in golden if half_of(one.group, folder.name) == half]
            others = [
                row for row in learned.candidates if half_of(str(row["group"]), folder.name) != half
            ]
            ranker = self._ranker(others, folder / f"ranker-without-{half}")
            models = self._composed(self._undecided(folder / f"without-{half}", ranker))
            file = folder / f"seen-{half}.jsonl"
            seen = self.observed(models, mine, file, "rankers")
            found |= {row["id"]: row for row in seen.rows}
        return Observations(tuple(found[one.question.id] for one in golden))

    def _ranker(self, candidates: Sequence[Mapping[str, Any]], out: Path) -> Path:
        from tuning.continue_rankers import continue_rankers

        if not (out / "manifest.json").exists():
            models = self._composed({})
            used = {name: models.fingerprints[name] for name in ("embedder", "reader")}
            continue_rankers(candidates, settings.MODELS_DIR / "ranker", out, models=used)
        return out

    def _shipped_ranker(self, folder: Path) -> Path:
        """The shipped trees for these models: what is read while rankers learn."""
        return self._ranker([], folder / "ranker-shipped")

    def _undecided(self, out: Path, ranker: Path) -> dict[str, Path]:
        """The ranker, and a calibration that answers nothing with it."""
        from tuning.fit_calibration import undecided

        self._write_calibration(undecided(), ranker, out / "calibration")
        return {"ranker": ranker, "calibration": out / "calibration"}

    def _confidence(
        self, seen: Observations, ranker: Path, folder: Path
    ) -> tuple[Path, dict[str, float], tuple[str, ...]]:
        from tuning import continue_confidence

        raw = (settings.MODELS_DIR / "calibration" / "calibration.json").read_text("utf-8")
        start = json.loads(raw)
        rows = seen.features
        answers = continue_confidence.load(rows, start)
        fitted, confidence = continue_confidence.continued(answers, start)
        self._write_calibration(fitted, ranker, folder / "calibration")
        by_id = {str(row["id"]): float(one) for row, one in zip(rows, confidence, strict=True)}
        moved = not np.allclose(fitted["weights"], start["weights"], atol=1e-6)
        note = "the confidence was moved" if moved else "the shipped confidence was kept"
        return folder / "calibration", by_id, (note,)

    def _write_calibration(self, contents: Mapping[str, Any], ranker: Path, out: Path) -> None:
        from inference.manifest import load_manifest
        from tuning.artefact import write_manifest

        out.mkdir(parents=True, exist_ok=True)
        models = self._composed({})
        used = {name: models.fingerprints[name] for name in ("embedder", "reader", "intent")}
        used["ranker"] = load_manifest(ranker, kind="ranker").fingerprint
        text = json.dumps({**contents, "models": used}, indent=1) + "\n"
        (out / "calibration.json").write_text(text, encoding="utf-8")
        write_manifest(out, kind="calibration", name="calibration", settings={})

    def _composed(self, more: Mapping[str, Path]) -> Models:
        """Without `more`, the embedder and reader alone may be used: nothing is calibrated."""
        if not more and not self.own:
            return self.shipped
        if not more:
            return self.bare
        return compose(self.shipped, {**self.own, **more}, threads=settings.INFERENCE_THREADS)

    @property
    def bare(self) -> Models:
        """With the embedder, intent head and reader of its own, before others go with them."""
        from inference.intent import IntentHead
        from inference.models import load_embedder, load_reader

        found = self.shipped
        if "embedder" in self.own:
            folder = self.own["embedder"]
            found = replace(found, embedder=load_embedder(folder.parent, name=folder.name))
        if "intent" in self.own:
            found = replace(found, intent=IntentHead(self.own["intent"]))
        if "reader" in self.own:
            folder = self.own["reader"]
            found = replace(found, reader=load_reader(folder.parent, name=folder.name))
        return found

    def observed(
        self,
        models: Models,
        asked: Sequence[Asked],
        file: Path,
        stage: str,
        *,
        read: int | None = None,
    ) -> Observations:
        return observe(
            models,
            asked,
            file,
            workspace_id=self.workspace_id,
            read=read,
            on_one=partial(self.say, stage),
        )

    def say(self, stage: str, share: float) -> None:
        """Raises TimeIsOver, and what `report` raises."""
        if time.monotonic() > self.ends_at:
            raise TimeIsOver("the time allowed for this training is over; it can be resumed")
        self.report(stage, share)

    def seconds(self, share: float) -> float:
        """Of the time that is left."""
        return share * max(0.0, self.ends_at - time.monotonic())


def finetune(
    workspace_id: UUID,
    *,
    run_id: UUID,
    work: Path,
    minutes: float,
    parts: Sequence[str],
    report: Report,
) -> ModelVersion:
    """Train, judge and register a version; one that is not better is registered as rejected.

    work: kept between calls of one run. minutes: of this call. Raises LearningError with a message
    for people, ModelUnavailable, and what `report` raises.
    """
    ends_at = time.monotonic() + 60 * minutes
    report("collect", 0.0)
    work.mkdir(parents=True, exist_ok=True)
    collected = training_data.collect(workspace_id)
    if len(collected.golden) < FEWEST_GOLDEN:
        raise TooLittleData(
            f"{FEWEST_GOLDEN} golden questions are needed to judge a training; "
            f"there are {len(collected.golden)}"
        )
    shipped = shipped_models.loaded()
    tuning = Tuning(workspace_id, work, ends_at, report, collected, shipped)
    now = serving.choose(workspace_id, None).models
    before = tuning.observed(now, collected.golden, work / f"now-{now.version}.jsonl", "evaluate")
    tuning, best = _ranked(tuning, before)
    for part in ("embedder", "reader"):
        if part in parts:
            tuning, best = _with(part, tuning, best)
    unlearned = shipped_questions.paired(shipped, best.parts, work, partial(tuning.say, "shipped"))
    report("register", 0.0)
    pieces = collected.pieces if tuning.own else ()
    return register(
        workspace_id,
        folder=work,
        parts={name: str(path.relative_to(work)) for name, path in best.parts.items()},
        lineage=[*(one.ref for one in collected.asked), *(one.ref for one in pieces)],
        evaluation=evaluation(before, best, unlearned),
        parent=current(workspace_id),
        run_id=run_id,
    )


def _ranked(tuning: Tuning, before: Observations) -> tuple[Tuning, Judged]:
    """Rankers of its own where they pass the gate, else a confidence for those that ship."""
    asked = tuning.collected.asked
    best = tuning.judged("rankers", asked)
    if evaluation(before, best)["passed"]:
        return tuning, best
    gain = _paired("right", _only(before, best.seen.ids), best.seen)
    without = replace(tuning, own_rankers=False)
    return without, _noted(without.judged("confidence", asked), f"rankers: not kept, {_said(gain)}")


def _with(part: str, tuning: Tuning, best: Judged) -> tuple[Tuning, Judged]:
    """The training with this part of its own too, if that answers more; else as it was."""
    learned_from, rest = _halves(tuning.collected)
    if len([one for one in rest if one.golden]) < FEWEST_GOLDEN:
        return tuning, _noted(best, f"{part}: too few golden questions to train and to judge it")
    try:
        tried = _trained(part, tuning, learned_from)
        if tried is None:
            return tuning, _noted(best, f"{part}: too few questions with their place")
        judged = tried.judged(f"with-{part}", rest)
    except TimeIsOver:
        return tuning, _noted(best, f"{part}: the time did not suffice")
    gain = _paired("right", _only(best.seen, judged.seen.ids), judged.seen)
    if gain.gains:
        notes = (*best.notes, f"{part}: kept, {_said(gain)}")
        return tried, replace(judged, notes=notes)
    if part == "embedder":
        from learning.finetuning_models import drop_index

        drop_index(tuning.workspace_id, tried.bare.embedder.fingerprint)
    return tuning, _noted(best, f"{part}: not kept, {_said(gain)}")


def _trained(part: str, tuning: Tuning, asked: Sequence[Asked]) -> Tuning | None:
    from learning import finetuning_models

    folder = tuning.work / part
    folder.mkdir(exist_ok=True)
    seconds = _kept_seconds(folder, tuning.seconds(SHARE_OF_TIME[part]))
    say = partial(tuning.say, part)
    if part == "reader":
        own = finetuning_models.own_reader(
            tuning.collected, asked, tuning.bare.embedder, folder, seconds=seconds, on_step=say
        )
    else:
        own = finetuning_models.own_embedder(
            tuning.collected, asked, folder, seconds=seconds, on_step=say
        )
    if own is None:
        return None
    if part == "embedder":
        finetuning_models.index_for(tuning.workspace_id, own["embedder"], say)
    return replace(tuning, own={**tuning.own, **own})


def _kept_seconds(folder: Path, seconds: float) -> float:
    """The same for every call of a run: a schedule cannot change on the way."""
    file = folder / "seconds"
    if not file.exists():
        file.write_text(f"{seconds:.1f}", encoding="utf-8")
    return float(file.read_text(encoding="utf-8"))


def _halves(collected: Collected) -> tuple[list[Asked], list[Asked]]:
    """What embedder and reader learn from, and the golden questions that judge them."""
    mine = [one for one in collected.asked if not one.golden or half_of(one.group) == TRAINED_ON]
    taken = {one.group for one in mine}
    return mine, [one for one in collected.golden if one.group not in taken]


def _noted(judged: Judged, note: str) -> Judged:
    return replace(judged, notes=(*judged.notes, note))


def _said(paired: gate.Paired) -> str:
    row = paired.figure()
    return (
        f"{row['before']} right before and {row['after']} after, "
        f"{row['low']} to {row['high']}, {row['questions']} questions"
    )


def evaluation(
    before: Observations, after: Judged, shipped: gate.Paired | None = None
) -> dict[str, Any]:
    """Of the questions that both were asked, on what is known of each."""
    earlier = _only(before, after.seen.ids)
    right = _paired("right", earlier, after.seen)
    first = _paired("the right passage first", earlier, after.seen, name="first")
    sure = gate.Paired(
        "confidence (1 - Brier score)",
        1 - (earlier.values("confidence") - earlier.values("right")) ** 2,
        1 - (_confidences(after) - after.seen.values("right")) ** 2,
        earlier.groups,
    )
    known = [one for one in (right, first, _known(sure)) if len(one.before)]
    notes = after.notes if shipped else (*after.notes, "the questions that ship were not asked")
    more = [shipped] if shipped else []
    return gate.evaluation(known, keeps=[right], shipped=more, notes=notes)


def _only(seen: Observations, ids: Sequence[str]) -> Observations:
    """In the order of these ids."""
    by_id = {row["id"]: row for row in seen.rows}
    return Observations(tuple(by_id[one] for one in ids))


def _confidences(after: Judged) -> NDArray[np.float64]:
    return np.array([after.confidence.get(one, 0.0) for one in after.seen.ids])


def _paired(
    measure: str, before: Observations, after: Observations, *, name: str = "right"
) -> gate.Paired:
    paired = gate.Paired(measure, before.values(name), after.values(name), before.groups)
    return _known(paired)


def _known(paired: gate.Paired) -> gate.Paired:
    known = ~(np.isnan(paired.before) | np.isnan(paired.after))
    return gate.Paired(
        paired.measure, paired.before[known], paired.after[known], paired.groups[known]
    )


def half_of(group: str, cut: str = "") -> int:
    """0 or 1, by a digest: another `cut` halves the same groups another way."""
    return hashlib.sha256(f"{cut}\n{group}".encode()).digest()[0] % 2
