"""Put the parts of benchmarks.scale_product into knowledge's own tables, by COPY.

The app's owner role writes, with the row-level security of these tables not forced meanwhile, since
COPY refuses tables under it. The graph of near vectors is made once all of them are there, with the
definition that the migration gave it.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray

from accounts.ids import uuid7
from benchmarks.scale_product import IN_ARTICLE, Maker, Part, Real
from knowledge import postings, segments
from knowledge.search_words import words_of

Connection = psycopg.Connection[Any]
TABLES = (
    "source", "article", "revision", "passage", "embedding", "segment", "posting", "articleword",
    "nearvector", "nearset",
)  # fmt: skip
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_ARTICLE = (
    "id, workspace_id, source_id, external_id, title, url, lang, audience, created_at, updated_at, "
    "state, draft_state, published_revision_id, wanted_revision_id"
)
_REVISION = (
    "id, workspace_id, article_id, number, title, text, text_format, content_hash, created_at"
)
_PASSAGE = 'id, workspace_id, article_id, revision_id, position, heading_path, start, "end", text'
_LAYOUT = [
    ("n", ">i2"), ("a", ">i4"), ("id", "V16"), ("b", ">i4"), ("workspace", "V16"),
    ("c", ">i4"), ("passage", "V16"), ("d", ">i4"), ("version", "V64"),
    ("e", ">i4"), ("dimensions", ">i2"), ("unused", ">i2"),
]  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where to put it: the workspace, the source, and the vectors' version."""

    workspace_id: UUID
    source_id: UUID
    version: str


