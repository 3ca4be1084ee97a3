"""An answer in steps: whole characters only, its end, its bound. The runtime is played."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from inference.errors import GenerationFailed
from inference.generator import LENGTH, STEP_TOKENS, STOP, Generation

TEXT = "Офис открыт с 9 до 18 🙂 ok"
END = 256


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """One token for each byte, and one that ends a turn."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({letter: at for at, letter in enumerate(letters)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(["<|end|>"])
    return made


class Run:
    """Gives tokens in order; `read` is what it was given of the prompt, part by part."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens, self.read = iter(tokens), list[int]()

    def append_tokens(self, part: Any) -> None:
        self.read.append(len(part))

    def generate_next_token(self) -> None:
        self.now = next(self.tokens)

    def get_next_tokens(self) -> list[int]:
        return [self.now]


def answer(tokenizer: Tokenizer, run: Any, *, prompt: int = 3, most: int = 500) -> Generation:
    owner: Any = SimpleNamespace(tokenizer=tokenizer, stops=frozenset({END}))
    return Generation(run, owner, [1] * prompt, most)


def pieces(one: Generation) -> list[str]:
    found = []
    while not one.ended:
        found.append(one.step())
    return [piece for piece in found if piece]


def test_a_character_of_several_tokens_comes_whole(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.encode(TEXT).ids
    assert len(tokens) == len(TEXT.encode())
    one = answer(tokenizer, Run([*tokens, END]))
    assert pieces(one) == list(TEXT)
    assert (one.ended, one.tokens) == (STOP, len(tokens))


def test_half_a_character_at_the_bound_is_not_said(tokenizer: Tokenizer) -> None:
    one = answer(tokenizer, Run(tokenizer.encode("да").ids), most=3)
    assert pieces(one) == ["д"]
    assert (one.ended, one.tokens) == (LENGTH, 3)


def test_a_prompt_is_read_in_parts(tokenizer: Tokenizer) -> None:
    run = Run([END])
    one = answer(tokenizer, run, prompt=STEP_TOKENS * 2 + 1)
    assert pieces(one) == [] and run.read == [STEP_TOKENS, STEP_TOKENS, 1]


def test_an_error_of_the_runtime_names_its_kind_and_no_text(tokenizer: Tokenizer) -> None:
    class Broken(Run):
        def generate_next_token(self) -> None:
            raise RuntimeError("what Vera asked")

    with pytest.raises(GenerationFailed, match=r"^RuntimeError$"):
        pieces(answer(tokenizer, Broken([])))
