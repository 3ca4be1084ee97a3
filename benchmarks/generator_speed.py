"""How fast a large model in the house is, and what memory it takes, by its size.

    python -m benchmarks.generator_speed [--sizes 30M 120M] [--folder FOLDER …] [--threads 2]

Without --folder it builds models with random weights of the named sizes (Qwen's form, int4), which
needs requirements-tuning.txt: random weights are as fast as learnt ones. Each is measured in a
process of its own: a prompt of about 600 tokens, an answer of 64, --rounds times after one that
warms up; the medians, and the process's peak memory. With --folder: models of your own, in
onnxruntime-genai's form, as `manage.py models add` takes them.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from inference.generator import Generator
from inference.generator_manifest import manifest_for

PROMPT_TOKENS, ANSWER_TOKENS = 600, 64
INSTRUCTIONS = "Answer the question with what the passages say, and nothing else."
# Name → hidden, layers, heads, heads of keys, inner. Vocabulary: 32,000 words.
SIZES = {
    "30M": (384, 6, 6, 6, 1_024),
    "120M": (768, 12, 12, 4, 2_048),
    "400M": (1_024, 28, 16, 8, 2_816),
    "1B": (1_536, 36, 16, 8, 4_224),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=["30M", "120M"])
    parser.add_argument("--folder", nargs="+", type=Path, default=[])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(_measured(given.measure, given.threads, given.rounds)))
        return
    print("| model | files | first token | tokens a second | CPU a token | peak memory |")
    print("|---|---|---|---|---|---|")
    for name, folder in _folders(given.sizes, given.folder):
        found = _apart(folder, given.threads, given.rounds)
        print(
            f"| {name} | {found['size_mb']:,.0f} MB | {found['first_s']:.2f} s "
            f"| {found['per_s']:.1f} | {found['cpu_ms']:.1f} ms | {found['peak_mb']:,.0f} MB |",
            flush=True,
        )


def _folders(sizes: list[str], own: list[Path]) -> Iterator[tuple[str, Path]]:
    yield from ((folder.name, folder) for folder in own)
    for size in sizes if not own else ():
        with tempfile.TemporaryDirectory() as root:
            # In a process of its own: the builder holds the whole model in memory.
            program = f"from benchmarks.generator_speed import build; build({size!r}, {root!r})"
            subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
            yield size, Path(root) / size


def build(size: str, root: str) -> None:
    from tuning import random_generators
    from tuning.random_generators import Shape

    hidden, layers, heads, kv_heads, inner = SIZES[size]
    shape = Shape(
        hidden=hidden,
        layers=layers,
        heads=heads,
        kv_heads=kv_heads,
        inner=inner,
        words=32_000,
        context=4_096,
    )
    texts = [page.read_text(encoding="utf-8") for page in sorted(Path("docs").glob("*.md"))]
    random_generators.build("qwen", Path(root) / size, texts, shape)


def _apart(folder: Path, threads: int, rounds: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.generator_speed", "--measure", str(folder)]
    command += ["--threads", str(threads), "--rounds", str(rounds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _measured(folder: Path, threads: int, rounds: int) -> dict[str, Any]:
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        manifest.write_text(json.dumps(manifest_for(folder, folder.name)), encoding="utf-8")
    model = Generator(folder, threads=threads)
    data = _data(model)
    runs = [_run(model, data) for _ in range(rounds + 1)][1:]
    return {
        "size_mb": model.size_bytes / 1e6,
        "first_s": median(run[0] for run in runs),
        "per_s": median(run[1] for run in runs),
        "cpu_ms": median(run[2] for run in runs),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000,
    }


def _data(model: Generator) -> str:
    """Text of the documentation, as long as the prompt shall be."""
    text = " ".join(
        page.read_text(encoding="utf-8") for page in sorted(Path("docs").glob("how-*.md"))
    )
    tokens = model.tokenizer.encode(text, add_special_tokens=False).ids[:PROMPT_TOKENS]
    return str(model.tokenizer.decode(tokens))


def _run(model: Generator, data: str) -> tuple[float, float, float]:
    """Seconds to the first token, tokens a second after it, CPU milliseconds of each of them."""
    started = time.perf_counter()
    answer = model.start(INSTRUCTIONS, data, most_tokens=ANSWER_TOKENS, most_prompt=4_096)
    while not answer.tokens and not answer.ended:
        answer.step()
    first, cpu = time.perf_counter(), time.process_time()
    while not answer.ended:
        answer.step()
    ended, tokens = time.perf_counter(), max(answer.tokens - 1, 1)
    return first - started, tokens / (ended - first), (time.process_time() - cpu) / tokens * 1e3


if __name__ == "__main__":
    main()
