"""A reader for one workspace: trained on from the one that ships, and then halfway back.

The weights lie between the shipped and the trained ones (Wortsman et al. 2022, 2109.01903), so that
what the shipped reader knows of other texts is not lost. The start is its int8 weights,
dequantised: tuning.dequantise states what that loses.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tuning import base_model, timed_training
from tuning.dequantise import reader_state
from tuning.export_reader import write_reader
from tuning.reader_batches import ReaderRow, batches, encode_all, tensors
from tuning.reader_model import loss, new_reader, run
from tuning.reading_examples import ReadingExample

RATE = 3e-5
BATCH = 16
SHARE = 0.5  # of the way from the shipped weights to the trained ones


def finetune_reader(
    examples: Sequence[ReadingExample],
    shipped: Path,
    work: Path,
    *,
    seconds: float,
    on_step: Callable[[float], None] = lambda share: None,
) -> Path:
    """Write the artefact to work/reader, its checkpoints beside it; a second call goes on.

    shipped: the folder of a reader. on_step gets the share of the seconds that are spent, and may
    raise to stop. Raises ValueError where no example can be read.
    """
    import torch

    rows = encode_all(base_model.folder() / "tokenizer.json", examples)
    if not rows:
        raise ValueError("no example can be read")
    torch.manual_seed(7)
    start = reader_state(shipped)
    model = new_reader()
    model.load_state_dict(start)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)

    def losses(epoch: int) -> Iterator[Any]:
        for batch in batches(rows, size=BATCH, seed=epoch):
            yield partial(_loss, model, batch)

    timed_training.train(
        model,
        optimiser,
        losses,
        work / "training",
        seconds=seconds,
        on_step=lambda progress, value: on_step(min(1.0, progress.spent_s / seconds)),
    )
    model.load_state_dict(between(start, model.state_dict(), SHARE))
    write_reader(model.eval(), work / "reader", examples=examples)
    return work / "reader"


def _loss(model: Any, batch: Sequence[ReaderRow]) -> Any:
    ready = tensors(batch)
    return loss(run(model, ready), ready)


def between(start: dict[str, Any], end: dict[str, Any], share: float) -> dict[str, Any]:
    """Weights `share` of the way from the first to the second; whole numbers stay as they are."""
    return {
        name: start[name] + share * (end[name] - start[name])
        if end[name].is_floating_point()
        else end[name]
        for name in end
    }
