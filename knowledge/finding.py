"""Articles by what somebody types: words of the title, of the id, of tags, of drafts and texts.

Nothing here reads all rows. The rarest word gives at most MOST articles, which are then looked
through for the other words, together with the best passages of the published texts. Only when all
of the words are in more articles than that, each row of the list is asked whether it has them.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from knowledge.models import Article, ArticleTag, ArticleWord, Audience, Tag
from knowledge.retrieval import Filters, View, search
from knowledge.search_words import LONGEST, words_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST = 1_000
MOST_WORDS = 8  # of what is typed; further ones are not needed to find something
BY_WORDS = 100  # passages that are looked through for articles
_LAST_CHARACTER = "\U0010ffff"


def matching(rows: "QuerySet[Article]", workspace_id: UUID, text: str) -> "QuerySet[Article]":
    """Those of the rows that have every word, the last one begun at least. Inside the scope."""
    words = [word[:LONGEST] for word in words_of(text)][:MOST_WORDS]
    if not words:
        return rows.none()
    found = {word: _with_word(workspace_id, word) for word in words}
    rare = {word: ids for word, ids in found.items() if ids is not None}
    if not rare:
        return rows.filter(*(_has_word(workspace_id, word) for word in words))
    rarest, ids = min(rare.items(), key=lambda pair: len(pair[1]))
    others = [_has_word(workspace_id, word) for word in words if word != rarest]
    if others and ids:
        named = Article.objects.filter(workspace_id=workspace_id, id__in=ids).filter(*others)
        ids = set(named.values_list("id", flat=True))
    return rows.filter(id__in=ids | _by_text(workspace_id, text))


def tagged(rows: "QuerySet[Article]", workspace_id: UUID, name: str) -> "QuerySet[Article]":
    """Those of the rows that have a normalised tag. Inside the scope."""
    tag = Tag.objects.filter(workspace_id=workspace_id, name=name).first()
    if tag is None:
        return rows.none()
    labels = ArticleTag.objects.filter(tag=tag)
    ids = list(labels.values_list("article_id", flat=True)[: MOST + 1])
    if len(ids) <= MOST:
        return rows.filter(id__in=ids)
    return rows.filter(Exists(labels.filter(article_id=OuterRef("pk"))))


def is_common_tag(workspace_id: UUID, name: str, *, more_than: int) -> bool:
    """Whether more articles than that have a normalised tag. Inside the scope."""
    labels = ArticleTag.objects.filter(workspace_id=workspace_id, tag__name=name)
    return len(labels.values_list("article_id")[: more_than + 1]) > more_than


def is_common_word(workspace_id: UUID, text: str, *, more_than: int) -> bool:
    """Whether more titles, ids or drafts than that have the only word. Inside the scope."""
    words = [word[:LONGEST] for word in words_of(text)]
    if len(words) != 1:
        return False
    named = _beginning_with(workspace_id, words[0]).values_list("article_id", flat=True)
    return len(set(named[: 2 * more_than])) > more_than


def _with_word(workspace_id: UUID, word: str) -> set[UUID] | None:
    """The articles that have a word that begins so; None for too many."""
    named = _beginning_with(workspace_id, word).values_list("article_id", flat=True)
    entries = list(named[: 2 * MOST + 1])  # an article may have several such words
    found = set(entries)
    if len(entries) > 2 * MOST or len(found) > MOST:
        return None
    tagged = ArticleTag.objects.filter(workspace_id=workspace_id).filter(_tag(word))
    found |= set(tagged.values_list("article_id", flat=True)[: MOST + 1])
    return found if len(found) <= MOST else None


def _beginning_with(workspace_id: UUID, word: str) -> "QuerySet[ArticleWord]":
    """In the order of the key, so that it is read by the key."""
    begins = {"word__gte": word, "word__lt": word + _LAST_CHARACTER}
    rows = ArticleWord.objects.filter(workspace_id=workspace_id, **begins)
    return rows.order_by("word", "article_id")


def _has_word(workspace_id: UUID, word: str) -> Q:
    """Asked of each row. Without a tag that begins so there is no second question beside the first:

    PostgreSQL answers two with OR between them from all words of the workspace, read at once.
    """
    begins = {"word__gte": word, "word__lt": word + _LAST_CHARACTER}
    named = Q(Exists(ArticleWord.objects.filter(article_id=OuterRef("pk"), **begins)))
    tags = Tag.objects.filter(workspace_id=workspace_id, name__gte=word)
    tags = tags.filter(name__lt=word + _LAST_CHARACTER)
    if not tags.exists():
        return named
    return named | Q(Exists(ArticleTag.objects.filter(article_id=OuterRef("pk"), tag__in=tags)))


def _tag(word: str) -> Q:
    """A tag of several words is found by its first one."""
    return Q(tag__name__gte=word, tag__name__lt=word + _LAST_CHARACTER)


def _by_text(workspace_id: UUID, text: str) -> set[UUID]:
    """Articles whose published text has the words."""
    views, audiences = [View(text, None)], tuple(Audience.values)
    found = search(workspace_id, views=views, filters=Filters(audiences), k=BY_WORDS)
    return {one.article_id for one in found}
