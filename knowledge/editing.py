"""Articles as members change them in the console: a change and its audit entry, or neither.

Doing the same again changes nothing and leaves no second entry. Who may call is checked by the
surface with `accounts.access.member_for(roles=EDITORS)`; who may publish, here.
EditConflict: somebody else saved the article meanwhile; nothing of theirs is overwritten.
"""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import NotAllowed, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import articles, drafts, snapshots, tags
from knowledge.articles import KnowledgeError, Saved
from knowledge.models import Article, ArticleState, Revision
from knowledge.parsing.document import LONGEST_TITLE, Document, with_facts

FACTS = ("url", "lang", "audience")


class EditConflict(KnowledgeError):
    """The article has a newer revision than the one that was edited."""


@dataclass(frozen=True)
class Draft:
    """What a member wrote. tags: None leaves them as they are."""

    title: str
    text: str
    url: str = ""
    lang: str = "en"
    audience: str = "public"
    tags: tuple[str, ...] | None = None


def save(author: Member, doc_id: str, draft: Draft, *, base: int) -> Saved:
    """Write a revision that is published once it is indexed; it takes the place of a draft.

    base: the number of the revision that was edited, 0 for a new article. Raises EditConflict,
    KnowledgeError for what cannot be kept, and NotAllowed where somebody else has to publish.
    """
    with workspace_scope(author.workspace_id):
        article = _opened(doc_id, draft, base)
        if not drafts.may_publish_directly(author):
            raise NotAllowed("a review is required")
        last = articles.last_number(article) if article else 0
        before = _facts(article) if article else None
        waiting = article.draft_revision if article else None
        if article and waiting and _is_same(waiting, draft):
            _apply(article, draft)
            drafts.accept(article, waiting)
            _record(author, "article.draft_published", article, revision=waiting.number)
            saved = Saved(article, waiting, changed=True)
        else:
            saved = articles.upsert_article(
                author.workspace_id,
                doc_id=doc_id,
                title=draft.title,
                text=draft.text,
                url=draft.url,
                lang=draft.lang,
                audience=draft.audience,
                text_format=_format(article),
                author=author,
                origin="console",
            )
            drafts.clear(saved.article)
        if saved.revision.number > last:
            _record(author, "article.saved", saved.article, revision=saved.revision.number)
        _finish(author, saved.article, draft, before)
    return saved


def save_draft(author: Member, doc_id: str, draft: Draft, *, base: int) -> Saved:
    """Write a revision that answers nothing until somebody publishes it.

    Language, address and tags hold at once. Raises EditConflict and KnowledgeError as `save`, the
    latter also where a published article would be opened to other readers without a review.
    """
    with workspace_scope(author.workspace_id):
        article = _opened(doc_id, draft, base)
        directly = drafts.may_publish_directly(author)
        if article and article.audience != draft.audience:
            _check_audience(author, article)
        before = _facts(article) if article else None
        document = articles.valid(_document(doc_id, draft, _format(article)))
        article = article or _new(author.workspace_id, document)
        if before is not None:
            _apply(article, draft)
        current = article.draft_revision or article.wanted_revision
        if current is not None and _is_same(current, draft):
            saved = Saved(article, current, changed=False)
        else:
            revision = articles.write_revision(article, document, author)
            drafts.point_to(article, revision, keep_schedule=directly)
            _record(author, "article.draft_saved", article, revision=revision.number)
            saved = Saved(article, revision, changed=True)
        _finish(author, article, draft, before)
    return saved


def restore(author: Member, article_id: UUID, number: int) -> Saved:
    """Make an old revision's text the newest: published, or a draft where review is required.

    Raises NotFound.
    """
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        old = revision_of(article, number)
        current = article.draft_revision or articles.decided_revision(article)
        if (old.title, old.text) == (current.title, current.text):
            return Saved(article, current, changed=False)
        document = with_facts(
            Document(article.external_id, old.title, old.text, old.text_format), _facts(article)
        )
        revision = articles.write_revision(article, document, author)
        if drafts.may_publish_directly(author):
            drafts.clear(article)
            articles.want(article, revision)
        else:
            drafts.point_to(article, revision, keep_schedule=False)
        _record(author, "article.restored", article, revision=revision.number, restored=number)
    return Saved(article, revision, changed=True)


def archive(author: Member, article_id: UUID) -> None:
    """From now on no answer comes from the article. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        if article.archived_at is None:
            articles.archive(author.workspace_id, article.external_id)
            _record(author, "article.archived", article)


def bring_back(author: Member, article_id: UUID) -> None:
    """Index what an archived article answered with again. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        if article.archived_at is not None:
            articles.publish(author.workspace_id, article.external_id)
            _record(author, "article.brought_back", article)


