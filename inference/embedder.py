"""Text → unit vector: all-MiniLM-L6-v2, mean pooled (Reimers & Gurevych 2019, 1908.10084).

One text a run: int8 scales its activations over a whole batch, so a text's vector would depend on
its neighbours; and on a CPU a run of one is the faster one (docs/decisions/0007).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.errors import InputTooLong
from inference.manifest import Manifest, load_manifest
from inference.session import open_session
from inference.wordpiece import WordPiece

MAX_TEXTS = 4_096


class Embedder:
    def __init__(self, folder: Path, *, threads: int = 1, file: str | None = None) -> None:
        self.manifest: Manifest = load_manifest(folder, kind="embedder")
        self.fingerprint = self.manifest.fingerprint
        self.max_tokens = int(self.manifest.settings["max_tokens"])
        self.dimensions = int(self.manifest.settings["dimensions"])
        self._words = WordPiece(self.manifest.path("tokenizer.json"))
        name = file or str(self.manifest.settings["model"])
        path = self.manifest.path(name)
        self.session = open_session(path, self.manifest.settings, threads=threads)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, 384) float32 of unit length; an empty text gives the vector of no words.

        Longer texts are cut at `max_tokens`. Raises InputTooLong for more than 4,096 texts.
        """
        if len(texts) > MAX_TEXTS:
            raise InputTooLong(f"{len(texts)} texts in one call; at most {MAX_TEXTS}")
        unique = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        vectors = np.zeros((len(unique), self.dimensions), np.float32)
        for text, number in unique.items():
            vectors[number] = self._run(self._ids(text))
        return vectors[[unique[text] for text in texts]] if texts else vectors

    def _ids(self, text: str) -> list[int]:
        ids = self._words.encode(text).ids[: self.max_tokens - 2]
        return [self._words.cls, *ids, self._words.sep]

    def tokens(self, text: str) -> NDArray[np.float32]:
        """(tokens, 384) float32 of unit length: its words, without the marks at both ends."""
        hidden = self._states(self._ids(text))[1:-1]
        norms = np.maximum(np.linalg.norm(hidden, axis=1, keepdims=True), 1e-12)
        return np.asarray(hidden / norms, dtype=np.float32)

    def _run(self, row: list[int]) -> NDArray[np.float32]:
        pooled = self._states(row).mean(axis=0)
        return np.asarray(pooled / max(float(np.linalg.norm(pooled)), 1e-12), dtype=np.float32)

    def _states(self, row: list[int]) -> NDArray[np.float32]:
        ids = np.array([row], np.int64)
        hidden: NDArray[np.float32] = self.session.run(
            {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.zeros_like(ids),
            }
        )[0][0]  # (tokens, 384)
        return hidden
