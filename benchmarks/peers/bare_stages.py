"""Firstline's own models without its database: an exact search by meaning, then the reader.

Runs in the environment that serves. The passage whose words stand furthest above no answer, with
relevance, answers, as in chatbot.answering.choose without a fused score.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.peers.protocol import DEPTH, Asked, Found, Job, run
from inference.embedder import Embedder
from inference.reader import Reader, ReaderPassage, Reading

MARGIN_WEIGHT, RELEVANCE_WEIGHT = 0.52, 2.39


def prepare(job: Job) -> Callable[[Asked], Found]:
    embedder = Embedder(job.models / "embedder", threads=job.threads)
    reader = Reader(job.models / "reader", threads=job.threads)
    texts = [one.headed + one.text for one in job.passages]
    vectors = np.concatenate([embedder.encode([text]) for text in texts])

    def answer(one: Asked) -> Found:
        asked = one.asked
        scores = vectors @ embedder.encode([asked])[0]
        nearest = [int(number) for number in np.argsort(-scores)[:DEPTH]]
        first = nearest[: job.read]
        passages = [job.passages[number] for number in first]
        readings = reader.read(
            asked, [ReaderPassage(one.title, one.headings, one.text) for one in passages]
        )
        order = sorted(range(len(first)), key=lambda at: -_score(readings[at]))
        ranked = [*(first[at] for at in order), *nearest[job.read :]]
        best = readings[order[0]]
        if best.start is None or best.end is None:
            return Found(ranked)
        return Found(ranked, (ranked[0], best.start, best.end))

    return answer


def _score(one: Reading) -> float:
    margin = max(-10.0, min(10.0, one.span_score - one.no_answer_score))
    return MARGIN_WEIGHT * margin + RELEVANCE_WEIGHT * one.relevance


if __name__ == "__main__":
    run(prepare)
