"""The reader as a torch module: a MiniLM encoder, a span head and a relevance head."""

import inspect
from pathlib import Path
from typing import Any

from tuning import base_model, training_speed


def new_reader(encoder: Path | None = None) -> Any:
    """Weights of the base model, or of another encoder's folder; the two heads are new."""
    import torch

    class ReaderModel(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = base_model.encoder(encoder)
            self.typed = "token_type_ids" in inspect.signature(self.encoder.forward).parameters
            width = int(self.encoder.config.hidden_size)
            self.span = torch.nn.Linear(width, 2)
            self.relevance = torch.nn.Linear(width, 1)

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            """start and end logits (B, T), relevance logit (B,); padding at -1e4."""
            types = {"token_type_ids": token_type_ids} if self.typed else {}
            with training_speed.precision(self.training):
                states = self.encoder(
                    input_ids=input_ids, attention_mask=attention_mask, **types
                ).last_hidden_state
            states = states.float()
            spans = self.span(states)
            hidden = (1 - attention_mask).to(spans.dtype) * 1e4
            relevance = self.relevance(states[:, 0]).squeeze(-1)
            return spans[..., 0] - hidden, spans[..., 1] - hidden, relevance

    return ReaderModel()


def run(model: Any, batch: dict[str, Any]) -> Any:
    """start and end logits (B, T), relevance logits (B,) of a batch of reader_batches.tensors."""
    return model(**{k: batch[k] for k in ("input_ids", "attention_mask", "token_type_ids")})


def loss(logits: Any, batch: dict[str, Any]) -> Any:
    """Cross-entropy of both ends (the first token where there is no answer), relevance, order.

    logits: as `run` gives them. Order: within each group that has an answer, cross-entropy of
    which passage it is in.
    """
    from torch.nn import functional

    starts, ends, relevance = logits
    span = functional.cross_entropy(starts, batch["first"])
    span = (span + functional.cross_entropy(ends, batch["last"])) / 2
    alone = functional.binary_cross_entropy_with_logits(relevance, batch["relevant"])
    return span + 0.5 * alone + 0.5 * _order(relevance, batch["relevant"], batch["group"])


def _order(relevance: Any, relevant: Any, group: Any) -> Any:
    """relevance: (B,) logits; the mean over the rows that answer and have others beside them."""
    import torch

    together = group.unsqueeze(0) == group.unsqueeze(1)
    logits = relevance.unsqueeze(0).masked_fill(~together, -1e4)
    lost = torch.logsumexp(logits, dim=1) - relevance
    counted = (relevant > 0) & (together.sum(1) > 1)
    return lost[counted].mean() if bool(counted.any()) else relevance.sum() * 0
