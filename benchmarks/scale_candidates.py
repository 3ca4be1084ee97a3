"""The lexical indexes that were compared: each loads a corpus and answers as the app role.

All tables have FORCE row-level security on `app.workspace`. Where a candidate needs an operator
that is not leakproof, it searches through a SECURITY DEFINER function, as it would in service.
"""

import shutil
import struct
import tempfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg

from benchmarks.scale_corpus import CHUNK, Corpus, chunks
from knowledge import lexical, postings, segments

Connection = psycopg.Connection[Any]
Rescore = Callable[[Sequence[int], lexical.Found, Sequence[str]], dict[int, float]]

RLS = """
ALTER TABLE {0} ENABLE ROW LEVEL SECURITY; ALTER TABLE {0} FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON {0} USING (workspace_id = current_setting('app.workspace', true)::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON {0} TO bench_app;
"""


def passage_id(number: int) -> UUID:
    return UUID(int=(number + 1) << 80)


class Candidate(ABC):
    name: str
    tables: tuple[str, ...] = ()

    def __init__(self, owner: Connection) -> None:
        self.owner = owner

    @abstractmethod
    def create(self) -> None: ...

    @abstractmethod
    def load(self, workspace: UUID, corpus: Corpus) -> None: ...

    @abstractmethod
    def search(self, app: Connection, workspace: UUID, question: Sequence[str]) -> list[int]:
        """The best 50 passages' numbers."""

    def size_mb(self) -> float:
        total = 0
        for table in self.tables:
            row = self.owner.execute(
                "SELECT pg_total_relation_size(%s::regclass)", [table]
            ).fetchone()
            total += row[0] if row else 0
        return total / 1e6

    def _create(self, sql: str) -> None:
        for table in self.tables:
            self.owner.execute(f"DROP TABLE IF EXISTS {table} CASCADE")
        self.owner.execute(sql)
        for table in self.tables:
            self.owner.execute(RLS.format(table))


class Blocks(Candidate):
    """Packed posting lists of segments, scored by numpy: the service's own code."""

    name = "blocks"
    tables = ("knowledge_segment", "knowledge_posting")
    budget = lexical.READ_BUDGET
    depth = 150

    def create(self) -> None:
        self._create("""
            CREATE TABLE knowledge_segment (id uuid PRIMARY KEY, workspace_id uuid NOT NULL,
              passages int, total_length bigint, dead bytea, first_id uuid, last_id uuid,
              passage_ids bytea, lengths bytea);
            CREATE INDEX ON knowledge_segment (workspace_id);
            CREATE TABLE knowledge_posting (workspace_id uuid, term text COLLATE "C",
              segment_id uuid, passages int, postings bytea,
              PRIMARY KEY (workspace_id, term, segment_id));
            CREATE INDEX ON knowledge_posting (segment_id);
            ALTER TABLE knowledge_posting ALTER postings SET STORAGE EXTERNAL;
            ALTER TABLE knowledge_segment ALTER passage_ids SET STORAGE EXTERNAL;
        """)
        self.corpora: dict[UUID, Corpus] = {}

    def load(self, workspace: UUID, corpus: Corpus) -> None:
        self.corpora[workspace] = corpus
        lengths = corpus.lengths()
        for i, part in enumerate(chunks(corpus)):
            packed = postings.pack(part.passages & 0xFFFF, lengths[part.passages], part.counts)
            present, starts = np.unique(part.terms, return_index=True)
            ends = [*starts[1:].tolist(), len(packed)]
            lists = postings.Lists(
                [corpus.vocabulary[term] for term in present],
                [packed[a:b].tobytes() for a, b in zip(starts, ends, strict=True)],
                lengths[i * CHUNK : (i + 1) * CHUNK].astype(np.uint16),
            )
            ids = [passage_id(i * CHUNK + at) for at in range(len(lists.lengths))]
            segments._write(self.owner.cursor(), workspace, ids, lists)
        self.owner.execute("VACUUM ANALYZE knowledge_posting")

    def search(self, app: Connection, workspace: UUID, question: Sequence[str]) -> list[int]:
        found = lexical.search(
            app.cursor(binary=True), workspace, [question], limit=self.depth, budget=self.budget
        )
        view = found.views[0]
        numbers = self._numbers(app, view.places)
        if not found.unread:
            return numbers[:50]
        corpus = self.corpora[workspace]
        common = {term: count for term, count in Counter(question).items() if term in found.unread}
        exact = [
            (score + self._rest(found, common, corpus, number), -number)
            for number, score in zip(numbers, view.scores.tolist(), strict=True)
        ]
        return [-number for _, number in sorted(exact, reverse=True)[:50]]

    def _numbers(self, app: Connection, places: Sequence[tuple[UUID, int]]) -> list[int]:
        found = app.cursor(binary=True).execute(
            "SELECT substring(passage_ids FROM at * 16 + 1 FOR 16) "
            "FROM unnest(%s::uuid[], %s::int[]) WITH ORDINALITY AS place (segment_id, at, rank) "
            "JOIN knowledge_segment ON id = segment_id ORDER BY rank",
            [[segment for segment, _ in places], [at for _, at in places]],
        )
        return [(UUID(bytes=bytes(row[0])).int >> 80) - 1 for row in found.fetchall()]

    def _rest(
        self, found: lexical.Found, common: dict[str, int], corpus: Corpus, number: int
    ) -> float:
        """What the unread terms add. The service counts them in the passage's text."""
        tokens = corpus.tokens[corpus.offsets[number] : corpus.offsets[number + 1]]
        counts = Counter(corpus.vocabulary[token] for token in tokens)
        return sum(
            times * found.idf[term] * found.statistics.saturation(counts[term], len(tokens))
            for term, times in common.items()
            if counts[term]
        )


