"""sentence-transformers in PyTorch: a bi-encoder finds, a cross-encoder orders the first ones.

Runs in the peers' environment. It chooses passages, no words.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.peers.protocol import DEPTH, Asked, Found, Job, run


def prepare(job: Job) -> Callable[[Asked], Found]:
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer

    torch.set_num_threads(job.threads)
    embedder = SentenceTransformer(str(job.models / "bi-encoder"), device="cpu")
    reranker = CrossEncoder(str(job.models / "cross-encoder"), max_length=256, device="cpu")
    texts = [one.headed + one.text for one in job.passages]
    vectors = embedder.encode(texts, show_progress_bar=False)

    def answer(one: Asked) -> Found:
        asked = one.asked
        scores = vectors @ embedder.encode(asked, show_progress_bar=False)
        nearest = [int(number) for number in np.argsort(-scores)[:DEPTH]]
        first = nearest[: job.read]
        relevance = reranker.predict(
            [(asked, texts[number]) for number in first], show_progress_bar=False
        )
        order = [first[int(at)] for at in np.argsort(-relevance, kind="stable")]
        return Found([*order, *nearest[job.read :]])

    return answer


if __name__ == "__main__":
    run(prepare)
