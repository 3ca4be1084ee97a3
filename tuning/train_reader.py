"""Train the reader: `python -m tuning.train_reader --data FOLDER --work FOLDER --minutes 60`.

The schedule is by time: the learning rate warms up over 4% of the minutes and falls to nothing at
their end, on any machine. A checkpoint every two minutes; a second call goes on from it.
"""

import argparse
import itertools
import os
import time
from pathlib import Path
from typing import Any

from tuning import base_model, reading_examples
from tuning.reader_batches import ReaderRow, batches, encode_all, tensors
from tuning.reader_model import loss, new_reader

BATCH = 16
RATE = 1.2e-4
HEAD_RATE = 5e-4
CHECKPOINT_S = 120.0


def rate_share(progress: float) -> float:
    """Of the full learning rate, for progress in [0, 1]."""
    return progress / 0.04 if progress < 0.04 else max(0.0, (1.0 - progress) / 0.96)


def train(rows: list[ReaderRow], work: Path, *, seconds: float) -> Path:
    """Returns the file of the trained weights."""
    import torch

    work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    model = new_reader()
    optimiser = torch.optim.AdamW(
        [
            {"params": model.encoder.parameters(), "lr": RATE},
            {"params": [*model.span.parameters(), *model.relevance.parameters()], "lr": HEAD_RATE},
        ],
        weight_decay=0.01,
    )
    state = _resume(work, model, optimiser)
    full = [RATE, HEAD_RATE]
    began, saved, running = time.monotonic() - state["spent_s"], time.monotonic(), 3.0
    model.train()
    for batch in itertools.islice(_endless(rows), state["step"], None):
        spent = time.monotonic() - began
        if spent >= seconds:
            break
        for group, rate in zip(optimiser.param_groups, full, strict=True):
            group["lr"] = rate * rate_share(spent / seconds)
        value = loss(model, tensors(batch))
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        running += 0.02 * (float(value.detach()) - running)
        state = {"step": state["step"] + 1, "spent_s": spent}
        if state["step"] % 50 == 0:
            print(f"{spent:.0f} s, step {state['step']}, loss {running:.3f}", flush=True)
        if time.monotonic() - saved > CHECKPOINT_S:
            _save(work, model, optimiser, state)
            saved = time.monotonic()
    _save(work, model, optimiser, state)
    torch.save(model.state_dict(), work / "reader.pt")
    return work / "reader.pt"


def _endless(rows: list[ReaderRow]) -> Any:
    for epoch in itertools.count():
        yield from batches(rows, size=BATCH, seed=epoch)


def _resume(work: Path, model: Any, optimiser: Any) -> dict[str, Any]:
    import torch

    path = work / "checkpoint.pt"
    if not path.exists():
        return {"step": 0, "spent_s": 0.0}
    saved = torch.load(path, weights_only=True)
    model.load_state_dict(saved["model"])
    optimiser.load_state_dict(saved["optimiser"])
    return dict(saved["state"])


def _save(work: Path, model: Any, optimiser: Any, state: dict[str, Any]) -> None:
    import torch

    whole = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "state": state}
    torch.save(whole, work / "checkpoint.new")
    os.replace(work / "checkpoint.new", work / "checkpoint.pt")


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the reader; goes on from a checkpoint.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60.0)
    given = parser.parse_args()
    examples = reading_examples.load(given.data).train
    print(reading_examples.counts(examples), flush=True)
    rows = encode_all(base_model.folder() / "tokenizer.json", examples)
    print(train(rows, given.work, seconds=60 * given.minutes))


if __name__ == "__main__":
    main()
