"""A training loop by the clock: warm up, fall to nothing at the end, checkpoints to go on from.

The learning rate warms up over 4% of the seconds and falls to nothing at their end, on any
machine. A checkpoint every two minutes; a second call with the same folder goes on from it.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKPOINT_S = 120.0


@dataclass
class Progress:
    step: int = 0
    spent_s: float = 0.0


def rate_share(progress: float) -> float:
    """Of the full learning rate, for progress in [0, 1]."""
    return progress / 0.04 if progress < 0.04 else max(0.0, (1.0 - progress) / 0.96)


def train(
    model: Any,
    optimiser: Any,
    losses: Callable[[int], Iterator[Callable[[], Any]]],
    work: Path,
    *,
    seconds: float,
    steps: int | None = None,
    on_step: Callable[[Progress, float], None] = lambda progress, loss: None,
) -> Progress:
    """Train in place until `seconds` are spent, earlier calls' seconds included.

    steps: end after these instead, however long they take: what is compared reads as much.

    `losses(epoch)` gives each step's loss as a function, so that a step already taken costs
    nothing. `on_step` may raise to stop; what was saved last stays.
    """
    import torch

    work.mkdir(parents=True, exist_ok=True)
    full = [group["lr"] for group in optimiser.param_groups]
    progress = _resume(work, model, optimiser)
    began, saved, running = time.monotonic() - progress.spent_s, time.monotonic(), None
    model.train()
    taken = progress.step
    for number, loss_of in enumerate(_endless(losses)):
        if number < taken:
            continue
        spent = time.monotonic() - began
        done = spent / seconds if steps is None else number / steps
        if done >= 1:
            break
        for group, rate in zip(optimiser.param_groups, full, strict=True):
            group["lr"] = rate * rate_share(done)
        value = loss_of()
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        now = float(value.detach())
        running = now if running is None else running + 0.02 * (now - running)
        progress = Progress(number + 1, spent)
        on_step(progress, running)
        if time.monotonic() - saved > CHECKPOINT_S:
            _save(work, model, optimiser, progress)
            saved = time.monotonic()
    _save(work, model, optimiser, progress)
    return progress


def say(every: int) -> Callable[[Progress, float], None]:
    """Print each `every`th step."""

    def on_step(progress: Progress, loss: float) -> None:
        if progress.step % every == 0:
            print(f"{progress.spent_s:.0f} s, step {progress.step}, loss {loss:.3f}", flush=True)

    return on_step


def _endless(losses: Callable[[int], Iterator[Callable[[], Any]]]) -> Iterator[Callable[[], Any]]:
    epoch = 0
    while True:
        yield from losses(epoch)
        epoch += 1


def _resume(work: Path, model: Any, optimiser: Any) -> Progress:
    import torch

    path = work / "checkpoint.pt"
    if not path.exists():
        return Progress()
    saved = torch.load(path, weights_only=True)
    model.load_state_dict(saved["model"])
    optimiser.load_state_dict(saved["optimiser"])
    return Progress(**saved["state"])


def _save(work: Path, model: Any, optimiser: Any, progress: Progress) -> None:
    import torch

    whole = {
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "state": {"step": progress.step, "spent_s": progress.spent_s},
    }
    torch.save(whole, work / "checkpoint.new")
    os.replace(work / "checkpoint.new", work / "checkpoint.pt")
