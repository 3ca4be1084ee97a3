"""Generators with random weights: the families that people run, as small as a test wants them.

Built as anybody builds one, with onnxruntime-genai's own builder from a folder in transformers'
form, so that what is tested has the graph, the settings and the files of the real thing. They say
nothing of sense: what they show is form, speed and memory.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# The least that each family's own templates do: turns, a system message or none, the tokens.
TEMPLATES = {
    "llama": (
        "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
        "{{ m.content | trim }}<|eot_id|>{% endfor %}"
        "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
    ),
    "mistral": (
        "{{ bos_token }}{% if messages[0].role == 'system' %}{% set told = messages[0].content %}"
        "{% set rest = messages[1:] %}{% else %}{% set told = '' %}{% set rest = messages %}"
        "{% endif %}{% for m in rest %}[INST] {% if loop.first and told %}{{ told }}\n\n{% endif %}"
        "{{ m.content }}[/INST]{% endfor %}"
    ),
    "qwen": (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n"
        "{% if enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
    ),
    "phi": (
        "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
    ),
    "gemma": (
        "{{ bos_token }}{% if messages[0].role == 'system' %}"
        "{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}"
        "<start_of_turn>{{ m.role }}\n{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
        "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
    ),
}
ENDS = {
    "llama": "<|eot_id|>",
    "mistral": "</s>",
    "qwen": "<|im_end|>",
    "phi": "<|end|>",
    "gemma": "<end_of_turn>",
}
OTHERS = {
    "llama": ("<|start_header_id|>", "<|end_header_id|>"),
    "mistral": ("[INST]", "[/INST]"),
    "qwen": ("<|im_start|>",),
    "phi": ("<|system|>", "<|user|>", "<|assistant|>"),
    "gemma": ("<start_of_turn>",),
}
FAMILIES = tuple(TEMPLATES)
ARCHITECTURES = {
    "llama": ("LlamaForCausalLM", "llama", {}),
    "mistral": ("MistralForCausalLM", "mistral", {"sliding_window": 256}),
    "qwen": ("Qwen3ForCausalLM", "qwen3", {}),
    # Other lengths are those of Phi's long-context form, which wants factors for its rotation.
    "phi": ("Phi3ForCausalLM", "phi3", {"pad_token_id": 0, "max_position_embeddings": 4096}),
    "gemma": ("Gemma2ForCausalLM", "gemma2", {"sliding_window": 256}),
}


@dataclass(frozen=True)
class Shape:
    """words: of the vocabulary, at most; the rest as transformers names it."""

    hidden: int = 64
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    inner: int = 128
    words: int = 1_000
    context: int = 1_024
    more: Mapping[str, Any] = field(default_factory=dict)


def build(
    family: str, folder: Path, texts: Iterable[str], shape: Shape = Shape(), *, seed: int = 1
) -> Path:
    """A folder in onnxruntime-genai's form, int4. texts: what the vocabulary is learnt from."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    tokenizer = _tokenizer(family, texts, shape.words)
    architecture, kind, more = ARCHITECTURES[family]
    settings = {
        "vocab_size": max(len(tokenizer), shape.words),
        "hidden_size": shape.hidden,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.hidden // shape.heads,
        "max_position_embeddings": shape.context,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    config = AutoConfig.for_model(
        kind, architectures=[architecture], **(settings | dict(more) | dict(shape.more))
    )
    torch.manual_seed(seed)
    source = folder.with_name(f"{folder.name}-source")
    AutoModelForCausalLM.from_config(config).save_pretrained(source)
    tokenizer.save_pretrained(source)
    _export(source, folder)
    return folder


def _export(source: Path, folder: Path) -> None:
    from onnxruntime_genai.models.builder import create_model, parse_extra_options

    cache = str(folder.with_name("builder-cache"))
    options = parse_extra_options(None, str(source), str(folder), "int4", "cpu", cache, [])
    create_model(None, str(source), str(folder), "int4", "cpu", cache, **options)


def _tokenizer(family: str, texts: Iterable[str], words: int) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["<s>", "</s>", ENDS[family], *OTHERS[family]]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=words,
            special_tokens=list(dict.fromkeys(special)),
            initial_alphabet=alphabet,
            show_progress=False,
        ),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",  # noqa: S106  # a token of text
        eos_token=ENDS[family],
        chat_template=TEMPLATES[family],
    )
