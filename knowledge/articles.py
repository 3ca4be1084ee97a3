"""Articles as editors, the API and imports change them.

A change writes a revision and, in the same transaction, the outbox row that gets it indexed; the
worker publishes it when all of it is searchable. Archiving takes effect with its own transaction.
KnowledgeError: the article cannot be kept as given; the message is for its author.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import connection
from django.db.models import F, Max, Q

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge.indexing import withdraw
from knowledge.models import Article, Revision, Source
from knowledge.parsing.document import LONGEST_TITLE, Document, ParseError, checked
from outbox.queue import enqueue

INDEX_QUEUE = "knowledge"
INDEX_KIND = "index_revision"
BY_HAND = frozenset({"api", "console"})


class KnowledgeError(Exception):
    """The article cannot be kept as it was given."""


class ArticleFields(TypedDict, total=False):
    """What an article has beside doc_id, title and text. text_format: markdown or text.

    origin: api or console; the source of an article that is new.
    """

    url: str
    lang: str
    audience: str
    text_format: str
    author: Member | None
    origin: str


@dataclass(frozen=True)
class Saved:
    """changed: a new revision was written and will be published."""

    article: Article
    revision: Revision
    changed: bool


def upsert_article(
    workspace_id: UUID, *, doc_id: str, title: str, text: str, **fields: Unpack[ArticleFields]
) -> Saved:
    """Make or change an article; what is published already stays until the new text is indexed.

    The same content again writes nothing, but brings an archived article back.
    """
    author, origin = fields.pop("author", None), fields.pop("origin", "api")
    given = {name: value for name, value in fields.items() if isinstance(value, str)}
    document = _valid(Document(doc_id, title[:LONGEST_TITLE].strip(), text, **given))
    with workspace_scope(workspace_id):
        source = source_named(workspace_id, origin, kind=origin)
        saved = save_all(workspace_id, [document], source=source, author=author)[0]
        if saved.changed:
            request_indexing(saved.revision)
    return saved


def publish(workspace_id: UUID, doc_id: str) -> None:
    """Index the newest revision again, e.g. after its article was archived by mistake."""
    with workspace_scope(workspace_id):
        article = by_doc_id(doc_id)
        Article.objects.filter(id=article.id).update(archived_at=None)
        request_indexing(newest_revision(article))


def archive(workspace_id: UUID, doc_id: str) -> None:
    """From now on no search finds the article. Twice is harmless. Raises NotFound."""
    with workspace_scope(workspace_id):
        withdraw(workspace_id, [by_doc_id(doc_id).id])


def by_doc_id(doc_id: str) -> Article:
    """The article of the current scope's workspace. Raises NotFound."""
    article = Article.objects.filter(external_id=doc_id).first()
    if article is None:
        raise NotFound("no such article")
    return article


def by_id(article_id: UUID) -> Article:
    """The article of the current scope's workspace, locked. Raises NotFound."""
    article = Article.objects.select_for_update().filter(id=article_id).first()
    if article is None:
        raise NotFound("no such article")
    return article


def newest_revision(article: Article) -> Revision:
    """Raises NotFound for an article that has no text yet."""
    newest = article.revisions.order_by("-number").first()
    if newest is None:
        raise NotFound("the article has no text")
    return newest


def request_indexing(revision: Revision) -> None:
    """Ask the knowledge worker to index and publish a revision, once the transaction commits."""
    enqueue(
        INDEX_KIND,
        workspace_id=revision.workspace_id,
        payload={"revision_id": str(revision.id)},
        queue=INDEX_QUEUE,
    )


def source_named(workspace_id: UUID, name: str, *, kind: str, location: str = "") -> Source:
    source, _ = Source.objects.update_or_create(
        workspace_id=workspace_id, name=name, defaults={"kind": kind, "location": location}
    )
    return source


def content_hash(document: Document) -> str:
    parts = "\0".join([document.text_format, document.title, document.text])
    return hashlib.sha256(parts.encode()).hexdigest()


def save_all(
    workspace_id: UUID,
    documents: Sequence[Document],
    *,
    source: Source,
    author: Member | None = None,
) -> list[Saved]:
    """Write articles and their new revisions, inside the caller's scope. Publishes nothing.

    changed is also true for a revision of an earlier, interrupted run that was never published.
    """
    _lock(workspace_id)
    ids = [document.doc_id for document in documents]
    known = {
        article.external_id: article
        for article in Article.objects.select_for_update()
        .filter(external_id__in=ids)
        .order_by("id")
    }
    newest = _newest_revisions([article.id for article in known.values()])
    saved = []
    for document in documents:
        article = known.get(document.doc_id) or Article(workspace_id=workspace_id)
        _fill(article, document, source)
        revision = newest.get(article.id)
        if revision is None or revision.content_hash != content_hash(document):
            revision = _revision(article, document, author, revision.number if revision else 0)
        changed = article.published_revision_id != revision.id
        saved.append(Saved(article, revision, changed))
    return saved


def _lock(workspace_id: UUID) -> None:
    """One transaction at a time writes new articles and revisions of a workspace."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"articles {workspace_id}"]
        )


def _newest_revisions(article_ids: Sequence[UUID]) -> Mapping[UUID, Revision]:
    newest = (
        Revision.objects.filter(article_id__in=article_ids)
        .annotate(last=Max("article__revisions__number"))
        .filter(Q(number=F("last")))
        .defer("text")
    )
    return {revision.article_id: revision for revision in newest}


def _fill(article: Article, document: Document, source: Source) -> None:
    """Bring the row up to date, if it isn't. The title follows when the revision is published."""
    wanted = {
        "source_id": source.id if article._state.adding or source.kind not in BY_HAND else None,
        "external_id": document.doc_id,
        "url": document.url,
        "lang": document.lang,
        "audience": document.audience,
        "archived_at": None,
    }
    if wanted["source_id"] is None:
        del wanted["source_id"]  # an edit by hand leaves an article in its source
    if article._state.adding:
        article.title = document.title
    elif all(getattr(article, name) == value for name, value in wanted.items()):
        return
    for name, value in wanted.items():
        setattr(article, name, value)
    article.save()


def _revision(article: Article, document: Document, author: Member | None, last: int) -> Revision:
    return Revision.objects.create(
        workspace_id=article.workspace_id,
        article=article,
        number=last + 1,
        title=document.title,
        text=document.text,
        text_format=document.text_format,
        content_hash=content_hash(document),
        author=author,
    )


def _valid(document: Document) -> Document:
    try:
        title = document.title or document.doc_id
        return checked(replace(document, title=title))
    except ParseError as error:
        raise KnowledgeError(str(error)) from error
