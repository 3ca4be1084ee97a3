"""A trained reader that another one learns from: a larger one, or one that ships.

Distillation: its probabilities of each place and of relevance, softened, beside the labels (Hinton,
Vinyals and Dean 2015, arXiv 1503.02531). A larger encoder must cut words into the same pieces,
as BERT's uncased vocabulary does and MPNet's, which holds it: then each token's logits face.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tuning import base_model
from tuning.dequantise import trained_reader
from tuning.reader_batches import ReaderRow, tensors
from tuning.reader_model import loss, new_reader, run

TEMPERATURE = 2.0
SHARE = 0.5  # of the loss, from the teacher
SPECIAL = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>"}


def token_ids(encoder: Path) -> Any:
    """(V,) for each token of the base model its number in the encoder's vocabulary.

    Raises ValueError where the encoder's tokenizer.json lacks a piece.
    """
    import torch

    ours, theirs = _vocabulary(base_model.folder()), _vocabulary(encoder)
    found = torch.zeros(max(ours.values()) + 1, dtype=torch.long)
    for token, number in ours.items():
        theirs_too = theirs.get(token, theirs.get(SPECIAL.get(token, token)))
        if theirs_too is None:
            raise ValueError(f"the encoder's vocabulary has no {token!r}")
        found[number] = theirs_too
    return found


def _vocabulary(folder: Path) -> dict[str, int]:
    read = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    found: dict[str, int] = read["model"]["vocab"]
    return found


class Teacher:
    """A trained reader; called with a batch of the small one's tokens, it gives logits.

    encoder: what it was trained from. weights: the file of its training, or an exported reader.
    """

    def __init__(self, encoder: Path, weights: Path) -> None:
        self._ids = token_ids(encoder)
        self._model = new_reader(encoder)
        self._model.load_state_dict(trained_reader(weights))
        self._model.eval()
        self._model.training = True  # for bfloat16 alone: its parts stay without dropout

    def __call__(self, batch: dict[str, Any]) -> Any:
        """start and end logits (B, T), relevance logits (B,)."""
        import torch

        with torch.no_grad():
            return run(self._model, self.translated(batch))

    def translated(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {**batch, "input_ids": self._ids[batch["input_ids"]]}


def distilled(model: Any, rows: Sequence[ReaderRow], teacher: Teacher) -> Any:
    """The reader's own loss and its distance from the teacher, half each."""
    batch = tensors(rows)
    logits = run(model, batch)
    told = teacher(batch)
    return (1 - SHARE) * loss(logits, batch) + SHARE * distance(logits, told)


def distance(logits: Any, told: Any) -> Any:
    """Cross-entropy with the softened teacher: the mean of both ends, and half of relevance."""
    from torch.nn import functional

    ends = [_soft(logits[at], told[at]) for at in (0, 1)]
    alone = functional.binary_cross_entropy_with_logits(logits[2], told[2].sigmoid())
    return (ends[0] + ends[1]) / 2 + 0.5 * alone


def _soft(logits: Any, told: Any) -> Any:
    """Times the square of the temperature, so that gradients keep their size."""
    from torch.nn import functional

    wanted = functional.softmax(told / TEMPERATURE, dim=-1)
    found = functional.log_softmax(logits / TEMPERATURE, dim=-1)
    return functional.kl_div(found, wanted, reduction="batchmean") * TEMPERATURE**2
