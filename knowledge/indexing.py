"""From a revision to searchable passages: cut, embed, and publish in one transaction.

Cutting and embedding run with no transaction open. Passages, vectors, posting lists and the
article's `published_revision` are then written together, so that a search sees the old revision
or the new one, never half of either. Only an article's wanted revision is published.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.ids import uuid7
from accounts.scope import workspace_scope
from knowledge import kept_vectors, near, pictures, search_words, snapshots, vector_sets
from knowledge.dense import Vector
from knowledge.index import Entry, index, searched_text
from knowledge.models import Article, ArticleState, Passage, Revision
from knowledge.passages import cut

ARCHIVED = ["archived_at", "published_revision", "state", "publish_at", "archive_at", "updated_at"]


@dataclass(frozen=True)
class Prepared:
    """A revision with its passages, not yet in the database, and what they are searched by."""

    revision: Revision
    passages: list[Passage]
    texts: list[str]


def prepare(revision: Revision) -> Prepared:
    """Cut a revision into passages. Touches no database."""
    markdown = revision.text_format == "markdown"
    passages = [
        Passage(
            id=uuid7(),
            workspace_id=revision.workspace_id,
            article_id=revision.article_id,
            revision=revision,
            position=position,
            heading_path=list(one.heading_path),
            start=one.start,
            end=one.end,
            text=revision.text[one.start : one.end],
        )
        for position, one in enumerate(cut(revision.text, markdown=markdown))
    ]
    texts = [searched_text(revision.title, one.heading_path, one.text) for one in passages]
    return Prepared(revision, passages, texts)


class VectorsLack(Exception):
    """A set of vectors was asked for after these passages were embedded."""


def embed_and_publish(
    workspace_id: UUID,
    prepared: Sequence[Prepared],
    *,
    before_commit: Callable[[], None] = lambda: None,
) -> int:
    """Embed for every embedder that the workspace uses what is new, then publish all of it."""
    texts = [text for one in prepared for text in one.texts]
    ids = {one.revision.article_id for one in prepared}
    while True:
        kept = kept_vectors.of_articles(workspace_id, ids)
        made = vector_sets.for_texts(workspace_id, texts, kept=kept)
        shipped = next(iter(made))
        more = {name: rows for name, rows in made.items() if name != shipped}
        with suppress(VectorsLack):
            return publish(
                workspace_id,
                prepared,
                made[shipped],
                version=shipped,
                more=more,
                before_commit=before_commit,
            )


def publish(
    workspace_id: UUID,
    prepared: Sequence[Prepared],
    vectors: Sequence[Vector],
    *,
    version: str,
    more: Mapping[str, Sequence[Vector]] | None = None,
    before_commit: Callable[[], None] = lambda: None,
) -> int:
    """Make revisions searchable and the ones before them not. Returns how many were published.

    vectors: of all passages in order. A revision that its article no longer wants, or whose
    article was archived meanwhile, is passed over. more: vectors of the same passages under other
    versions. `before_commit` runs in the transaction. Raises VectorsLack, and writes nothing, where
    a version is missing.
    """
    with workspace_scope(workspace_id):
        ids = {one.revision.article_id for one in prepared}
        articles = Article.objects.select_for_update().filter(id__in=ids).order_by("id")
        living = {one.id: one for one in articles if one.archived_at is None}
        wanted, entries = [], []
        others: dict[str, list[tuple[UUID, Vector]]] = {name: [] for name in more or {}}
        index.freeze(workspace_id)
        if vector_sets.lacking({version, *others}):
            raise VectorsLack
        for one, part in _parts(prepared):
            article = living.get(one.revision.article_id)
            if article is not None and article.wanted_revision_id == one.revision.id:
                wanted.append(one)
                entries.extend(_entries(one, vectors[part]))
                for name, rows in (more or {}).items():
                    own = [passage.id for passage in one.passages]
                    others[name] += zip(own, rows[part], strict=True)
        _forget(workspace_id, [one.revision.article_id for one in wanted])
        Passage.objects.bulk_create(
            [passage for one in wanted for passage in one.passages], batch_size=500
        )
        index.upsert(workspace_id, entries, version=version)
        for name, pairs in others.items():
            index.add_vectors(workspace_id, pairs, version=name)
        near.grow_if_large(workspace_id, {version, *others})
        _point(workspace_id, living, wanted)
        snapshots.changed(workspace_id)
        before_commit()
    return len(wanted)


def _parts(prepared: Sequence[Prepared]) -> Iterator[tuple[Prepared, slice]]:
    """Each one with the place of its passages' vectors."""
    at = 0
    for one in prepared:
        yield one, slice(at, at + len(one.passages))
        at += len(one.passages)


def _entries(prepared: Prepared, vectors: Sequence[Vector]) -> list[Entry]:
    parts = zip(prepared.passages, prepared.texts, vectors, strict=True)
    return [Entry(passage.id, text, vector) for passage, text, vector in parts]


def _forget(workspace_id: UUID, article_ids: Collection[UUID]) -> None:
    """Take all passages of these articles out of the index and the table."""
    old = Passage.objects.filter(article_id__in=article_ids)
    ids = list(old.values_list("id", flat=True))
    if ids:
        index.delete(workspace_id, ids)
        Passage.objects.filter(id__in=ids).delete()


def _point(workspace_id: UUID, articles: dict[UUID, Article], wanted: Sequence[Prepared]) -> None:
    changed, renamed = [], []
    for one in wanted:
        article = articles[one.revision.article_id]
        if article.title != one.revision.title:
            renamed.append(article.id)
        article.published_revision = one.revision
        article.title = one.revision.title
        article.state = ArticleState.PUBLISHED
        article.updated_at = timezone.now()
        changed.append(article)
    Article.objects.bulk_update(changed, ["published_revision", "title", "state", "updated_at"])
    search_words.note(workspace_id, renamed)
    pictures.note_uses(workspace_id, [one.revision for one in wanted])


def gave_up(revision_id: UUID) -> None:
    """No worker could publish this revision; what was published before it stays. In the scope."""
    rows = Article.objects.filter(wanted_revision_id=revision_id, archived_at=None)
    rows.filter(state=ArticleState.INDEXING).update(state=ArticleState.FAILED)


def withdraw(workspace_id: UUID, article_ids: Collection[UUID]) -> int:
    """Archive articles: at once no search finds them. Those archived already change nothing."""
    with workspace_scope(workspace_id):
        articles = list(
            Article.objects.select_for_update()
            .filter(id__in=article_ids, archived_at=None)
            .order_by("id")
        )
        for article in articles:
            article.archived_at = timezone.now()
            article.published_revision = None
            article.state = ArticleState.ARCHIVED
            article.publish_at = article.archive_at = None
            article.updated_at = timezone.now()
        Article.objects.bulk_update(articles, ARCHIVED)
        pictures.forget_uses([article.id for article in articles])
        _forget(workspace_id, [article.id for article in articles])
        snapshots.changed(workspace_id)
    return len(articles)
