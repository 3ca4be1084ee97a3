"""ONNX Runtime beside OpenVINO on this machine: milliseconds of one core, and differences.

    python -m benchmarks.runtimes [--models models] [--rounds 5]

The shipped embedder and reader, the same files for both, one thread, in turns; least CPU time of
the rounds for one question and for one passage of about 900 characters of `docs/`. Needs
requirements-openvino.txt. `settings.runtime` in a manifest chooses; see docs/can-i-use-openvino.md.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from inference.embedder import Embedder
from inference.openvino_session import OpenVinoSession
from inference.reader import Reader, ReaderPassage
from inference.session import RunsModel, Session

QUESTION = "How do I start the service on another port?"
PASSAGES = 8
LENGTH = 900


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    embedder, reader = Embedder(given.models / "embedder"), Reader(given.models / "reader")
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path("docs").glob("*.md"))]
    passages = [ReaderPassage("Help", (), text[:LENGTH]) for text in texts[:PASSAGES]]
    print("| model | ONNX Runtime | OpenVINO | times as fast | largest difference |")
    print("|---|---|---|---|---|")
    _compare("embedder, a question", embedder, given.rounds, 1, lambda: _vector(embedder))
    _compare(
        "reader, a passage", reader, given.rounds, PASSAGES, lambda: _relevance(reader, passages)
    )


def _vector(embedder: Embedder) -> list[float]:
    return [float(value) for value in embedder.encode([QUESTION])[0]]


def _relevance(reader: Reader, passages: list[ReaderPassage]) -> list[float]:
    return [reading.relevance for reading in reader.read(QUESTION, passages)]


def _compare(
    name: str, model: Embedder | Reader, rounds: int, items: int, call: Callable[[], list[float]]
) -> None:
    path = model.manifest.path(str(model.manifest.settings["model"]))
    sessions: list[RunsModel] = [Session(path, threads=1), OpenVinoSession(path, threads=1)]
    best, found = [float("inf")] * 2, [[0.0], [0.0]]
    for _ in range(rounds + 1):  # the first one warms up
        for number, session in enumerate(sessions):
            model.session = session
            started = time.process_time()
            found[number] = call()
            best[number] = min(best[number], time.process_time() - started)
    ms = [1000 * value / items for value in best]
    off = max(abs(one - other) for one, other in zip(*found, strict=True))
    print(f"| {name} | {ms[0]:.2f} ms | {ms[1]:.2f} ms | {ms[0] / ms[1]:.2f} | {off:.4f} |")


if __name__ == "__main__":
    main()