class Rows(Candidate):
    """A row for each term and passage in a covering B-tree, added up by SQL, rarest first."""

    name = "rows"
    tables = ("posting_row", "term_row")
    budget = 30_000

    def create(self) -> None:
        self._create("""
            CREATE TABLE posting_row (workspace_id uuid, term int, passage int, impact real);
            CREATE TABLE term_row (workspace_id uuid, term int, passages int,
              PRIMARY KEY (workspace_id, term));
        """)
        self.numbers: dict[UUID, dict[str, int]] = {}
        self.passages: dict[UUID, int] = {}

    def load(self, workspace: UUID, corpus: Corpus) -> None:
        lengths = corpus.lengths()
        norm = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
        number = np.zeros(len(corpus.vocabulary), dtype=np.int64)
        with self.owner.cursor().copy("COPY posting_row FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            for part in chunks(corpus):
                number += np.bincount(part.terms, minlength=len(number))
                impact = part.counts * 2.2 / (part.counts + norm[part.passages])
                copy.write(_binary(workspace, part.terms, part.passages, impact))
            copy.write(struct.pack(">h", -1))
        with self.owner.cursor().copy("COPY term_row FROM STDIN") as copy:
            for term in np.nonzero(number)[0]:
                copy.write_row((workspace, int(term), int(number[term])))
        self.numbers[workspace] = {term: i for i, term in enumerate(corpus.vocabulary)}
        self.passages[workspace] = len(corpus)

    def finish(self) -> None:
        self.owner.execute(
            "CREATE INDEX posting_row_key ON posting_row (workspace_id, term) "
            "INCLUDE (passage, impact)"
        )
        self.owner.execute("VACUUM ANALYZE posting_row, term_row")

    def search(self, app: Connection, workspace: UUID, question: Sequence[str]) -> list[int]:
        number = self.numbers[workspace]
        count = Counter(number[term] for term in question if term in number)
        found = app.execute(
            """
            WITH asked AS (
              SELECT term, times * ln(1 + (%s - passages + 0.5) / (passages + 0.5)) AS weight,
                     sum(passages) OVER (ORDER BY passages, term) AS running, passages
              FROM unnest(%s::int[], %s::float8[]) AS q (term, times)
              JOIN term_row USING (term) WHERE workspace_id = %s)
            SELECT passage FROM asked CROSS JOIN LATERAL (
              SELECT passage, impact FROM posting_row p
              WHERE workspace_id = %s AND p.term = asked.term) hit
            WHERE running <= %s OR running = passages
            GROUP BY passage ORDER BY sum(weight * impact) DESC, passage LIMIT 50""",
            [
                self.passages[workspace],
                list(count),
                [float(times) for times in count.values()],
                workspace,
                workspace,
                self.budget,
            ],
        )
        return [row[0] for row in found.fetchall()]


def _binary(workspace: UUID, terms: Any, passages: Any, impact: Any) -> bytes:
    """Rows of posting_row in COPY's binary format."""
    layout = np.dtype(
        [("n", ">i2"), ("a", ">i4"), ("ws", "V16"), ("b", ">i4"), ("term", ">i4"),
         ("c", ">i4"), ("passage", ">i4"), ("d", ">i4"), ("impact", ">f4")]
    )  # fmt: skip
    out = np.zeros(len(terms), dtype=layout)
    out["n"], out["a"], out["b"], out["c"], out["d"] = 4, 16, 4, 4, 4
    out["ws"] = np.void(workspace.bytes)
    out["term"], out["passage"], out["impact"] = terms, passages, impact
    return out.tobytes()


class Sparse(Candidate):
    """pgvector's sparsevec behind a GIN index on the passage's stems, in a definer's function."""

    name = "sparse"
    tables = ("sparse_passage",)
    share = 0.03  # of the passages that the rarest stems may match

    def create(self) -> None:
        self._create(
            "CREATE TABLE sparse_passage (workspace_id uuid, passage int, stems int[], "
            "impacts sparsevec)"
        )
        self.owner.execute("""
            CREATE OR REPLACE FUNCTION sparse_search(wanted int[], question sparsevec)
            RETURNS SETOF int LANGUAGE sql STABLE SECURITY DEFINER AS $$
              SELECT passage FROM sparse_passage WHERE stems && wanted
              AND workspace_id = current_setting('app.workspace')::uuid
              ORDER BY impacts <#> question LIMIT 50 $$""")

    def load(self, workspace: UUID, corpus: Corpus) -> None:
        lengths = corpus.lengths()
        norm = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
        width = len(corpus.vocabulary)
        self.number = {term: i for i, term in enumerate(corpus.vocabulary)}
        self.frequency = np.zeros(width, dtype=np.int64)
        with self.owner.cursor().copy("COPY sparse_passage FROM STDIN") as copy:
            for passage, stems, counts in _documents(corpus):
                self.frequency[stems] += 1
                weights = counts * 2.2 / (counts + norm[passage])
                pairs = zip(stems.tolist(), weights.tolist(), strict=True)
                vector = ",".join(f"{stem + 1}:{weight:.4g}" for stem, weight in pairs)
                copy.write_row((workspace, passage, stems.tolist(), f"{{{vector}}}/{width}"))
        self.size = len(corpus)

    def finish(self) -> None:
        self.owner.execute("CREATE INDEX ON sparse_passage USING gin (stems)")
        self.owner.execute("VACUUM ANALYZE sparse_passage")

    def search(self, app: Connection, workspace: UUID, question: Sequence[str]) -> list[int]:
        count = Counter(self.number[term] for term in question if term in self.number)
        order = sorted(count, key=lambda term: int(self.frequency[term]))
        wanted, matched = order[:1], self.frequency[order[:1]].sum()
        for term in order[1:]:
            matched += self.frequency[term]
            if matched > self.share * self.size:
                break
            wanted.append(term)
        frequency = self.frequency[order]
        idf = np.log1p((self.size - frequency + 0.5) / (frequency + 0.5))
        pairs = sorted(
            (term, count[term] * weight) for term, weight in zip(order, idf, strict=True)
        )
        vector = ",".join(f"{term + 1}:{weight:.6g}" for term, weight in pairs)
        found = app.execute(
            "SELECT sparse_search(%s, %s::sparsevec)", [wanted, f"{{{vector}}}/{len(self.number)}"]
        )
        return [row[0] for row in found.fetchall()]


class Tantivy(Candidate):
    """A file index for each workspace, outside the database and its transactions."""

    name = "tantivy"

    def create(self) -> None:
        self.folder = Path(tempfile.gettempdir()) / "knowledge_scale_tantivy"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.indexes: dict[UUID, tuple[Any, dict[str, int]]] = {}

    def load(self, workspace: UUID, corpus: Corpus) -> None:
        import tantivy

        schema = tantivy.SchemaBuilder()
        schema.add_integer_field("passage", stored=True)
        schema.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
        folder = self.folder / str(workspace)
        folder.mkdir(parents=True)
        index = tantivy.Index(schema.build(), path=str(folder))
        writer = index.writer(heap_size=500_000_000, num_threads=1)
        for passage in range(len(corpus)):
            tokens = corpus.tokens[corpus.offsets[passage] : corpus.offsets[passage + 1]]
            text = " ".join(f"t{token}" for token in tokens.tolist())
            writer.add_document(tantivy.Document(passage=passage, text=text))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        number = {term: i for i, term in enumerate(corpus.vocabulary)}
        self.indexes[workspace] = (index, number)

    def size_mb(self) -> float:
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()) / 1e6

    def search(self, app: Connection, workspace: UUID, question: Sequence[str]) -> list[int]:
        index, number = self.indexes[workspace]
        words = [f"t{number[term]}" for term in question if term in number]
        searcher = index.searcher()
        query = index.parse_query(" ".join(words), ["text"])
        hits = searcher.search(query, 50).hits
        return [searcher.doc(address)["passage"][0] for _, address in hits]


def _documents(corpus: Corpus) -> Iterator[tuple[int, Any, Any]]:
    for passage in range(len(corpus)):
        tokens = corpus.tokens[corpus.offsets[passage] : corpus.offsets[passage + 1]]
        stems, counts = np.unique(tokens, return_counts=True)
        yield passage, stems, counts


CANDIDATES: dict[str, type[Candidate]] = {one.name: one for one in (Blocks, Rows, Sparse, Tantivy)}
