"""The process that runs generators, with real ones: in turn, broken off, bounded, and ended."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tuning import random_generators
from tuning.tests.test_generators import TEXTS, with_manifest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("models")
    return [
        with_manifest(random_generators.build(family, root / family, TEXTS))
        for family in ("llama", "gemma")
    ]


class Process:
    def __init__(self, *, concurrency: int = 2, memory_mb: int = 2_000) -> None:
        bounds = {
            "threads": 1,
            "concurrency": concurrency,
            "prompt-tokens": 900,
            "memory-mb": memory_mb,
        }
        given = [part for name, value in bounds.items() for part in (f"--{name}", str(value))]
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "inference.generator_process", *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def tell(self, *messages: dict[str, Any]) -> None:
        assert self.popen.stdin
        self.popen.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
        self.popen.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.popen.stdout
        return dict(json.loads(self.popen.stdout.readline()))

    def until_ends(self, *numbers: int) -> tuple[list[int], dict[int, str], dict[int, str]]:
        """The order of pieces, the texts, and the ends."""
        order, texts, ends = [], dict.fromkeys(numbers, ""), dict[int, str]()
        while len(ends) < len(numbers):
            message = self.hear()
            if "end" in message:
                ends[message["id"]] = message["end"]
            else:
                order.append(message["id"])
                texts[message["id"]] += message["text"]
        return order, texts, ends

    def end(self) -> int:
        assert self.popen.stdin and self.popen.stdout
        self.popen.stdin.close()
        status = self.popen.wait(20)
        self.popen.stdout.close()
        return status


@pytest.fixture
def process() -> Iterator[Process]:
    started = Process()
    yield started
    assert started.end() == 0  # it ends with its input


def asks(number: int, folder: Path, data: str = "Where?", tokens: int = 30) -> dict[str, Any]:
    told = {"folder": str(folder), "instructions": "Be brief.", "data": data}
    return {"op": "ask", "id": number, "most_tokens": tokens, **told}


def test_two_are_answered_in_turn_and_as_alone(process: Process, folders: list[Path]) -> None:
    process.tell(asks(1, folders[0]))
    _, alone, _ = process.until_ends(1)
    process.tell(asks(2, folders[0]), asks(3, folders[0], "Other words."))
    order, texts, ends = process.until_ends(2, 3)
    assert texts[2] == alone[1] and texts[3]
    assert order != sorted(order)  # neither waits for the other's end
    assert set(ends.values()) <= {"stop", "length"}


def test_another_model_waits_for_its_turn_and_both_answer(
    process: Process, folders: list[Path]
) -> None:
    process.tell(asks(1, folders[0]), asks(2, folders[1]), asks(3, folders[0]))
    _, texts, ends = process.until_ends(1, 2, 3)
    assert texts[1] == texts[3] != texts[2]
    assert len(ends) == 3


def test_what_nobody_waits_for_is_broken_off(process: Process, folders: list[Path]) -> None:
    process.tell(asks(1, folders[0], tokens=800))
    assert process.hear()["id"] == 1
    process.tell({"op": "stop", "id": 1}, {"op": "stop", "id": 99}, asks(2, folders[0], tokens=5))
    heard = []
    while "end" not in (message := process.hear()):
        heard.append(message["id"])
    assert message["id"] == 2 and heard.count(1) < 700


def test_it_says_what_an_answer_costs(process: Process, folders: list[Path]) -> None:
    process.tell({"op": "load", "folder": str(folders[0])}, asks(1, folders[0], tokens=7))
    costs = []
    while "end" not in (message := process.hear()):
        costs.append((message["output_tokens"], message["cpu_s"]))
    assert costs == sorted(costs)
    assert message["end"] in {"stop", "length"} and 0 < message["output_tokens"] <= 7
    assert message["input_tokens"] > 5 and message["cpu_s"] > 0


def test_a_broken_or_missing_folder_and_a_long_prompt_are_said(
    process: Process, folders: list[Path], tmp_path: Path
) -> None:
    process.tell({"op": "load", "folder": str(tmp_path)}, asks(1, tmp_path / "none"))
    assert process.hear()["end"] == "not_loaded"
    process.tell(asks(2, folders[0], "word " * 2_000))
    assert process.hear()["end"] == "too_long"
    process.tell(asks(3, folders[0]))
    assert process.until_ends(3)[2][3] in {"stop", "length"}


def test_a_model_larger_than_the_bound_is_not_loaded(folders: list[Path], tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.mkdir()
    with (large / "model.onnx.data").open("wb") as file:
        file.truncate(300_000_000)
    process = Process(memory_mb=400)
    process.tell(asks(1, large))
    assert process.hear()["end"] == "not_loaded"
    process.tell(asks(2, folders[0]))
    assert process.until_ends(2)[2][2] in {"stop", "length"}
    process.end()
