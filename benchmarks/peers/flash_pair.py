"""fastembed finds, FlashRank orders the first ones; both read the int8 ONNX files that ship.

Runs in the peers' environment. It chooses passages, no words.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.peers.protocol import DEPTH, Asked, Found, Job, run
from benchmarks.peers.weights import FLASHRANK_NAME

NAME = "same-weights"


def prepare(job: Job) -> Callable[[Asked], Found]:
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType
    from flashrank import Ranker, RerankRequest

    TextEmbedding.add_custom_model(
        model=NAME,
        pooling=PoolingType.MEAN,
        normalization=True,
        sources=ModelSource(url="http://localhost/"),  # asked for, never fetched
        dim=384,
        model_file="model.onnx",
    )
    embedder = TextEmbedding(
        NAME, specific_model_path=str(job.models / "fastembed"), threads=job.threads
    )
    ranker = Ranker(FLASHRANK_NAME, cache_dir=str(job.models / "flashrank"), max_length=256)
    texts = [one.headed + one.text for one in job.passages]
    # One text a batch: int8 scales over a whole batch (docs/decisions/0007).
    vectors = np.array(list(embedder.embed(texts, batch_size=1)))

    def answer(one: Asked) -> Found:
        asked = one.asked
        scores = vectors @ next(iter(embedder.embed([asked])))
        nearest = [int(number) for number in np.argsort(-scores)[:DEPTH]]
        first = nearest[: job.read]
        rows = [{"id": number, "text": texts[number]} for number in first]
        ranked = ranker.rerank(RerankRequest(query=asked, passages=rows))
        return Found([*(int(one["id"]) for one in ranked), *nearest[job.read :]])

    return answer


if __name__ == "__main__":
    run(prepare)
