"""Articles as members change them in the console: a change and its audit entry, or neither.

Doing the same again changes nothing and leaves no second entry. Who may call is checked by the
surface with `accounts.access.member_for(roles=EDITORS)`.
EditConflict: somebody else saved the article meanwhile; nothing of theirs is overwritten.
"""

from dataclasses import asdict, dataclass
from uuid import UUID

from accounts import audit
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import articles
from knowledge.articles import KnowledgeError, Saved
from knowledge.listing import with_state
from knowledge.models import Article, Revision

FACTS = ("url", "lang", "audience")


class EditConflict(KnowledgeError):
    """The article has a newer revision than the one that was edited."""


@dataclass(frozen=True)
class Draft:
    """What a member wrote."""

    title: str
    text: str
    url: str = ""
    lang: str = "en"
    audience: str = "public"


def save(author: Member, doc_id: str, draft: Draft, *, base: int) -> Saved:
    """Write a revision that is published once it is indexed.

    base: the number of the revision that was edited, 0 for a new article. Raises EditConflict,
    and KnowledgeError for what cannot be kept.
    """
    with workspace_scope(author.workspace_id):
        article = Article.objects.select_for_update().filter(external_id=doc_id).first()
        newest = articles.newest_revision(article) if article else None
        same = newest is not None and (newest.title, newest.text) == (draft.title, draft.text)
        if (newest.number if newest else 0) != base and not same:
            raise EditConflict("Somebody else has changed this article meanwhile.")
        before = _facts(article) if article else None
        saved = articles.upsert_article(
            author.workspace_id,
            doc_id=doc_id,
            **asdict(draft),
            text_format=newest.text_format if newest else "markdown",
            author=author,
            origin="console",
        )
        after = _facts(saved.article)
        if saved.revision.id != (newest.id if newest else None):
            _record(author, "article.saved", saved.article, revision=saved.revision.number)
        if before is not None and before != after:
            _record(author, "article.changed", saved.article, before=before, after=after)
    return saved


def restore(author: Member, article_id: UUID, number: int) -> Saved:
    """Make an old revision's text the newest. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        old = revision_of(article, number)
        newest = articles.newest_revision(article)
        if (old.title, old.text) == (newest.title, newest.text):
            return Saved(article, newest, changed=False)
        saved = articles.upsert_article(
            author.workspace_id,
            doc_id=article.external_id,
            title=old.title,
            text=old.text,
            text_format=old.text_format,
            author=author,
            origin="console",
            **_facts(article),
        )
        _record(
            author, "article.restored", article, revision=saved.revision.number, restored=number
        )
    return saved


def archive(author: Member, article_id: UUID) -> None:
    """From now on no answer comes from the article. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        if article.archived_at is None:
            articles.archive(author.workspace_id, article.external_id)
            _record(author, "article.archived", article)


def bring_back(author: Member, article_id: UUID) -> None:
    """Index an archived article's newest revision again. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        if article.archived_at is not None:
            articles.publish(author.workspace_id, article.external_id)
            _record(author, "article.brought_back", article)


def index_again(author: Member, article_id: UUID) -> None:
    """Try once more where the worker gave up; otherwise changes nothing. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        failed = with_state(Article.objects.filter(id=article_id)).filter(state="failed")
        if failed.exists():
            articles.publish(author.workspace_id, article.external_id)
            _record(author, "article.indexed_again", article)


def revision_of(article: Article, number: int) -> Revision:
    """One revision of an article, inside the scope. Raises NotFound."""
    revision = article.revisions.filter(number=number).first()
    if revision is None:
        raise NotFound("no such revision")
    return revision


def _facts(article: Article) -> dict[str, str]:
    return {name: getattr(article, name) for name in FACTS}


def _record(author: Member, action: str, article: Article, **detail: object) -> None:
    audit.record(author, action, target_kind="article", target_id=article.id, **detail)
