"""Imported texts that wait for somebody: drafts, where the workspace reviews what is imported.

What is published goes on answering. Address, language and tags hold at once, as with any draft;
who may read a published article is left as it is. A draft of a member's makes room for the newer
text and stays among the revisions. Every function needs the workspace's scope.
"""

from collections.abc import Sequence
from uuid import UUID

from accounts.models import Member
from accounts.workspaces import settings_of
from knowledge import articles, drafts
from knowledge.articles import BY_HAND, Saved, content_hash
from knowledge.models import Article, DraftState, Source
from knowledge.parsing.document import Document


def required(workspace_id: UUID) -> bool:
    return settings_of(workspace_id).imports_reviewed


def propose_all(
    documents: Sequence[Document],
    *,
    source: Source,
    author: Member | None = None,
    state: DraftState = DraftState.IN_REVIEW,
) -> list[Saved]:
    """Write drafts of what is new. changed: there is a draft that was not there before."""
    articles.lock(source.workspace_id)
    ids = [document.doc_id for document in documents]
    rows = Article.objects.select_for_update(of=("self",)).filter(external_id__in=ids)
    rows = rows.select_related("draft_revision", "wanted_revision").order_by("id")
    known = {
        one.external_id: one for one in rows.defer("draft_revision__text", "wanted_revision__text")
    }
    saved = []
    for document in documents:
        article = _brought_up(known.get(document.doc_id), document, source)
        published = article.wanted_revision if article.archived_at is None else None
        current = article.draft_revision or published
        if current is not None and current.content_hash == content_hash(document):
            saved.append(Saved(article, current, changed=False))
            continue
        revision = articles.write_revision(article, document, author)
        drafts.point_to(article, revision, keep_schedule=False)
        if state != DraftState.WRITTEN:
            article.draft_state = state
            article.save(update_fields=["draft_state"])
        saved.append(Saved(article, revision, changed=True))
    return saved


def _brought_up(article: Article | None, document: Document, source: Source) -> Article:
    """The article with what holds at once."""
    if article is None:
        return Article.objects.create(
            workspace_id=source.workspace_id,
            source=source,
            external_id=document.doc_id,
            title=document.title,
            url=document.url,
            lang=document.lang,
            audience=document.audience,
        )
    wanted: dict[str, object] = {"url": document.url, "lang": document.lang}
    if source.kind not in BY_HAND:
        wanted["source_id"] = source.id
    if article.wanted_revision_id is None:
        wanted["audience"] = document.audience
    if any(getattr(article, name) != value for name, value in wanted.items()):
        if article.lang != document.lang and articles.has_translation(article, document.lang):
            article.translation_group = None
        for name, value in wanted.items():
            setattr(article, name, value)
        article.save()
    return article
