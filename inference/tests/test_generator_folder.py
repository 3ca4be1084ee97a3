"""What a folder of a generator says of itself is read with care; nothing is loaded for it."""

import json
from pathlib import Path
from typing import Any

import pytest

from inference import generator_folder
from inference.errors import ModelUnavailable
from inference.generator_folder import chat_template, is_needed, read_form, smallest_cache


def config(**model: Any) -> str:
    decoder = {"filename": "model.onnx", "inputs": {}, "outputs": {}}
    known = {"type": "phi3", "context_length": 4096, "eos_token_id": 7, "decoder": decoder}
    return json.dumps({"model": known | model})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "genai_config.json").write_text(config())
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "model.onnx").write_bytes(b"graph")
    (tmp_path / "tokenizer_config.json").write_text(
        json.dumps({"chat_template": "one", "bos_token": {"content": "<s>"}, "eos_token": "</s>"})
    )
    return tmp_path


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("model.onnx", True),
        ("model.onnx.data", True),
        ("model_q4.onnx_data", True),
        ("model.onnx_data_12", True),
        ("phi3-mini-4k-instruct-cpu-int4.onnx.data", True),
        ("genai_config.json", True),
        ("chat_template.jinja", True),
        ("modeling_phi3.py", False),
        ("model.safetensors", False),
        (".onnx", False),
        ("a/b.onnx", False),
        ("..\\b.onnx", False),
        ("model.onnx.sh", False),
    ],
)
def test_only_files_of_known_names_belong_to_a_model(name: str, needed: bool) -> None:
    assert is_needed(name) is needed


def test_a_form_has_the_files_that_are_needed_and_their_size(folder: Path) -> None:
    (folder / "modeling.py").write_text("import os")
    (folder / "folder.onnx").mkdir()
    form = read_form(folder)
    assert form.files == (
        "genai_config.json",
        "model.onnx",
        "tokenizer.json",
        "tokenizer_config.json",
    )
    assert (form.family, form.context_tokens) == ("phi3", 4096)
    assert form.size_bytes == sum((folder / name).stat().st_size for name in form.files)


def test_the_template_is_found_wherever_it_is_kept(folder: Path) -> None:
    tokens = {"bos_token": "<s>", "eos_token": "</s>"}
    assert chat_template(folder) == ("one", tokens)
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"chat_template": [{"name": "tools", "template": "no"}, {"name": "default"}]})
    )
    with pytest.raises(ModelUnavailable, match="no chat template"):
        chat_template(folder)
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": "two"}))
    assert chat_template(folder)[0] == "two"
    (folder / "chat_template.jinja").write_text("three")
    assert chat_template(folder)[0] == "three"


def test_a_window_sets_the_least_cache(folder: Path) -> None:
    assert smallest_cache(folder) == 0
    window = {"filename": "model.onnx", "sliding_window": {"window_size": 512}}
    (folder / "genai_config.json").write_text(config(decoder=window))
    assert smallest_cache(folder) == 512


@pytest.mark.parametrize("window", [[512], "x", {"window_size": "x"}, {"window_size": -1}])
def test_a_window_that_is_none_stops_nobody(folder: Path, window: Any) -> None:
    """Else each question would end the process that serves all models."""
    decoder = {"filename": "model.onnx", "sliding_window": window}
    (folder / "genai_config.json").write_text(config(decoder=decoder))
    assert smallest_cache(folder) == 0


def test_templates_of_strange_names_are_passed_over(folder: Path) -> None:
    named = [{"name": [], "template": "no"}, {"name": "default", "template": "yes"}]
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": named}))
    assert chat_template(folder)[0] == "yes"


def test_what_is_absurd_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("[]", "{", json.dumps({"model": 3}), config(eos_token_id=[]), config(type=5)):
        (folder / "genai_config.json").write_text(text)
        with pytest.raises(ModelUnavailable, match="genai_config"):
            read_form(folder)
    hostile = ("[" * 100_000, config(eos_token_id="x"), config(eos_token_id=float("inf")),
               config(context_length=True), config(vocab_size="many"))  # fmt: skip
    for text in hostile:
        (folder / "genai_config.json").write_text(text)
        with pytest.raises(ModelUnavailable, match="genai_config"):
            read_form(folder)
    (folder / "genai_config.json").write_text(config())
    monkeypatch.setattr(generator_folder, "MOST_TEXT_BYTES", 1)
    with pytest.raises(ModelUnavailable, match="larger than"):
        read_form(folder)
    monkeypatch.setattr(generator_folder, "MOST_FILES", 1)
    with pytest.raises(ModelUnavailable, match="more than 1 files"):
        read_form(folder)