@contextmanager
def unforced(owner: Connection) -> Iterator[None]:
    for table in TABLES:
        owner.execute(f"ALTER TABLE knowledge_{table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in TABLES:
        owner.execute(f"ALTER TABLE knowledge_{table} FORCE ROW LEVEL SECURITY")


def load(owner: Connection, place: Place, maker: Maker, size: int, real: Sequence[Real]) -> None:
    """Autocommit is on: a transaction for each part."""
    for part in maker.parts(size):
        own = real[: len(part.titles)] if part.first == 0 else None
        ids = passage_ids(len(part.titles))
        with owner.transaction():
            _articles(owner, place, part, (ids, own))
            _vectors(owner, place, ids, part.vectors)
            _segment(owner, place, maker, part, ids)


def passage_ids(count: int) -> list[UUID]:
    return [uuid7() for _ in range(count)]


def _articles(
    owner: Connection, place: Place, part: Part, given: tuple[list[UUID], Sequence[Real] | None]
) -> None:
    ids, real = given
    articles: list[list[Any]] = []
    revisions: list[list[Any]] = []
    passages: list[list[Any]] = []
    words: list[tuple[UUID, str, UUID]] = []
    for members in _grouped(part, real):
        number = part.first + members[0]
        article, revision = uuid7(), uuid7()
        title, at = part.titles[members[0]], 0
        moment = BEGAN + timedelta(seconds=number)
        lang = real[members[0]].lang if real else "en"
        doc_id = f"article-{number}"
        articles.append(
            [article, place.workspace_id, place.source_id, doc_id, title, "", lang, "public",
             moment, moment, "published", "", revision, revision]
        )  # fmt: skip
        text = "\n\n".join(part.texts[i] for i in members)
        revisions.append(
            [revision, place.workspace_id, article, 1, title, text, "text", "", moment]
        )
        for position, i in enumerate(members):
            end = at + len(part.texts[i])
            path = list(real[i].path) if real else []
            passages.append(
                [ids[i], place.workspace_id, article, revision, position, path, at, end,
                 part.texts[i]]
            )  # fmt: skip
            at = end + 2
        words += [(place.workspace_id, one, article) for one in words_of(f"{title} {doc_id}")]
    _copy(owner, f"knowledge_article ({_ARTICLE})", articles)
    _copy(owner, f"knowledge_revision ({_REVISION})", revisions)
    _copy(owner, f"knowledge_passage ({_PASSAGE})", passages)
    _copy(owner, "knowledge_articleword (workspace_id, word, article_id)", words)


def _grouped(part: Part, real: Sequence[Real] | None) -> Iterator[list[int]]:
    """The numbers, within the part, of each article's passages."""
    count = len(part.titles)
    if real is None:
        yield from (
            list(range(at, min(at + IN_ARTICLE, count))) for at in range(0, count, IN_ARTICLE)
        )
        return
    begin = 0
    for i in range(1, count + 1):
        if i == count or real[i].article != real[begin].article:
            yield list(range(begin, i))
            begin = i


def _copy(owner: Connection, target: str, rows: Sequence[Sequence[Any]]) -> None:
    with owner.cursor().copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _vectors(
    owner: Connection, place: Place, ids: Sequence[UUID], vectors: NDArray[np.float32]
) -> None:
    columns = "id, workspace_id, passage_id, model_version, vector"
    own = [uuid7() for _ in ids]
    data = _binary(place, (own, ids), vectors.astype(">f4"))
    with owner.cursor().copy(f"COPY knowledge_embedding ({columns}) FROM STDIN BINARY") as copy:
        copy.write(data)


def _binary(
    place: Place, ids: tuple[Sequence[UUID], Sequence[UUID]], vectors: NDArray[Any]
) -> bytes:
    """Rows of knowledge_embedding in COPY's binary format."""
    version = place.version.encode()
    layout = [(name, f"V{len(version)}" if name == "version" else kind) for name, kind in _LAYOUT]
    width = vectors.shape[1]
    rows = np.zeros(len(vectors), np.dtype([*layout, ("vector", vectors.dtype, (width,))]))
    rows["n"], rows["a"], rows["b"], rows["c"] = 5, 16, 16, 16
    rows["d"], rows["e"] = len(version), 4 + width * vectors.dtype.itemsize
    rows["id"] = np.frombuffer(b"".join(one.bytes for one in ids[0]), dtype="V16")
    rows["passage"] = np.frombuffer(b"".join(one.bytes for one in ids[1]), dtype="V16")
    rows["workspace"] = np.void(place.workspace_id.bytes)
    rows["version"] = np.void(version)
    rows["dimensions"], rows["vector"] = width, vectors
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


def _segment(
    owner: Connection, place: Place, maker: Maker, part: Part, ids: Sequence[UUID]
) -> None:
    """The part's posting lists, as the service writes those of a publication."""
    passages = np.repeat(np.arange(len(ids)), part.lengths)
    keys, counts = np.unique(part.terms << 16 | passages, return_counts=True)
    ordinals = keys & 0xFFFF
    packed = postings.pack(ordinals, part.lengths[ordinals], counts)
    present, starts = np.unique(keys >> 16, return_index=True)
    ends = [*starts[1:].tolist(), len(packed)]
    lists = postings.Lists(
        [maker.vocabulary[term] for term in present],
        [packed[a:b].tobytes() for a, b in zip(starts, ends, strict=True)],
        part.lengths.astype(np.uint16),
    )
    segments._write(owner.cursor(), place.workspace_id, ids, lists)


def make_graph(owner: Connection, place: Place) -> float:
    """All vectors into the table of near ones, then their graph. Returns the seconds it took."""
    (definition,) = owner.execute("SELECT pg_get_indexdef('near_graph'::regclass)").fetchone() or (
        "",
    )
    started = time.monotonic()
    owner.execute("DROP INDEX near_graph")
    owner.execute(
        "INSERT INTO knowledge_nearvector (workspace_id, passage_id, model_version, vector) "
        "SELECT workspace_id, passage_id, model_version, vector::halfvec(384) "
        "FROM knowledge_embedding WHERE workspace_id = %s",
        [place.workspace_id],
    )
    owner.execute("SET maintenance_work_mem = '2GB'")
    owner.execute(definition.replace("ON ONLY", "ON"))
    owner.execute(
        "INSERT INTO knowledge_nearset (id, workspace_id, model_version, ready, created_at) "
        "VALUES (%s, %s, %s, true, now())",
        [uuid7(), place.workspace_id, place.version],
    )
    return time.monotonic() - started
