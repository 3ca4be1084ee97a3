"""Every model that ships, from the data: `make models DATA=FOLDER`.

Long steps keep their results in the work folder, so a second call goes on where one stopped. The
rankers, the calibration and the support are made last, from what the pipeline does with the other
models.
"""

import argparse
from pathlib import Path

from inference.embedder import Embedder
from tuning import (
    base_model,
    fit_support,
    reading_examples,
    retrieval_pairs,
    train_embedder,
    train_intent,
    train_reader,
)
from tuning.export_embedder import FINE_TUNED, write_embedder
from tuning.export_reader import export_reader
from tuning.observe import Observation
from tuning.reader_batches import encode_all


def build(data: Path, out: Path, work: Path, *, minutes: float, share_alike: bool) -> None:
    """`minutes` of training the reader; the embedder takes half as many."""
    trained = work / "embedder" / "embedder.pt"
    if not trained.exists():
        every = retrieval_pairs.load(data, share_alike=share_alike)
        pairs = [pair for pair in every if not pair.held_out]
        train_embedder.train(pairs, trained.parent, seconds=30 * minutes)
    encoder = train_embedder.between(trained, train_embedder.SHARE)
    print("embedder", write_embedder(encoder, out / "embedder", name=FINE_TUNED), flush=True)
    print("intent", train_intent.train(out / "embedder", out / "intent", data=data), flush=True)
    weights = work / "reader-last" / "reader.pt"
    if not weights.exists():
        _train_reader(data, out, weights, minutes=minutes, share_alike=share_alike)
    print("reader", export_reader(weights, out / "reader", data), flush=True)
    Observation(data, out, work / "observed").run()
    fit_support.make(data, out, work / "support")


def _train_reader(
    data: Path, out: Path, weights: Path, *, minutes: float, share_alike: bool
) -> None:
    """Everything first, then what visitors ask."""
    embedder = Embedder(out / "embedder", threads=2)
    last = train_reader.LAST_SHARE
    start: Path | None = None
    for folder, share, encyclopedic in (
        (weights.parent.with_name("reader"), 1 - last, 1.0),
        (weights.parent, last, train_reader.LAST_ENCYCLOPEDIC),
    ):
        loaded = reading_examples.load(
            data, embedder=embedder, share_alike=share_alike, encyclopedic_share=encyclopedic
        )
        rows = encode_all(base_model.folder() / "tokenizer.json", loaded.train)
        plan = train_reader.Plan(seconds=60 * minutes * share, start=start)
        start = train_reader.train(rows, folder, plan)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train and export the compact models.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models"))
    parser.add_argument("--work", type=Path, default=Path(".local/training"))
    parser.add_argument("--minutes", type=float, default=60.0, help="of training the reader")
    parser.add_argument(
        "--without-share-alike",
        action="store_true",
        help="leave out sets whose licence binds the weights",
    )
    given = parser.parse_args()
    share_alike = not given.without_share_alike
    build(given.data, given.out, given.work, minutes=given.minutes, share_alike=share_alike)


if __name__ == "__main__":
    main()
