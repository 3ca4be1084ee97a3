"""Articles: list, read, put, archive. Each change is in the audit log under the key's prefix."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from accounts import audit
from accounts.access import ApiPrincipal
from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot.api import cursors
from chatbot.api.errors import ErrorOut
from chatbot.api.keys import ARTICLE_READERS, ARTICLE_WRITERS, principal
from chatbot.api.schemas import ArticleOut, ArticlePage, ArticlePut, ArticleSummary
from knowledge import articles, proposing
from knowledge.models import Article, DraftState
from knowledge.parsing.document import LONGEST_TITLE, Document, with_facts

router = Router(tags=["articles"])
REFUSED = frozenset({400, 401, 403, 404, 413, 422, 429})
FACTS = ("external_id", "title", "url", "lang", "audience", "state", "updated_at")
NEW = {"url": "", "lang": "en", "audience": "public", "text_format": "markdown"}
Limit = Annotated[int, Field(ge=1, le=100)]
Cursor = Annotated[str, Field(max_length=2000)]


@dataclass(frozen=True)
class Present:
    """What an article has already, so that a change of text cannot publish an internal one."""

    fields: Mapping[str, str] = field(default_factory=lambda: NEW)
    revision: int = 0
    archived: bool = False


@router.get(
    "/articles", response={200: ArticlePage, REFUSED: ErrorOut}, operation_id="list_articles"
)
def index(request: HttpRequest, *, cursor: Cursor | None = None, limit: Limit = 50) -> ArticlePage:
    """The workspace's articles of every source by doc_id, archived ones too, without texts."""
    who = principal(request, ARTICLE_READERS)
    with workspace_scope(who.workspace_id):
        rows = Article.objects.all().order_by("external_id")
        if cursor:
            rows = rows.filter(external_id__gt=cursors.decode(cursor, parts=1)[0])
        found = [_summary(row) for row in rows.values(*FACTS)[: limit + 1]]
    page = found[:limit]
    return ArticlePage(
        articles=page,
        next_cursor=cursors.encode(page[-1].doc_id) if len(found) > limit else None,
    )


@router.get(
    "/articles/{path:doc_id}",
    response={200: ArticleOut, REFUSED: ErrorOut},
    operation_id="get_article",
)
def show(request: HttpRequest, doc_id: str) -> ArticleOut:
    """One article with the text that answers or is about to; of a mere draft, the draft."""
    return _article(principal(request, ARTICLE_READERS), doc_id)


@router.put(
    "/articles/{path:doc_id}",
    response={200: ArticleOut, REFUSED: ErrorOut},
    operation_id="put_article",
)
def put(request: HttpRequest, doc_id: str, body: ArticlePut) -> ArticleOut:
    """Make or change an article. Visitors get the new text once it is indexed, in seconds.

    The same content again writes nothing, but brings an archived article back. A draft changes
    nothing for visitors; `draft_revision` and `draft_state` say what it waits for.
    """
    who = principal(request, ARTICLE_WRITERS)
    given = {
        "url": body.url, "lang": body.lang, "audience": body.audience, "text_format": body.format,
    }  # fmt: skip
    with workspace_scope(who.workspace_id):
        before = _present(doc_id)
        fields = dict(before.fields) | {
            name: value for name, value in given.items() if value is not None
        }
        document = articles.valid(
            with_facts(Document(doc_id, body.title[:LONGEST_TITLE].strip(), body.text), fields)
        )
        if body.draft or proposing.required(who.workspace_id):
            _propose(who, document, waits=not body.draft)
            return _article(who, doc_id)
        saved = articles.upsert_article(
            who.workspace_id,
            doc_id=doc_id,
            title=body.title,
            text=body.text,
            url=fields["url"],
            lang=fields["lang"],
            audience=fields["audience"],
            text_format=fields["text_format"],
        )
        if saved.revision.number != before.revision or fields != before.fields or before.archived:
            _record(who, "article.saved", saved.article.id, revision=saved.revision.number)
        return _article(who, doc_id)


def _propose(who: ApiPrincipal, document: Document, *, waits: bool) -> None:
    """Write a draft; waits: for its review."""
    source = articles.source_named(who.workspace_id, "api", kind="api")
    state = DraftState.IN_REVIEW if waits else DraftState.WRITTEN
    saved = proposing.propose_all([document], source=source, state=state)[0]
    if saved.changed:
        number = saved.revision.number
        _record(who, "article.draft_saved", saved.article.id, revision=number)


@router.delete(
    "/articles/{path:doc_id}",
    response={204: None, REFUSED: ErrorOut},
    operation_id="archive_article",
)
def archive(request: HttpRequest, doc_id: str) -> Status[None]:
    """From now on no answer comes from the article. Twice is harmless."""
    who = principal(request, ARTICLE_WRITERS)
    with workspace_scope(who.workspace_id):
        article = _row(doc_id)
        articles.archive(who.workspace_id, doc_id)
        if article.archived_at is None:
            _record(who, "article.archived", article.id)
    return Status(204, None)


def _row(doc_id: str) -> Article:
    if not doc_id.isprintable():  # the database cannot even be asked for some of these
        raise NotFound("no such article")
    return articles.by_doc_id(doc_id)


def _present(doc_id: str) -> Present:
    try:
        article = _row(doc_id)
    except NotFound:
        return Present()
    newest = articles.decided_revision(article)
    fields = {
        "url": article.url,
        "lang": article.lang,
        "audience": article.audience,
        "text_format": newest.text_format,
    }
    return Present(fields, newest.number, archived=article.archived_at is not None)


def _summary(row: dict[str, Any]) -> ArticleSummary:
    return ArticleSummary.model_validate(row | {"doc_id": row["external_id"]})


def _article(who: ApiPrincipal, doc_id: str) -> ArticleOut:
    with workspace_scope(who.workspace_id):
        article = _row(doc_id)
        newest = articles.decided_revision(article)
        row = Article.objects.filter(id=article.id).values(*FACTS).get()
        draft = article.draft_revision
    summary = _summary(row).model_dump() | {"title": newest.title}
    return ArticleOut.model_validate(
        summary
        | {
            "text": newest.text,
            "format": newest.text_format,
            "revision": newest.number,
            "draft_revision": draft.number if draft is not None else None,
            "draft_state": article.draft_state,
        }
    )


def _record(who: ApiPrincipal, action: str, article_id: UUID, **detail: object) -> None:
    audit.record(
        f"api_key {who.prefix}", action, target_kind="article", target_id=article_id, **detail
    )
