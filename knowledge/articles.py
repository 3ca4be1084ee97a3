"""Articles as editors, the API and imports change them.

A change writes a revision and, in the same transaction, the outbox row that gets it indexed; the
worker publishes it when all of it is searchable. Archiving takes effect with its own transaction.
Drafts are not touched here: an import or the API publishes beside them (see knowledge.drafts).
KnowledgeError: the article cannot be kept as given; the message is for its author.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import search_words, snapshots
from knowledge.indexing import withdraw
from knowledge.models import Article, ArticleState, Revision, Source
from knowledge.parsing.document import LONGEST_TITLE, Document, ParseError, checked, with_facts
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
    document = valid(with_facts(Document(doc_id, title[:LONGEST_TITLE].strip(), text), given))
    with workspace_scope(workspace_id):
        source = source_named(workspace_id, origin, kind=origin)
        saved = save_all(workspace_id, [document], source=source, author=author)[0]
        if saved.changed:
            request_indexing(saved.revision)
    return saved


def publish(workspace_id: UUID, doc_id: str) -> None:
    """Index what is to answer again, e.g. after its article was archived by mistake.

    An article of which nothing was ever published is a draft again.
    """
    with workspace_scope(workspace_id):
        article = by_doc_id(doc_id)
        if article.wanted_revision:
            want(article, article.wanted_revision)
        else:
            rows = Article.objects.filter(id=article.id)
            rows.update(archived_at=None, state=ArticleState.DRAFT, updated_at=timezone.now())


def want(article: Article, revision: Revision) -> None:
    """This revision is to answer: the worker indexes and publishes it. Inside the scope."""
    article.wanted_revision, article.state, article.archived_at = (
        revision, ArticleState.INDEXING, None,
    )  # fmt: skip
    article.save(update_fields=["wanted_revision", "state", "archived_at", "updated_at"])
    request_indexing(revision)


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


def decided_revision(article: Article) -> Revision:
    """What answers or is about to; of an article that was never published, its newest draft."""
    return article.wanted_revision or newest_revision(article)


def newest_revision(article: Article) -> Revision:
    """The last one that was written, be it a draft. Raises NotFound where there is no text."""
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
    lock(workspace_id)
    ids = [document.doc_id for document in documents]
    known = {
        article.external_id: article
        for article in Article.objects.select_for_update()
        .filter(external_id__in=ids)
        .order_by("id")
    }
    decided = _decided_revisions(known.values())
    saved = []
    for document in documents:
        article = known.get(document.doc_id) or Article(workspace_id=workspace_id)
        _fill(article, document, source)
        revision = decided.get(article.id)
        if revision is None or revision.content_hash != content_hash(document):
            revision = write_revision(article, document, author)
        changed = article.published_revision_id != revision.id
        decision = (article.wanted_revision_id, article.state)
        if changed and decision != (revision.id, ArticleState.INDEXING):
            article.wanted_revision, article.state = revision, ArticleState.INDEXING
            article.save(update_fields=["wanted_revision", "state", "updated_at"])
        saved.append(Saved(article, revision, changed))
    new = [one.article.id for one in saved if one.article.external_id not in known]
    search_words.note(workspace_id, new)
    return saved


def lock(workspace_id: UUID) -> None:
    """One transaction at a time writes new articles and revisions of a workspace."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"articles {workspace_id}"]
        )


def _decided_revisions(articles: Iterable[Article]) -> Mapping[UUID, Revision]:
    """By article, what was last decided to be published; without the texts."""
    wanted = [one.wanted_revision_id for one in articles if one.wanted_revision_id]
    rows = Revision.objects.filter(id__in=wanted).defer("text")
    return {revision.article_id: revision for revision in rows}


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
    if article.lang != document.lang and has_translation(article, document.lang):
        article.translation_group = None
    for name, value in wanted.items():
        setattr(article, name, value)
    article.save()
    snapshots.changed(article.workspace_id)  # who may read it may have changed


def has_translation(article: Article, lang: str) -> bool:
    """Whether another article of the same translations is in this language."""
    if article.translation_group is None:
        return False
    rows = Article.objects.filter(translation_group=article.translation_group, lang=lang)
    return rows.exclude(id=article.id).exists()


def last_number(article: Article) -> int:
    """Of the revision that was written last; 0 where there is none."""
    return int(article.revisions.aggregate(last=Max("number"))["last"] or 0)


def write_revision(article: Article, document: Document, author: Member | None) -> Revision:
    """A further revision, inside the scope; nothing points to it yet."""
    return Revision.objects.create(
        workspace_id=article.workspace_id,
        article=article,
        number=last_number(article) + 1,
        title=document.title,
        text=document.text,
        text_format=document.text_format,
        content_hash=content_hash(document),
        author=author,
    )


def valid(document: Document) -> Document:
    """As it can be kept; without a title the id stands for it. Raises KnowledgeError."""
    try:
        title = document.title or document.doc_id
        return checked(replace(document, title=title))
    except ParseError as error:
        raise KnowledgeError(str(error)) from error
