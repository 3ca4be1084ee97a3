"""Folders in the form of a generator, a store of their own, and a stand-in for the process."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from chatbot.local_models import engine, store

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CONFIG: dict[str, Any] = {
    "model": {
        "type": "qwen3",
        "context_length": 1024,
        "vocab_size": 3,
        "bos_token_id": 0,
        "eos_token_id": [1, 2],
        "decoder": {
            "filename": "model.onnx",
            "session_options": {"custom_ops_library": "/tmp/evil.so"},  # noqa: S108  # never read
            "inputs": {"input_ids": "input_ids"},
            "outputs": {"logits": "logits"},
        },
    },
    "search": {"max_length": 1024},
}


def folder(root: Path, name: str) -> Path:
    """As small as the form allows; its weights are none."""
    from tokenizers import Tokenizer, models

    made = root / name
    made.mkdir(parents=True)
    vocabulary = {"a": 0, "<|im_end|>": 1, "<|im_start|>": 2}
    Tokenizer(models.WordLevel(vocabulary, unk_token="a")).save(str(made / "tokenizer.json"))
    (made / "tokenizer_config.json").write_text(json.dumps({"chat_template": TEMPLATE}))
    (made / "genai_config.json").write_text(json.dumps(CONFIG))
    (made / "model.onnx").write_bytes(f"weights of {name}".encode())
    (made / "model.onnx.data").write_bytes(b"more weights" * 100)
    (made / "README.md").write_text("not needed")
    return made


def own_store(root: Path, settings: Settings) -> None:
    settings.ARTEFACTS_DIR = root / "kept"
    settings.ARTEFACT_CACHE_DIR = root / "cache"
    settings.STORAGES = settings.STORAGES | {
        "artefacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": root / "kept"},
        }
    }


def standing_in(
    root: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[engine.Engine]:
    """The engine with the stand-in behind it; models are added by the names of its modes."""
    own_store(root, settings)
    monkeypatch.setattr(engine, "MODULE", "tests.generator_standin")
    yield engine.engine
    engine.engine.close()


def added(root: Path, mode: str) -> str:
    store.add(folder(root / "folders", mode), mode)
    return mode


def heard(mode: str) -> list[dict[str, Any]]:
    """What the stand-in was told."""
    path = store.unpacked(mode) / "heard.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
