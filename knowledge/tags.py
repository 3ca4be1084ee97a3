"""Labels of articles: normalised, put on and taken off, renamed, merged, suggested.

A tag that no article has stays until it is deleted, so that a list of tags can be prepared.
KnowledgeError: a name that cannot be a tag, with words for whoever typed it.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge.articles import KnowledgeError
from knowledge.models import Article, ArticleTag, Tag

LONGEST = 40
MOST = 20  # of one article
PER_PAGE = 50
COUNTED = 1_000
_SPACES = re.compile(r"\s+")
_LAST_CHARACTER = "\U0010ffff"
_MERGE = """
INSERT INTO knowledge_articletag (id, workspace_id, tag_id, article_id)
SELECT gen_random_uuid(), workspace_id, %s, article_id FROM knowledge_articletag
WHERE workspace_id = %s AND tag_id = %s ON CONFLICT DO NOTHING
"""
_COUNTS = """
SELECT t.id, (SELECT count(*) FROM (
  SELECT FROM knowledge_articletag WHERE tag_id = t.id LIMIT %s) AS first_ones)
FROM unnest(%s::uuid[]) AS t (id)
"""


@dataclass(frozen=True)
class Counted:
    """`more`: the tag has more articles than were counted."""

    id: UUID
    name: str
    articles: int
    more: bool


def normalised(name: str) -> str:
    """A tag as it is kept: small letters, single blanks, no leading #. Raises KnowledgeError."""
    folded = unicodedata.normalize("NFKC", name).casefold().strip().lstrip("#")
    tag = _SPACES.sub(" ", folded).strip()
    if not tag or len(tag) > LONGEST or "," in tag or not tag.isprintable():
        raise KnowledgeError(
            _("A tag has 1 to %(most)s characters and no comma.") % {"most": LONGEST}
        )
    return tag


def parsed(text: str) -> tuple[str, ...]:
    """Tags that were typed, separated by commas, each once. Raises KnowledgeError."""
    found = dict.fromkeys(normalised(part) for part in text.split(",") if part.strip())
    if len(found) > MOST:
        raise KnowledgeError(_("An article has at most %(most)s tags.") % {"most": MOST})
    return tuple(found)


def names_of(article: Article) -> list[str]:
    """The article's tags by name, inside the scope."""
    rows = ArticleTag.objects.filter(article=article)
    return list(rows.order_by("tag__name").values_list("tag__name", flat=True))


def put_on(article: Article, names: Iterable[str]) -> tuple[str, str]:
    """Give the article exactly these normalised tags, inside the scope; what it had, and has."""
    had, wanted = names_of(article), sorted(set(names))
    if had != wanted:
        ArticleTag.objects.filter(article=article).exclude(tag__name__in=wanted).delete()
        for name in wanted:
            if name not in had:
                add(article, name)
    return ", ".join(had), ", ".join(wanted)


def from_file(article: Article, given: Sequence[str]) -> list[str]:
    """Put on what a file says, inside the scope; those that an editor put on stay.

    Returns what cannot be a tag, or is one too many.
    """
    wanted, refused = list[str](), list[str]()
    for one in given:
        try:
            wanted.append(normalised(one))
        except KnowledgeError:
            refused.append(one[:LONGEST])
    has = names_of(article) if wanted else []
    new = [one for one in dict.fromkeys(wanted) if one not in has]
    room = max(MOST - len(has), 0)
    for one in new[:room]:
        add(article, one)
    return refused + new[room:]


def add(article: Article, name: str) -> bool:
    """Put a normalised tag on, inside the scope; whether it was not there."""
    tag, _made = Tag.objects.get_or_create(workspace_id=article.workspace_id, name=name)
    _row, made = ArticleTag.objects.get_or_create(
        workspace_id=article.workspace_id, tag=tag, article=article
    )
    return made


def take_off(article: Article, name: str) -> bool:
    """Inside the scope; whether it was there."""
    gone, _each = ArticleTag.objects.filter(article=article, tag__name=name).delete()
    return gone > 0


def beginning_with(workspace_id: UUID, start: str, *, count: int = 10) -> list[str]:
    """Names for suggestions, by name; all of them are looked at through the index."""
    start = unicodedata.normalize("NFKC", start).casefold().strip().lstrip("#").replace("\0", "")
    with workspace_scope(workspace_id):
        rows = Tag.objects.filter(workspace_id=workspace_id)
        if start:
            rows = rows.filter(name__gte=start, name__lt=start + _LAST_CHARACTER)
        return list(rows.order_by("name").values_list("name", flat=True)[:count])


def listed(workspace_id: UUID, *, after: str = "") -> tuple[list[Counted], bool]:
    """One page of tags by name, with how many articles have each; whether there are more."""
    with workspace_scope(workspace_id):
        rows = Tag.objects.filter(workspace_id=workspace_id, name__gt=after).order_by("name")
        found = list(rows[: PER_PAGE + 1])
        shown = found[:PER_PAGE]
        counts = _counts([tag.id for tag in shown])
    return [
        Counted(tag.id, tag.name, min(counts[tag.id], COUNTED), counts[tag.id] > COUNTED)
        for tag in shown
    ], len(found) > PER_PAGE


def counted(workspace_id: UUID, tag_id: UUID) -> Counted:
    """One tag as in the list. Raises NotFound."""
    with workspace_scope(workspace_id):
        tag = Tag.objects.filter(workspace_id=workspace_id, id=tag_id).first()
        if tag is None:
            raise NotFound("no such tag")
        number = _counts([tag.id])[tag.id]
    return Counted(tag.id, tag.name, min(number, COUNTED), number > COUNTED)


def _counts(ids: list[UUID]) -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [COUNTED + 1, ids])
        return dict(cursor.fetchall())


def rename(author: Member, tag_id: UUID, name: str, *, merge: bool = False) -> bool:
    """Give a tag another name; with `merge`, into the tag that has that name already.

    Returns False and changes nothing where that needs `merge`. Raises NotFound, KnowledgeError.
    """
    name = normalised(name)
    with workspace_scope(author.workspace_id):
        tag = _locked(tag_id)
        before = tag.name
        if before == name:
            return True
        other = Tag.objects.select_for_update().filter(name=name).first()
        if other is None:
            tag.name = name
            tag.save(update_fields=["name"])
        elif not merge:
            return False
        else:
            with connection.cursor() as cursor:
                cursor.execute(_MERGE, [other.id, author.workspace_id, tag.id])
            tag.delete()
        action = "tag.merged" if other else "tag.renamed"
        audit.record(author, action, target_kind="tag", target_id=tag_id, before=before, after=name)
    return True


def delete(author: Member, tag_id: UUID) -> None:
    """Take the tag off all its articles, too. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        tag = _locked(tag_id)
        name = tag.name
        tag.delete()
        audit.record(author, "tag.deleted", target_kind="tag", target_id=tag_id, name=name)


def _locked(tag_id: UUID) -> Tag:
    tag = Tag.objects.select_for_update().filter(id=tag_id).first()
    if tag is None:
        raise NotFound("no such tag")
    return tag
