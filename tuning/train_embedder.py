"""Fine-tune the embedder: `python -m tuning.train_embedder --data FOLDER --work FOLDER`.

In-batch negatives (Henderson et al. 2017, 1705.00652; as MultipleNegativesRanking in
sentence-transformers), both directions, with the passages of one page as hard negatives. The
weights that ship lie between the base model's and the trained ones (Wortsman et al. 2022,
2109.01903): `--share` of the way, chosen by measurement on pages that are not trained on.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.wordpiece import WordPiece
from tuning import base_model, timed_training, training_speed
from tuning.retrieval_pairs import RetrievalPair, batches, load, one_view

BATCH = 32
RATE = 6e-5
SCALE = 20.0  # of the cosine, as sentence-transformers has it
SHARE = 0.6  # of the way from the base model to the trained weights; the best of those measured
MOST_TOKENS = 192  # of a question or a passage in training


def encode(encoder: Any, words: WordPiece, texts: Sequence[str]) -> Any:
    """(N, 384) unit vectors with gradients; sorted by length in two halves to save padding."""
    import torch
    from torch.nn import functional

    ids = [[words.cls, *words.encode(t).ids[: MOST_TOKENS - 2], words.sep] for t in texts]
    order = sorted(range(len(ids)), key=lambda number: len(ids[number]))
    halves = [order[: len(order) // 2], order[len(order) // 2 :]]
    pooled = []
    for half in halves:
        if not half:
            continue
        width = max(len(ids[number]) for number in half)
        rows = torch.zeros(len(half), width, dtype=torch.long)
        mask = torch.zeros_like(rows)
        for row, number in enumerate(half):
            rows[row, : len(ids[number])] = torch.tensor(ids[number])
            mask[row, : len(ids[number])] = 1
        with training_speed.precision(encoder.training):
            states = encoder(
                input_ids=rows, attention_mask=mask, token_type_ids=torch.zeros_like(rows)
            ).last_hidden_state
        states = states.float()
        weight = mask.unsqueeze(-1).to(states.dtype)
        pooled.append((states * weight).sum(1) / weight.sum(1))
    back = torch.tensor(np.argsort(order))
    return functional.normalize(torch.cat(pooled)[back], dim=-1)


def loss(encoder: Any, words: WordPiece, pairs: Sequence[RetrievalPair], seed: int) -> Any:
    """Cross-entropy over the batch's passages; one that holds the answer too is no negative."""
    import torch
    from torch.nn import functional

    rng = random.Random(seed)
    passages = list(dict.fromkeys(pair.passage for pair in pairs))
    where = torch.tensor([passages.index(pair.passage) for pair in pairs])
    asked = encode(encoder, words, [one_view(pair, rng) for pair in pairs])
    scores = SCALE * asked @ encode(encoder, words, passages).T
    also = torch.tensor([[pair.answer in passage for passage in passages] for pair in pairs])
    also[torch.arange(len(pairs)), where] = False
    return functional.cross_entropy(scores.masked_fill(also, -1e4), where)


def train(pairs: Sequence[RetrievalPair], work: Path, *, seconds: float) -> Path:
    """Returns the file of the trained weights."""
    import torch

    torch.manual_seed(7)
    words = WordPiece(base_model.folder() / "tokenizer.json")
    encoder = base_model.encoder()
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=RATE, weight_decay=0.01)

    def losses(epoch: int) -> Iterator[Any]:
        for number, batch in enumerate(batches(pairs, size=BATCH, seed=epoch)):
            yield partial(loss, encoder, words, batch, 1_000_003 * epoch + number)

    say = timed_training.say(10)
    timed_training.train(encoder, optimiser, losses, work, seconds=seconds, on_step=say)
    torch.save(encoder.state_dict(), work / "embedder.pt")
    return work / "embedder.pt"


def between(trained: Path, share: float) -> Any:
    """An encoder `share` of the way from the base model to the trained weights."""
    import torch

    encoder = base_model.encoder()
    base, found = encoder.state_dict(), torch.load(trained, weights_only=True)
    mixed = {
        name: base[name] + share * (found[name] - base[name])
        if base[name].is_floating_point()
        else base[name]
        for name in base
    }
    encoder.load_state_dict(mixed)
    return encoder.eval()


def recall(encoder: Any, pairs: Sequence[RetrievalPair]) -> dict[str, list[float]]:
    """Of each source's held-out questions: recall at 1, 5 and 20 among its passages, dense alone.

    The question is its last view. A passage that holds the answer's words counts.
    """
    words = WordPiece(base_model.folder() / "tokenizer.json")
    found = {}
    for source in sorted({pair.source for pair in pairs}):
        every = [pair for pair in pairs if pair.source == source]
        asked = [pair for pair in every if pair.held_out]
        asked = random.Random(3).sample(asked, min(400, len(asked)))
        # Passages of other pages, up to 3,000, stand among those of the pages asked about.
        own = dict.fromkeys(pair.passage for pair in asked)
        others = [pair.passage for pair in every if pair.passage not in own]
        others = random.Random(4).sample(others, min(len(others), 1_500))
        passages = list(own | dict.fromkeys(others))
        vectors = _vectors(encoder, words, passages)
        scores = _vectors(encoder, words, [pair.views[-1] for pair in asked]) @ vectors.T
        right = np.array(
            [[pair.passage == p or pair.answer in p for p in passages] for pair in asked]
        )
        order = np.argsort(-scores, axis=1)
        sorted_right = np.take_along_axis(right, order, axis=1)
        found[source] = [round(float(sorted_right[:, :k].any(1).mean()), 3) for k in (1, 5, 20)]
    return found


def _right(pair: RetrievalPair, passage: str) -> bool:
    return pair.passage == passage or pair.answer in passage


def _vectors(encoder: Any, words: WordPiece, texts: Sequence[str]) -> NDArray[np.float32]:
    import torch

    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    vectors = np.zeros((len(texts), 384), np.float32)
    with torch.no_grad():
        for at in range(0, len(order), 32):
            some = order[at : at + 32]
            vectors[some] = encode(encoder, words, [texts[number] for number in some]).numpy()
    return vectors


def main() -> None:
    parser = argparse.ArgumentParser(description="Fine-tune the embedder; goes on if stopped.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--shares", type=float, nargs="*", default=[0.0, SHARE, 1.0])
    parser.add_argument("--without-share-alike", action="store_true", help="leave these sets out")
    given = parser.parse_args()
    pairs = load(given.data)
    learned = load(given.data, share_alike=not given.without_share_alike)
    weights = train([p for p in learned if not p.held_out], given.work, seconds=60 * given.minutes)
    for share in given.shares:
        print(share, recall(between(weights, share), pairs), flush=True)


if __name__ == "__main__":
    main()
