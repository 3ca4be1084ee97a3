"""Grouping by average cosine: by hand, step by step, and with the embedder that ships."""

import numpy as np

from knowledge import embedding
from learning.linkage import SAME_MEANING, Vectors, agglomerate, join


def at(*degrees: float) -> Vectors:
    """Unit vectors in the plane."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_question_joins_the_group_that_it_is_nearest_to_on_average() -> None:
    # A mean of two opposite-ish members is short: 60° from its direction is too far, 0° is near.
    wide, narrow = at(-60, 60).mean(axis=0), at(90, 90).mean(axis=0)
    means = np.stack([wide, narrow])
    assert join(at(0), means).tolist() == [0]  # cosines 0.5 and 0.5 to the members, on average 0.5
    assert join(at(80), means).tolist() == [1]
    assert join(at(200), means).tolist() == [-1]
    assert join(at(0), np.empty((0, 2), np.float32)).tolist() == [-1]


def test_what_is_near_on_average_becomes_one_group() -> None:
    assert agglomerate(at(0, 10, 180, 20, 190)).tolist() == [0, 0, 1, 0, 1]
    assert agglomerate(at(0)).tolist() == [0]
    assert agglomerate(np.empty((0, 2), np.float32)).tolist() == []


def test_a_chain_does_not_hold_what_is_far_on_average() -> None:
    """Single linkage would make one group of neighbours that lie 50° apart each."""
    assert SAME_MEANING == 0.5  # 60°
    assert len(set(agglomerate(at(0, 50, 100, 150)).tolist())) == 2


TOPICS = {
    "password": [
        "How do I reset my password?", "I forgot my password and can't log in",
        "where can I change the password of my account",
    ],
    "refund": [
        "When do I get my money back?", "how long does a refund take",
        "My refund has not arrived yet",
    ],
    "delivery": [
        "Do you deliver to Norway?", "is delivery to Norway possible",
        "Can you ship my order to Norway",
    ],
}  # fmt: skip


def test_the_shipped_embedder_tells_topics_apart() -> None:
    texts = [(topic, text) for topic, rows in TOPICS.items() for text in rows]
    labels = agglomerate(embedding.embed([text for _topic, text in texts]))
    groups: dict[int, set[str]] = {}
    for label, (topic, _text) in zip(labels, texts, strict=True):
        groups.setdefault(int(label), set()).add(topic)
    assert all(len(topics) == 1 for topics in groups.values())
    assert len(groups) <= len(TOPICS) + 1
