"""The best span: worked by hand, and against trying every pair."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.reader import best_span, question_with_history

LOGITS = arrays(np.float32, st.just(9), elements=st.floats(-9, 9, width=16))


def test_an_example_by_hand() -> None:
    starts = np.array([0.0, 5.0, 1.0, 0.0], np.float32)
    ends = np.array([6.0, 0.0, 2.0, 3.0], np.float32)
    # 5 + 6 = 11 would end before it begins; 5 + 3 is 3 tokens long; 5 + 2 is 2 long.
    assert best_span(starts, ends, 4) == (1, 3, 8.0)
    assert best_span(starts, ends, 2) == (1, 2, 7.0)


@given(LOGITS, LOGITS, st.integers(1, 12))
def test_equals_trying_every_pair(starts: np.ndarray, ends: np.ndarray, most: int) -> None:
    tried = max(float(starts[i] + ends[j]) for i in range(9) for j in range(i, min(9, i + most)))
    first, last, score = best_span(starts, ends, most)
    assert score == tried
    assert 0 <= first <= last < first + most


def test_the_newest_message_comes_first() -> None:
    history = [
        ("visitor", "one"),
        ("bot", "two"),
        ("visitor", "three "),
        ("bot", "4"),
        ("bot", "5"),
    ]
    assert question_with_history(" now? ", history) == "now? | 5 | 4 | three | two"
