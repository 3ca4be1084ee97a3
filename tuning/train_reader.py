"""Train the reader: `python -m tuning.train_reader --data FOLDER --work FOLDER --minutes 60`.

Starts from the base model, or with `--start` from a reader: the folder of one that ships, its int8
weights dequantised, or the file that an earlier training left. tuning.timed_training has the
schedule and the checkpoints. `--last` is for the last minutes: it reads few of the encyclopedic
examples, and all of the dialogues and help articles, which are what visitors ask.

A larger reader is trained with `--encoder FOLDER` (config.json, model.safetensors, tokenizer.json
of a model that transformers knows); the small one learns from it with `--teacher FILE` beside
`--encoder`, or from a reader of its own size with `--teacher FOLDER`, one that ships. `--steps`
ends after so many steps: for comparisons, where each shall read as much.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from inference.embedder import Embedder
from tuning import base_model, reading_examples, timed_training
from tuning.dequantise import trained_reader
from tuning.reader_batches import ReaderRow, batches, encode_all, tensors
from tuning.reader_model import loss, new_reader, run
from tuning.teacher import Teacher, distilled, token_ids

BATCH = 24
RATE = 1.2e-4
HEAD_RATE = 5e-4
FROM_READER = 0.6  # of both rates, where the start is a trained reader
OF_LARGER = 0.4  # of both rates, for a larger encoder
LAST_ENCYCLOPEDIC = 0.3  # of the encyclopedic examples, in the last stage
LAST_SHARE = 0.2  # of the minutes


@dataclass(frozen=True)
class Plan:
    """start: a reader's folder, or the file of one. encoder: a larger one to train instead.

    seed: of the order of the rows. Whoever goes on from a start takes another than it had, or
    reads the same rows again where an epoch was not finished.
    """

    seconds: float
    steps: int | None = None
    start: Path | None = None
    seed: int = 0
    encoder: Path | None = None


def train(
    rows: Sequence[ReaderRow], work: Path, plan: Plan, *, teacher: Teacher | None = None
) -> Path:
    """Returns the file of the trained weights."""
    import torch

    torch.manual_seed(7)
    model, share = _begun(plan)
    ids = token_ids(plan.encoder) if plan.encoder else None

    def loss_of(batch: Sequence[ReaderRow]) -> Any:
        if teacher is not None:
            return distilled(model, batch, teacher)
        ready = tensors(batch)
        if ids is not None:
            ready["input_ids"] = ids[ready["input_ids"]]
        return loss(run(model, ready), ready)

    def losses(epoch: int) -> Iterator[Any]:
        for batch in batches(rows, size=BATCH, seed=1000 * plan.seed + epoch):
            yield partial(loss_of, batch)

    timed_training.train(
        model, _optimiser(model, share), losses, work,
        seconds=plan.seconds, steps=plan.steps, on_step=timed_training.say(50),
    )  # fmt: skip
    torch.save(model.state_dict(), work / "reader.pt")
    return work / "reader.pt"


def _begun(plan: Plan) -> tuple[Any, float]:
    """The model and the share of the rates that it is trained at."""
    model = new_reader(plan.encoder)
    if plan.start is None:
        return model, 1.0 if plan.encoder is None else OF_LARGER
    model.load_state_dict(trained_reader(plan.start))
    return model, FROM_READER


def _optimiser(model: Any, share: float) -> Any:
    import torch

    model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    inner = [one for one in model.encoder.parameters() if one.requires_grad]
    heads = [*model.span.parameters(), *model.relevance.parameters()]
    return torch.optim.AdamW(
        [
            {"params": inner, "lr": share * RATE},
            {"params": heads, "lr": share * HEAD_RATE},
        ],
        weight_decay=0.01,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the reader; goes on from a checkpoint.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--start", type=Path, help="a reader's folder or file to go on from")
    parser.add_argument("--seed", type=int, default=0, help="of the order of the examples")
    parser.add_argument("--embedder", type=Path, help="an embedder's folder, for hard negatives")
    parser.add_argument("--without-share-alike", action="store_true", help="leave these sets out")
    parser.add_argument("--steps", type=int, help="end after so many instead of by the clock")
    parser.add_argument("--encoder", type=Path, help="a larger encoder's folder")
    parser.add_argument("--teacher", type=Path, help="a reader's folder, or file of that encoder")
    parser.add_argument("--last", action="store_true", help="the last stage: what visitors ask")
    given = parser.parse_args()
    if given.teacher and given.teacher.is_dir() == bool(given.encoder):
        parser.error("--teacher is a reader's folder, or a file beside --encoder")
    encoder = given.encoder or base_model.folder()
    teacher = Teacher(encoder, given.teacher) if given.teacher else None
    embedder = Embedder(given.embedder, threads=2) if given.embedder else None
    examples = reading_examples.load(
        given.data,
        embedder=embedder,
        share_alike=not given.without_share_alike,
        encyclopedic_share=LAST_ENCYCLOPEDIC if given.last else 1.0,
    ).train
    print(reading_examples.counts(examples), flush=True)
    rows = encode_all(base_model.folder() / "tokenizer.json", examples)
    plan = Plan(
        seconds=60 * given.minutes,
        steps=given.steps,
        start=given.start,
        seed=given.seed,
        encoder=None if teacher else given.encoder,
    )
    print(train(rows, given.work, plan, teacher=teacher))


if __name__ == "__main__":
    main()
