"""How far apart copies and different passages are, by stored vectors and by their words alone.

    python -m benchmarks.near_duplicates [--docs docs] [--models models]

Passages of our own documentation. Stored vectors are made of title, headings and words, as
retrieval has them; the others of the words alone, as the check before publishing compares them.
Each copy is made by editing a passage; its title is another article's. docs/decisions/0022 holds
what it printed.
"""

import argparse
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
BLOCK = 64


@dataclass(frozen=True)
class Piece:
    """A passage with what it is searched by."""

    article: int
    title: str
    headings: tuple[str, ...]
    text: str
    words: str  # without heading lines

    @property
    def searched(self) -> str:
        from knowledge.index import searched_text

        return searched_text(self.title, self.headings, self.text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    from inference.embedder import Embedder

    django.setup()
    embedder = Embedder(given.models / "embedder", threads=2)

    def embed(texts: list[str]) -> Floats:
        parts = [embedder.encode(texts[at : at + BLOCK]) for at in range(0, len(texts), BLOCK)]
        return np.concatenate(parts)

    pieces = pieces_of(given.docs)
    stored = embed([one.searched for one in pieces])
    words = embed([one.words for one in pieces])
    articles = np.array([one.article for one in pieces])
    print(f"{len(pieces)} passages of {len(set(articles.tolist()))} articles\n")
    print("| pair of passages | stored vectors | words alone |\n|---|---|---|")
    near = [_nearest(vectors, articles) for vectors in (stored, words)]
    rows = [[np.quantile(one, share) for share in (0.5, 0.99, 1.0)] for one in near]
    _say("different articles, the nearest one: median, 99%, largest", rows)
    titles = [one.title for one in pieces]
    for said, edit in EDITS.items():
        copies = [
            replace(
                one, title=titles[(at * 7 + 40) % len(titles)], headings=(), text=new, words=new
            )
            for at, one in enumerate(pieces)
            if (new := edit(one.words))
        ]
        kept = [at for at, one in enumerate(pieces) if edit(one.words)]
        found = [
            (embed([one.searched for one in copies]) * stored[kept]).sum(axis=1),
            (embed([one.words for one in copies]) * words[kept]).sum(axis=1),
        ]
        quantiles = [[np.quantile(one, share) for share in (0.05, 0.5)] for one in found]
        over = f"; {np.mean(found[1] >= 0.85):.0%} from 0.85 by words"
        _say(f"{said}: 5%, median ({len(kept)} copies{over})", quantiles)


def pieces_of(folder: Path) -> list[Piece]:
    from knowledge.passages import cut

    found = []
    for number, path in enumerate(sorted(folder.glob("*.md"))):
        text = path.read_text(encoding="utf-8")
        title = text.partition("\n")[0].lstrip("# ")
        for one in cut(text):
            body = text[one.start : one.end]
            lines = [line for line in body.split("\n") if not re.match(r" {0,3}#{1,6}[ \t]", line)]
            words = "\n".join(lines).strip() or body
            found.append(Piece(number, title, tuple(one.heading_path), body, words))
    return found


def _nearest(vectors: Floats, articles: NDArray[np.int64]) -> Floats:
    """Of each passage, the cosine of the nearest one of another article."""
    cosines = vectors @ vectors.T
    cosines[articles[:, None] == articles[None, :]] = -1
    return np.asarray(cosines.max(axis=1))


def _say(words: str, columns: Sequence[Sequence[np.floating[Any]]]) -> None:
    cells = " | ".join(", ".join(f"{value:.2f}" for value in column) for column in columns)
    print(f"| {words} | {cells} |", flush=True)


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def _other_numbers(text: str) -> str:
    changed = re.sub(r"\d+", lambda found: str(int(found[0]) * 3 + 7), text)
    return changed if changed != text else ""


def _denied(text: str) -> str:
    changed = re.sub(r"\b(is|are|can|may|must|does|do|has)\b", r"\1 not", text, count=1)
    return changed if changed != text else ""


def _without_one(text: str) -> str:
    found = _sentences(text)
    return " ".join(found[: len(found) // 2] + found[len(found) // 2 + 1 :])


def _half(text: str) -> str:
    found = _sentences(text)
    return " ".join(found[: len(found) // 2])


EDITS: dict[str, Callable[[str], str]] = {
    "the same words under another title": lambda text: text,
    "and other numbers": _other_numbers,
    "and one denial more": _denied,
    "and a sentence more": lambda text: f"{text} Please write to us if anything is unclear.",
    "and a sentence less": _without_one,
    "half of the sentences": _half,
}


if __name__ == "__main__":
    main()
