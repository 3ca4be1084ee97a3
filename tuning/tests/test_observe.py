"""What is asked to learn when enough was read: each half of each set, after each number."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tuning import fit_steps, observe, train_rankers
from tuning.observe import OBSERVED, OUTSIDE, Observation


def test_each_number_of_passages_is_asked_the_same_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, asked = tmp_path / "work", list[tuple[str, str]]()
    sets = work / "sets"
    sets.mkdir(parents=True)
    for name in (*OBSERVED, *OUTSIDE):
        rows = [{"id": f"{name} {number}", "group": str(number % 7)} for number in range(9)]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (sets / f"{name}.eval.jsonl").write_text(text, encoding="utf-8")

    def manage(self: Observation, arguments: Sequence[str], models: Path) -> str:
        given = list(arguments)
        out = Path(given[given.index("--features-out") + 1])
        read = given[given.index("--read") + 1]
        asked.append((read, models.name))
        found = [json.loads(line) for line in Path(given[1]).read_text("utf-8").splitlines()]
        more: Mapping[str, object] = {"features": {"x": 1.0}, "known": {"y": 2.0}, "correct": True}
        out.write_text("".join(json.dumps({**row, **more}) + "\n" for row in found), "utf-8")
        return read

    monkeypatch.setattr(observe.Observation, "_manage", manage)
    observation = Observation(tmp_path, tmp_path / "models", work)
    folder = observation._observe_reads({0: Path("without-0"), 1: Path("without-1")})
    read = fit_steps.load(folder)
    assert read.most == train_rankers.READ and read.names == ("y",)
    assert len(read.groups) == 9 * len((*OBSERVED, *OUTSIDE))
    assert {one for one, _ in asked} == {str(n + 1) for n in range(train_rankers.READ)}
    assert {models for _, models in asked} == {"without-0", "without-1"}
    done = len(asked)
    observation._observe_reads({0: Path("without-0"), 1: Path("without-1")})
    assert len(asked) == done  # what was done before is not done again
