"""The form of a generator's folder: a model as onnxruntime-genai's builder writes it.

What a model hub or a builder gives is a stranger's: only files with plain names and known endings
are taken, and of `genai_config.json` only what says how the model is called. Left out are the
session's options, which could name a library to load, and everything about pictures and sound.
Nothing here loads a model, jinja2 or tokenizers; the web process may import it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from inference.errors import ModelUnavailable

KIND = "generator"
CONFIG, TOKENIZER, MANIFEST = "genai_config.json", "tokenizer.json", "manifest.json"
TEXTS = frozenset(
    {CONFIG, TOKENIZER, "tokenizer_config.json", "chat_template.jinja", "chat_template.json"}
)
WEIGHTS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.onnx(?:[._]data(?:[._-]?\d{1,4})?)?")
MOST_FILES = 60
MOST_TEXT_BYTES = 40_000_000  # a tokenizer of 260,000 words has 30 MB
MOST_CONFIG_BYTES = 1_000_000
NOT_TEXT = ("encoder", "embedding", "vision", "speech", "pipeline", "audio")
DECODER = (
    "filename", "head_size", "hidden_size", "inputs", "outputs", "num_attention_heads",
    "num_hidden_layers", "num_key_value_heads",
)  # fmt: skip
CALLED_BY = ("bos_token_id", "eos_token_id", "pad_token_id", "context_length", "vocab_size", "type")


@dataclass(frozen=True)
class Form:
    """What a folder holds. `files`: their names, in order; `family`: such as phi3 or qwen2."""

    files: tuple[str, ...]
    family: str
    context_tokens: int
    size_bytes: int


def is_needed(name: str) -> bool:
    """Whether a file of this name belongs to the model."""
    return name in TEXTS or bool(WEIGHTS.fullmatch(name))


def read_form(folder: Path) -> Form:
    """Raises ModelUnavailable, which says what is missing or not as it must be."""
    if not folder.is_dir():
        raise ModelUnavailable(f"{folder} is not a folder")
    files = sorted(path.name for path in folder.iterdir() if is_needed(path.name))
    files = [name for name in files if (folder / name).is_file()]
    if len(files) > MOST_FILES:
        raise ModelUnavailable(f"more than {MOST_FILES} files")
    for name in files:
        if name in TEXTS and (folder / name).stat().st_size > MOST_TEXT_BYTES:
            raise ModelUnavailable(f"{name} is larger than {MOST_TEXT_BYTES // 1_000_000} MB")
    config = cleaned_config(folder)
    decoder = config["model"]["decoder"]["filename"]
    for name in (TOKENIZER, decoder):
        if name not in files:
            raise ModelUnavailable(f"{name} is missing")
    return Form(
        files=tuple(files),
        family=config["model"]["type"],
        context_tokens=config["model"]["context_length"],
        size_bytes=sum((folder / name).stat().st_size for name in files),
    )


def cleaned_config(folder: Path) -> dict[str, Any]:
    """What the runtime is told of the model: known fields alone. Raises ModelUnavailable.

    A window over the cache of keys is left out: the graph itself looks no further back, and the
    runtime's own window fails where a prompt is longer (onnxruntime-genai 0.18, Mistral).
    """
    raw = _json(folder / CONFIG, most_bytes=MOST_CONFIG_BYTES)
    try:
        model, decoder = raw["model"], raw["model"]["decoder"]
        others = [name for name in NOT_TEXT if name in model or name in decoder]
        if others:
            raise ModelUnavailable(f"{CONFIG}: not a model of text alone ({', '.join(others)})")
        told = {name: model[name] for name in CALLED_BY if name in model}
        told["decoder"] = {name: decoder[name] for name in DECODER if name in decoder}
        told["decoder"]["session_options"] = {"provider_options": []}
        sound = (
            isinstance(told["type"], str)
            and re.fullmatch(r"[a-z0-9_-]{1,40}", told["type"])
            and all(
                _is_count(told[name]) for name in ("context_length", "vocab_size") if name in told
            )
            and "context_length" in told
            and WEIGHTS.fullmatch(decoder["filename"])
            and stop_tokens(told)
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ModelUnavailable(f"{CONFIG}: not in onnxruntime-genai's form ({error})") from None
    if not sound:
        raise ModelUnavailable(f"{CONFIG}: not in onnxruntime-genai's form")
    return {"model": told, "search": {"do_sample": False, "past_present_share_buffer": True}}


def smallest_cache(folder: Path) -> int:
    """Tokens that the cache of keys must hold at least: a window that the graph looks through."""
    decoder = _json(folder / CONFIG, most_bytes=MOST_CONFIG_BYTES)["model"]["decoder"]
    window = decoder.get("sliding_window")
    size = window.get("window_size") if isinstance(window, dict) else 0
    return size if _is_count(size) else 0


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and value > 0  # true is an int too


def stop_tokens(model: Mapping[str, Any]) -> frozenset[int]:
    """The numbers of the tokens that end an answer."""
    found = model["eos_token_id"]
    return frozenset(int(one) for one in (found if isinstance(found, list) else [found]))


def chat_template(folder: Path) -> tuple[str, Mapping[str, str]]:
    """The model's template and its named tokens. Raises ModelUnavailable where there is none."""
    config: dict[str, Any] = {}
    if (folder / "tokenizer_config.json").is_file():
        config = _json(folder / "tokenizer_config.json", most_bytes=MOST_TEXT_BYTES)
    if (folder / "chat_template.jinja").is_file():
        found: Any = (folder / "chat_template.jinja").read_text(encoding="utf-8", errors="replace")
    elif (folder / "chat_template.json").is_file():
        path = folder / "chat_template.json"
        found = _json(path, most_bytes=MOST_CONFIG_BYTES).get("chat_template")
    else:
        found = config.get("chat_template")
    if isinstance(found, list):  # several, by name
        named = [one for one in found if isinstance(one, dict) and one.get("name") == "default"]
        found = named[-1].get("template") if named else None
    if not isinstance(found, str) or not found.strip():
        raise ModelUnavailable("it has no chat template: it was not trained to answer questions")
    return found, {name: _token(config.get(name)) for name in ("bos_token", "eos_token")}


def _token(value: Any) -> str:
    content = value.get("content", "") if isinstance(value, dict) else value
    return content if isinstance(content, str) else ""


def _json(path: Path, *, most_bytes: int) -> dict[str, Any]:
    try:
        if path.stat().st_size > most_bytes:
            raise ModelUnavailable(f"{path.name} is too large")
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelUnavailable(f"{path.name} is missing") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelUnavailable(f"{path.name} cannot be read ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise ModelUnavailable(f"{path.name} is not an object")
    return found
