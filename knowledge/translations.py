"""Articles that say the same in several languages, one article for each.

The original gives the group its id. A translation is behind when its original was published or
drafted anew after the translation was last brought up to it (`translated_at`).
KnowledgeError: these articles cannot be linked; the message is for whoever tried.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import articles
from knowledge.articles import KnowledgeError
from knowledge.models import Article

MOST = 60  # languages of one group


@dataclass(frozen=True)
class Translation:
    article: Article
    is_original: bool
    is_behind: bool


def of(article: Article) -> list[Translation]:
    """The article's group, the original first; where it has none, itself. Inside the scope."""
    if article.translation_group is None:
        return [Translation(article, is_original=True, is_behind=False)]
    rows = Article.objects.select_related("wanted_revision").defer("wanted_revision__text")
    group = list(rows.filter(translation_group=article.translation_group).order_by("lang")[:MOST])
    written = next((_written(one) for one in group if _is_original(one)), None)
    found = [Translation(one, _is_original(one), _is_behind(one, written)) for one in group]
    return sorted(found, key=lambda one: (not one.is_original, one.article.lang))


def _is_original(article: Article) -> bool:
    return article.id == article.translation_group


def _written(article: Article) -> datetime | None:
    """When the text was written that answers or is about to."""
    return article.wanted_revision.created_at if article.wanted_revision else None


def _is_behind(article: Article, written: datetime | None) -> bool:
    if _is_original(article) or written is None:
        return False
    return article.translated_at is None or article.translated_at < written


def link(author: Member, article_id: UUID, other_id: UUID) -> None:
    """Say that `other_id` is a translation of the article. Twice is harmless.

    Raises NotFound, and KnowledgeError where a language would be there twice or the other has
    translations of its own.
    """
    with workspace_scope(author.workspace_id):
        rows = Article.objects.select_for_update().filter(id__in={article_id, other_id})
        found = {one.id: one for one in rows.order_by("id")}
        if article_id not in found or other_id not in found:
            raise NotFound("no such article")
        article, other = found[article_id], found[other_id]
        group = article.translation_group or article.id
        if other.translation_group == group or article_id == other_id:
            return
        if other.translation_group is not None:
            raise KnowledgeError(_("That article has other translations already."))
        _check_language(article, other, group)
        _set_group(article, group)
        other.translated_at = timezone.now()
        _set_group(other, group)
        _record(author, "article.translation_linked", article, other=str(other.id), lang=other.lang)


def _check_language(article: Article, other: Article, group: UUID) -> None:
    taken = set(Article.objects.filter(translation_group=group).values_list("lang", flat=True)) | {
        article.lang
    }
    if other.lang in taken:
        raise KnowledgeError(
            _("There is an article in the language %(lang)s already.") % {"lang": other.lang}
        )


def unlink(author: Member, article_id: UUID) -> None:
    """The article stands alone again; the oldest of the others takes the place of an original."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        group = article.translation_group
        if group is None:
            return
        _set_group(article, None)
        others = list(Article.objects.select_for_update().filter(translation_group=group))
        others.sort(key=lambda one: one.id)
        if len(others) == 1:
            _set_group(others[0], None)
        elif article.id == group:
            for one in others:
                _set_group(one, others[0].id)
        _record(author, "article.translation_unlinked", article, lang=article.lang)


def is_up_to_date(author: Member, article_id: UUID) -> None:
    """A person has compared the translation with its original. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        behind = {one.article.id for one in of(article) if one.is_behind}
        if article.id in behind:
            brought_up(article)
            _record(author, "article.translation_checked", article, lang=article.lang)


def brought_up(article: Article) -> None:
    """The translation says what its original says now. Inside the scope."""
    if article.translation_group is not None and article.translation_group != article.id:
        Article.objects.filter(id=article.id).update(translated_at=timezone.now())


def candidates(article: Article, text: str, *, count: int = 10) -> list[Article]:
    """Articles of other languages without a group whose title has the words of `text`. In scope."""
    from knowledge.finding import matching

    rows = Article.objects.filter(workspace_id=article.workspace_id, translation_group=None)
    rows = matching(rows, article.workspace_id, text) if text else rows.none()
    return list(rows.exclude(lang=article.lang).order_by("-updated_at", "-id")[:count])


def _set_group(article: Article, group: UUID | None) -> None:
    article.translation_group = group
    article.save(update_fields=["translation_group", "translated_at"])


def _record(author: Member, action: str, article: Article, **detail: object) -> None:
    audit.record(author, action, target_kind="article", target_id=article.id, **detail)
