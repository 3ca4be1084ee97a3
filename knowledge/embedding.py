"""The embedder of this process: loaded when first needed, then kept.

The one module here that imports `inference`, and only when a model is wanted, which the web
process never does.
Raises what `inference` raises when the model's files are missing or don't match their manifest.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from knowledge import artefacts
from knowledge.artefacts import Files

if TYPE_CHECKING:
    from inference.embedder import Embedder

DIMENSIONS = 384
BATCH = 16

Vectors = NDArray[np.float32]


@cache
def embedder() -> "Embedder":
    """One model run uses one thread; `embed` runs several side by side."""
    from inference.embedder import Embedder

    return Embedder(settings.MODELS_DIR / "embedder", threads=1)


def model_version() -> str:
    """The fingerprint that vectors of this embedder are stored under."""
    return embedder().fingerprint


def _shipped() -> "Embedder":
    return embedder()


@lru_cache(maxsize=2)
def _own(folder: Path) -> "Embedder":
    from inference.models import load_embedder

    return load_embedder(folder.parent, threads=1, name=folder.name)


def own(workspace_id: UUID, files: Files) -> "Embedder":
    """A workspace's own embedder, verified. Raises ModelUnavailable."""
    return _own(artefacts.unpacked(workspace_id, files))


def embed(
    texts: Sequence[str],
    *,
    on_batch: Callable[[int], None] = lambda count: None,
    embedder: "Embedder | None" = None,
) -> Vectors:
    """(N, 384) float32 unit vectors, in the order of the texts.

    Texts of like length run together, since a batch costs what its longest text costs.
    """
    vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
    order = np.argsort([-len(text) for text in texts], kind="stable")
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]

    model = embedder or _shipped()

    def run(batch: NDArray[np.intp]) -> None:
        vectors[batch] = model.encode([texts[i] for i in batch])

    with ThreadPoolExecutor(settings.INFERENCE_THREADS) as pool:
        for batch, _ in zip(batches, pool.map(run, batches), strict=True):
            on_batch(len(batch))
    return vectors
