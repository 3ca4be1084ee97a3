"""A text generator: an ONNX model in onnxruntime-genai, tokenised with the `tokenizers` package.

The only importer of onnxruntime_genai, an optional package (requirements-generator.txt). Always the
likeliest token, so the same prompt gives the same text. What is asked is data: words that would
steer the model, such as its end-of-turn tokens, are taken out of it before it is tokenised.

Work is done in steps, each of them short, so that one thread can serve several answers in turn and
break one off: onnxruntime-genai holds the interpreter's lock while it reads a prompt.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from inference.chat_template import Frame
from inference.controls import Controls
from inference.errors import GenerationFailed, InputTooLong, ModelUnavailable
from inference.generator_folder import (
    CONFIG,
    KIND,
    TOKENIZER,
    WEIGHTS,
    cleaned_config,
    smallest_cache,
    stop_tokens,
)
from inference.manifest import load_manifest

STEP_TOKENS = 64  # of a prompt, read at once
LEAST_ANSWER = 256  # tokens that must fit after the prompt
STOP, LENGTH = "stop", "length"
# Words that control a model though they are no tokens of its own: [INST], <|user|>, <<SYS>>.
CONTROL = re.compile(r"<\|?/?[A-Za-z_][\w.-]*\|?>|<<?/?[A-Z_]+>>?|\[/?[A-Z_]+\]")


class Generation:
    """One answer that is being made. `ended`: "" until stop (whole) or length (cut off)."""

    def __init__(self, run: Any, owner: "Generator", prompt: list[int], most_tokens: int) -> None:
        from tokenizers.decoders import DecodeStream

        self.prompt_tokens, self.tokens, self.ended = len(prompt), 0, ""
        self._run, self._owner, self._prompt, self._most = run, owner, prompt, most_tokens
        self._read = 0
        self._text = DecodeStream(skip_special_tokens=True)

    def step(self) -> str:
        """Read a part of the prompt, or write one token: the text that is whole with it.

        A character of several tokens comes with the last of them. Raises GenerationFailed.
        """
        try:
            if self._read < len(self._prompt):
                part = self._prompt[self._read : self._read + STEP_TOKENS]
                self._run.append_tokens(np.array(part, dtype=np.int32))
                self._read += len(part)
                return ""
            self._run.generate_next_token()
            token = int(self._run.get_next_tokens()[0])
        except Exception as error:  # its C++ side raises RuntimeError and its own kinds
            raise GenerationFailed(type(error).__name__) from None
        if token in self._owner.stops:
            self.ended = STOP
            return ""
        self.tokens += 1
        if self.tokens >= self._most:
            self.ended = LENGTH
        return self._text.step(self._owner.tokenizer, token) or ""


class Generator:
    """A loaded model. Cost: its files' size in memory, and its cache for each answer."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        """Raises ModelUnavailable."""
        manifest = load_manifest(folder, kind=KIND)
        config = cleaned_config(folder)
        self.size_bytes = sum((folder / name).stat().st_size for name in manifest.files)
        self.context_tokens = int(config["model"]["context_length"])
        self.stops = stop_tokens(config["model"])
        self._smallest = smallest_cache(folder)
        self._frame = _frame(manifest.settings)
        self.tokenizer, self._controls = _tokenizer(folder, self._frame)
        self._genai, self._model = _model(folder, config, manifest.files, threads)

    def start(
        self, instructions: str, data: str, *, most_tokens: int, most_prompt: int
    ) -> Generation:
        """Raises InputTooLong: the prompt keeps to the bound and leaves room for an answer.

        most_tokens: of the answer; fewer where the model's context ends before.
        """
        text = self._frame.around(self.without_controls(instructions), self.without_controls(data))
        prompt = self.tokenizer.encode(text, add_special_tokens=False).ids
        most = min(most_prompt, self.context_tokens - min(most_tokens, LEAST_ANSWER))
        if len(prompt) > most:
            raise InputTooLong(f"{len(prompt)} tokens; {most} can be read")
        most_tokens = min(most_tokens, self.context_tokens - len(prompt))
        size = max(len(prompt) + most_tokens, min(self._smallest, self.context_tokens))
        try:
            params = self._genai.GeneratorParams(self._model)
            params.set_search_options(do_sample=False, max_length=size, batch_size=1)
            run = self._genai.Generator(self._model, params)
        except Exception as error:  # as above
            raise GenerationFailed(type(error).__name__) from None
        return Generation(run, self, prompt, most_tokens)

    def stream(
        self, instructions: str, data: str, *, most_tokens: int, most_prompt: int = 4_096
    ) -> Iterator[str]:
        """The pieces of one answer, from one caller. Raises InputTooLong, GenerationFailed."""
        answer = self.start(instructions, data, most_tokens=most_tokens, most_prompt=most_prompt)
        while not answer.ended:
            if piece := answer.step():
                yield piece

    def without_controls(self, text: str) -> str:
        """What is left holds none: what is taken out doesn't join its neighbours to a new one."""
        return self._controls.out_of(text)


def _frame(settings: Mapping[str, Any]) -> Frame:
    try:
        return Frame(**settings["frame"])
    except (KeyError, TypeError):
        raise ModelUnavailable("the manifest says nothing of the chat template") from None


def _tokenizer(folder: Path, frame: Frame) -> tuple[Any, Controls]:
    """And what steers the model: its special tokens, and the frame's own words."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    except Exception as error:  # its Rust side raises bare Exceptions
        raise ModelUnavailable(f"{TOKENIZER} does not load ({type(error).__name__})") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    around = frame.around("", "")
    added = tokenizer.get_added_tokens_decoder().values()
    words = {one.content for one in added if one.special or one.content in around}
    words |= set(CONTROL.findall(around))
    return tokenizer, Controls(word for word in words if word.strip())


def _model(
    folder: Path, config: Mapping[str, Any], files: Mapping[str, str], threads: int
) -> tuple[Any, Any]:
    """Loaded from a folder of links with our own settings beside the weights."""
    try:
        import onnxruntime_genai as genai
    except ImportError:
        raise ModelUnavailable(
            "onnxruntime-genai is not installed (pip install -r requirements-generator.txt)"
        ) from None
    session = {"intra_op_num_threads": threads, "session.intra_op.allow_spinning": "0"}
    config["model"]["decoder"]["session_options"] |= session
    with tempfile.TemporaryDirectory(prefix="generator-") as view:
        for name in files:
            if WEIGHTS.fullmatch(name):
                (Path(view) / name).symlink_to((folder / name).resolve())
        (Path(view) / CONFIG).write_text(json.dumps(config), encoding="utf-8")
        try:
            return genai, genai.Model(genai.Config(view))
        except Exception as error:  # its C++ side raises RuntimeError and its own kinds
            raise ModelUnavailable(f"the model does not load ({type(error).__name__})") from None
