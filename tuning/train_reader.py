"""Train the reader: `python -m tuning.train_reader --data FOLDER --work FOLDER --minutes 60`.

Starts from the base model, or with `--start` from a reader: the folder of one that ships, its int8
weights dequantised, or the file that an earlier training left. tuning.timed_training has the
schedule and the checkpoints. `--last` is for the last minutes: it reads few of the encyclopedic
examples, and all of the dialogues and help articles, which are what visitors ask.
"""

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from inference.embedder import Embedder
from tuning import base_model, reading_examples, timed_training
from tuning.dequantise import reader_state
from tuning.reader_batches import ReaderRow, batches, encode_all, tensors
from tuning.reader_model import loss, new_reader

BATCH = 24
RATE = 1.2e-4
HEAD_RATE = 5e-4
FROM_READER = 0.6  # of both rates, where the start is a trained reader
LAST_ENCYCLOPEDIC = 0.2  # of the encyclopedic examples, in the last stage
LAST_SHARE = 0.2  # of the minutes


def train(
    rows: Sequence[ReaderRow],
    work: Path,
    *,
    seconds: float,
    start: Path | None = None,
    seed: int = 0,
) -> Path:
    """Returns the file of the trained weights. start: a reader's folder, or the file of one.

    seed: of the order of the rows. Whoever goes on from a start takes another than it had, or
    reads the same rows again where an epoch was not finished.
    """
    import torch

    torch.manual_seed(7)
    model = new_reader()
    share = 1.0
    if start is not None:
        whole = start.is_file()
        model.load_state_dict(
            torch.load(start, weights_only=True) if whole else reader_state(start)
        )
        share = FROM_READER
    model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    heads = [*model.span.parameters(), *model.relevance.parameters()]
    optimiser = torch.optim.AdamW(
        [
            {
                "params": [one for one in model.encoder.parameters() if one.requires_grad],
                "lr": share * RATE,
            },
            {"params": heads, "lr": share * HEAD_RATE},
        ],
        weight_decay=0.01,
    )

    def losses(epoch: int) -> Iterator[Any]:
        for batch in batches(rows, size=BATCH, seed=1000 * seed + epoch):
            yield partial(_loss, model, batch)

    say = timed_training.say(50)
    timed_training.train(model, optimiser, losses, work, seconds=seconds, on_step=say)
    torch.save(model.state_dict(), work / "reader.pt")
    return work / "reader.pt"


def _loss(model: Any, batch: Sequence[ReaderRow]) -> Any:
    return loss(model, tensors(batch))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the reader; goes on from a checkpoint.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--start", type=Path, help="a reader's folder or file to go on from")
    parser.add_argument("--seed", type=int, default=0, help="of the order of the examples")
    parser.add_argument("--embedder", type=Path, help="an embedder's folder, for hard negatives")
    parser.add_argument("--without-share-alike", action="store_true", help="leave these sets out")
    parser.add_argument("--last", action="store_true", help="the last stage: what visitors ask")
    given = parser.parse_args()
    embedder = Embedder(given.embedder, threads=2) if given.embedder else None
    examples = reading_examples.load(
        given.data,
        embedder=embedder,
        share_alike=not given.without_share_alike,
        encyclopedic_share=LAST_ENCYCLOPEDIC if given.last else 1.0,
    ).train
    print(reading_examples.counts(examples), flush=True)
    rows = encode_all(base_model.folder() / "tokenizer.json", examples)
    seconds = 60 * given.minutes
    print(train(rows, given.work, seconds=seconds, start=given.start, seed=given.seed))


if __name__ == "__main__":
    main()
