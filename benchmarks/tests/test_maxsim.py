"""MaxSim by hand, and token vectors of the embedder that ships."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.maxsim import maxsim
from inference.embedder import Embedder


def test_the_best_passage_token_counts_for_each_token_of_the_question() -> None:
    asked = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    held = np.array([[0.6, 0.8], [1.0, 0.0]], np.float16)
    assert maxsim(asked, held) == pytest.approx((1.0 + 0.8) / 2, abs=1e-3)


def test_a_text_is_nearest_to_itself_and_its_tokens_are_its_words() -> None:
    embedder = Embedder(Path("models/embedder"))
    tokens = embedder.tokens("reset my password")
    assert tokens.shape == (3, 384)
    assert np.linalg.norm(tokens, axis=1) == pytest.approx(1.0, abs=1e-5)
    own = maxsim(tokens, tokens.astype(np.float16))
    assert own == pytest.approx(1.0, abs=1e-2)
    assert maxsim(tokens, embedder.tokens("ships to France").astype(np.float16)) < own
