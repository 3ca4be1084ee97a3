"""haystack-ai: in-memory embedding and BM25 retrieval, joined by rank, ExtractiveReader in PyTorch.

Runs in the peers' environment.
"""

from collections.abc import Callable
from typing import Any

from benchmarks.peers.protocol import DEPTH, Asked, Found, Job, run


def prepare(job: Job) -> Callable[[Asked], Found]:
    import torch

    torch.set_num_threads(job.threads)
    numbered = _store(job)
    pipeline = _pipeline(job, numbered)
    heads = [len(one.headed) for one in job.passages]

    def answer(one: Asked) -> Found:
        asked = one.asked
        # What is read is chosen in between, so the pipeline runs in its two halves.
        joined = pipeline["search"].run(
            {"embedder": {"text": asked}, "words": {"query": asked}},
        )["joined"]["documents"]
        best = joined[: job.read]
        answers = pipeline["reader"].run(query=asked, documents=best)["answers"]
        return _found(joined, answers, heads)

    return answer


def _store(job: Job) -> Any:
    from haystack import Document
    from haystack.components.embedders import SentenceTransformersDocumentEmbedder
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    embedder = SentenceTransformersDocumentEmbedder(
        model=str(job.models / "bi-encoder"), progress_bar=False
    )
    embedder.warm_up()
    documents = [
        Document(id=str(number), content=one.headed + one.text, meta={"number": number})
        for number, one in enumerate(job.passages)
    ]
    store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
    store.write_documents(embedder.run(documents)["documents"])
    return store


def _pipeline(job: Job, store: Any) -> dict[str, Any]:
    from haystack import Pipeline
    from haystack.components.embedders import SentenceTransformersTextEmbedder
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.readers import ExtractiveReader
    from haystack.components.retrievers.in_memory import (
        InMemoryBM25Retriever,
        InMemoryEmbeddingRetriever,
    )

    search = Pipeline()
    embedder = SentenceTransformersTextEmbedder(
        model=str(job.models / "bi-encoder"), progress_bar=False
    )
    search.add_component("embedder", embedder)
    search.add_component("meaning", InMemoryEmbeddingRetriever(store, top_k=DEPTH))
    search.add_component("words", InMemoryBM25Retriever(store, top_k=DEPTH))
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=DEPTH)
    search.add_component("joined", joiner)
    search.connect("embedder.embedding", "meaning.query_embedding")
    search.connect("meaning", "joined")
    search.connect("words", "joined")
    search.warm_up()
    reader = ExtractiveReader(
        model=str(job.models / "span-reader"), top_k=job.read, max_seq_length=256, no_answer=False
    )
    reader.warm_up()
    return {"search": search, "reader": reader}


def _found(joined: list[Any], answers: list[Any], heads: list[int]) -> Found:
    """Passages in the order of their best answer, then the others as they were joined."""
    order = [one.document.meta["number"] for one in answers if one.document is not None]
    order += [one.meta["number"] for one in joined]
    ranked = list(dict.fromkeys(order))
    best = answers[0] if answers else None
    if best is None or best.document is None or best.document_offset is None:
        return Found(ranked)
    number = best.document.meta["number"]
    start = max(0, best.document_offset.start - heads[number])
    end = max(start, best.document_offset.end - heads[number])
    return Found(ranked, (number, start, end))


if __name__ == "__main__":
    run(prepare)