def index_again(author: Member, article_id: UUID) -> None:
    """Try once more where the worker gave up; otherwise changes nothing. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        if article.state == ArticleState.FAILED:
            articles.publish(author.workspace_id, article.external_id)
            _record(author, "article.indexed_again", article)


def label(author: Member, article_id: UUID, tag: str, *, on: bool) -> bool:
    """Put a normalised tag on or take it off; whether that changed something. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        had = set(tags.names_of(article))
        wanted = had | {tag} if on else had - {tag}
        if len(wanted) > tags.MOST and wanted != had:
            raise KnowledgeError(_("An article has at most %(most)s tags.") % {"most": tags.MOST})
        before, after = tags.put_on(article, wanted)
        if before != after:
            old, new = {"tags": before}, {"tags": after}
            _record(author, "article.changed", article, before=old, after=new)
        return before != after


def set_fact(author: Member, article_id: UUID, name: str, value: str) -> bool:
    """Change one of FACTS alone; whether it was another. Raises NotFound, KnowledgeError."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        before = getattr(article, name)
        if before == value:
            return False
        if name == "audience":
            _check_audience(author, article)
        if name == "lang":
            _check_language(article, value)
        setattr(article, name, value)
        article.save(update_fields=[name, "updated_at"])
        snapshots.changed(author.workspace_id)
        _record(author, "article.changed", article, before={name: before}, after={name: value})
    return True


def _check_audience(author: Member, article: Article) -> None:
    """To open what is published to other readers is to publish it."""
    if article.wanted_revision_id and not drafts.may_publish_directly(author):
        raise KnowledgeError(_("Who may read a published article is changed by an administrator."))


def _check_language(article: Article, lang: str) -> None:
    if articles.has_translation(article, lang):
        raise KnowledgeError(_("A translation into this language is there already."))


def revision_of(article: Article, number: int) -> Revision:
    """One revision of an article, inside the scope. Raises NotFound."""
    try:  # not .first(), which sorts by id: PostgreSQL then reads all revisions in that order
        return article.revisions.select_related("author").get(number=number)
    except Revision.DoesNotExist:
        raise NotFound("no such revision") from None


def _opened(doc_id: str, draft: Draft, base: int) -> Article | None:
    """The article as it is locked now, if it is still what was edited."""
    article = Article.objects.select_for_update().filter(external_id=doc_id).first()
    if article is None:
        if base != 0:
            raise EditConflict("The article is gone.")
        return None
    newest = articles.newest_revision(article)
    if newest.number != base and not _is_same(newest, draft):
        raise EditConflict("Somebody else has changed this article meanwhile.")
    if draft.lang != article.lang:
        _check_language(article, draft.lang)
    return article


def _is_same(revision: Revision, draft: Draft) -> bool:
    return (revision.title, revision.text) == (draft.title, draft.text)


def _format(article: Article | None) -> str:
    return articles.newest_revision(article).text_format if article else "markdown"


def _document(doc_id: str, draft: Draft, text_format: str) -> Document:
    title = draft.title[:LONGEST_TITLE].strip()
    return Document(doc_id, title, draft.text, text_format, draft.url, draft.lang, draft.audience)


def _new(workspace_id: UUID, document: Document) -> Article:
    """An article of which nothing is published."""
    return Article.objects.create(
        workspace_id=workspace_id,
        source=articles.source_named(workspace_id, "console", kind="console"),
        external_id=document.doc_id,
        title=document.title,
        url=document.url,
        lang=document.lang,
        audience=document.audience,
    )


def _apply(article: Article, draft: Draft) -> None:
    for name in FACTS:
        setattr(article, name, getattr(draft, name))
    article.save(update_fields=[*FACTS, "updated_at"])


def _finish(author: Member, article: Article, draft: Draft, before: dict[str, str] | None) -> None:
    """The tags, and the entry about everything that is no text."""
    had, has = ("", "")
    if draft.tags is not None:
        had, has = tags.put_on(article, draft.tags)
    after = _facts(article)
    changed = before is not None and before != after
    if changed or had != has:
        old, new = (before or after) | {"tags": had}, after | {"tags": has}
        if draft.tags is None:
            del old["tags"], new["tags"]
        _record(author, "article.changed", article, before=old, after=new)


def _facts(article: Article) -> dict[str, str]:
    return {name: getattr(article, name) for name in FACTS}


def _record(author: Member, action: str, article: Article, **detail: object) -> None:
    audit.record(author, action, target_kind="article", target_id=article.id, **detail)
