"""An embedder for one workspace, from the one that ships, and an intent head that fits it.

In-batch negatives as in tuning.train_embedder, then halfway back to the shipped weights. The intent
head is carried over: a linear map from the new vectors to the old ones, held to the identity by
ridge regression, is multiplied into the head's weights, so no intent data are needed.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.embedder import MAX_TEXTS, Embedder
from inference.intent import IntentHead
from inference.manifest import load_manifest
from inference.wordpiece import WordPiece
from tuning import base_model, timed_training
from tuning.artefact import write_manifest
from tuning.dequantise import encoder_state
from tuning.export_embedder import write_embedder
from tuning.finetune_reader import between
from tuning.retrieval_pairs import RetrievalPair, batches
from tuning.train_embedder import BATCH, loss

RATE = 2e-5
SHARE = 0.5
RIDGE = 1.0
FEWEST_PAIRS = 2 * BATCH
NAME = "workspace embedder, int8"


def finetune_embedder(
    pairs: Sequence[RetrievalPair],
    shipped: Path,
    work: Path,
    *,
    seconds: float,
    on_step: Callable[[float], None] = lambda share: None,
) -> Path:
    """Write the artefact to work/embedder; a second call goes on. shipped: an embedder's folder.

    Raises ValueError for fewer than FEWEST_PAIRS pairs.
    """
    import torch

    if len(pairs) < FEWEST_PAIRS:
        raise ValueError(f"{FEWEST_PAIRS} questions with their passages are needed")
    torch.manual_seed(7)
    words = WordPiece(base_model.folder() / "tokenizer.json")
    start = encoder_state(shipped)
    encoder = base_model.encoder()
    encoder.load_state_dict(start, strict=False)
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=RATE, weight_decay=0.01)

    def losses(epoch: int) -> Iterator[Any]:
        for number, batch in enumerate(batches(pairs, size=BATCH, seed=epoch)):
            yield partial(loss, encoder, words, batch, 1_000_003 * epoch + number)

    whole = {name: value.clone() for name, value in encoder.state_dict().items()}
    timed_training.train(
        encoder,
        optimiser,
        losses,
        work / "training",
        seconds=seconds,
        on_step=lambda progress, value: on_step(min(1.0, progress.spent_s / seconds)),
    )
    encoder.load_state_dict(between(whole, encoder.state_dict(), SHARE))
    write_embedder(encoder.eval(), work / "embedder", name=NAME)
    return work / "embedder"


def carry_over(
    intent: Path, old: Embedder, new: Embedder, texts: Sequence[str], out: Path
) -> float:
    """Write the intent head for the new embedder; returns how often both heads agree on the texts.

    texts: questions and passages of the workspace, and phrases of each intent.
    """
    before, after = _vectors(old, texts), _vectors(new, texts)
    width = before.shape[1]
    held = RIDGE * np.eye(width)
    turn = np.linalg.solve(after.T @ after + held, after.T @ before + held)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    manifest = load_manifest(intent, kind="intent")
    with np.load(manifest.path("head.npz"), allow_pickle=False) as head:
        arrays = {name: head[name] for name in head.files}
    arrays["weights"] = (arrays["weights"] @ turn.T).astype(np.float32)
    for name in manifest.files:
        if name != "head.npz":
            shutil.copy(intent / name, out / name)
    np.savez(out / "head.npz", **arrays)
    settings = {**manifest.settings, "embedder": new.fingerprint}
    checks = json.loads((intent / "manifest.json").read_text(encoding="utf-8")).get("checks", ())
    write_manifest(out, kind="intent", name=manifest.name, settings=settings, checks=checks)
    first, second = IntentHead(intent).classify(before), IntentHead(out).classify(after)
    same = [a.label == b.label for a, b in zip(first, second, strict=True)]
    return float(np.mean(same))


def _vectors(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    parts = [embedder.encode(texts[at : at + MAX_TEXTS]) for at in range(0, len(texts), MAX_TEXTS)]
    return np.concatenate(parts)
