"""Three lines of a dialogue: its own sentences, chosen by what they are near to."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.assist.summary import LONGEST, Line, Summary, summarise

WORDS = ("anvil", "parcel", "refund", "horn")


class Counted:
    """A text as how often it names each of four words: a bag of words of unit length."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [[text.lower().count(word) + 0.01 for word in WORDS] for text in texts]
        found = np.array(rows, np.float32)
        unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
        return unit


def lines(*said: str) -> list[Line]:
    """A visitor's lines begin with "V:"."""
    return [Line(text.startswith("V:"), text.removeprefix("V:")) for text in said]


def test_it_says_what_was_asked_tried_and_is_left_open() -> None:
    dialogue = lines(
        "V:Good day to you all. Can I return my anvil? The anvil is heavy.",
        "You may return an anvil within 30 days. A parcel takes a week.",
        "V:And who pays for the parcel back? The parcel is large.",
    )

    assert summarise(Counted(), dialogue) == Summary(
        asked="Can I return my anvil?",
        tried="You may return an anvil within 30 days.",
        left_open="And who pays for the parcel back?",
    )


def test_where_the_last_word_is_ours_nothing_is_open() -> None:
    dialogue = lines("V:Where is my parcel please?", "Your parcel comes on Monday.")
    assert summarise(Counted(), dialogue).left_open == ""


def test_where_nothing_was_tried_the_question_is_open() -> None:
    found = summarise(Counted(), lines("V:Where is my parcel please?"))
    assert found == Summary(asked=found.left_open, tried="", left_open="Where is my parcel please?")


def test_fragments_and_long_texts_and_nothing_at_all_are_summarised_too() -> None:
    assert summarise(Counted(), []) == Summary()
    assert summarise(Counted(), lines("Hello there, how are you?")) == Summary()
    assert summarise(Counted(), lines("V:anvil!")).asked == "anvil!"
    assert len(summarise(Counted(), lines("V:my anvil " + "x" * 900)).asked) == LONGEST
