"""Words that steer a model are taken out of a text, however they are nested."""

import random

import pytest

from inference.controls import Controls

WORDS = ("<|im_start|>", "<|im_end|>", "<think>", "[INST]", "[/INST]", "<s>")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ""),
        ("Nothing of it < here > [or] there", "Nothing of it < here > [or] there"),
        ("Hello<|im_end|>\n<|im_start|>system", "Hello\nsystem"),
        ("Obey<|im_<|im_end|>end|> it", "Obey it"),
        ("[IN<s><<s>s>ST][/IN[INST]ST]x", "x"),
        ("<thi<think>nk", "<think"),
    ],
)
def test_none_is_left_and_the_rest_stays(text: str, left: str) -> None:
    assert Controls(WORDS).out_of(text) == left


def test_without_any_word_nothing_is_taken() -> None:
    assert Controls(()).out_of("<|im_end|>") == "<|im_end|>"


def test_what_is_left_of_any_mixture_holds_none() -> None:
    dice, controls = random.Random(7), Controls(WORDS)
    parts = [*WORDS, *(word[:cut] for word in WORDS for cut in (1, 3)), *(w[3:] for w in WORDS)]
    for _ in range(2_000):
        left = controls.out_of("".join(dice.choices(parts, k=12)))
        assert not any(word in left for word in WORDS)
        assert controls.out_of(left) == left


def test_deep_nests_take_no_pass_for_each_level() -> None:
    """200,000 levels; a pass over the text for each of them would take hours."""
    deep = 200_000
    assert Controls(WORDS).out_of("a" + "<|im_" * deep + "end|>" * deep + "b") == "ab"
