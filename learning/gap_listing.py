"""Groups of questions as the console lists and shows them. Reads alone, and runs no model."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.scope import workspace_scope
from knowledge.models import Article
from learning import gap_asking, gap_drafts, gap_groups
from learning.gap_drafts import Draft
from learning.models import GapGroup, GapQuestion, GapState

PER_PAGE = 25
QUESTIONS_PER_PAGE = 20
MOST_COUNTED = 1_000
MOST_ALIKE = 10
MOST_NEAREST = 5
TOPICS = 50  # to choose from as a filter
VIEWS: Mapping[str, Q] = {
    "open": Q(state=GapState.OPEN, is_answered=False),
    "answered": Q(state=GapState.OPEN, is_answered=True),
    "dismissed": Q(state=GapState.DISMISSED),
}
SORTS: Mapping[str, tuple[str, ...]] = {
    "volume": ("-needed", "id"),
    "cost": ("-cost_usd", "id"),
    "recent": ("-last_at", "id"),
}


@dataclass(frozen=True)
class Page:
    """count: None means more than MOST_COUNTED."""

    groups: tuple[GapGroup, ...]
    count: int | None
    number: int
    more: bool


@dataclass(frozen=True)
class Shown:
    """nearest: published articles, nearest first. own: the article that was begun for it."""

    group: GapGroup
    questions: tuple[GapQuestion, ...]
    number: int
    more: bool
    nearest: tuple[Article, ...]
    own: Article | None
    answers: tuple[GapQuestion, ...]
    draft: Draft
    alike: tuple[GapGroup, ...]


def list_groups(workspace_id: UUID, *, view: str, sort: str, number: int) -> Page:
    first = (number - 1) * PER_PAGE
    with workspace_scope(workspace_id):
        rows = GapGroup.objects.filter(VIEWS[view], workspace_id=workspace_id)
        count = len(rows.values_list("id")[: MOST_COUNTED + 1])
        ordered = rows.select_related("central").defer("mean", "central__vector")
        found = list(ordered.order_by(*SORTS[sort])[first : first + PER_PAGE + 1])
    shown = tuple(found[:PER_PAGE])
    return Page(shown, None if count > MOST_COUNTED else count, number, len(found) > PER_PAGE)


def show_group(workspace_id: UUID, group_id: UUID, *, number: int = 1) -> Shown:
    """Raises NotFound."""
    first = (number - 1) * QUESTIONS_PER_PAGE
    with workspace_scope(workspace_id):
        group = gap_groups.by_id(group_id)
        rows = GapQuestion.objects.filter(group=group, needs_help=True).defer("vector")
        asked = list(rows.order_by("-asked_at", "-id")[first : first + QUESTIONS_PER_PAGE + 1])
        answers = gap_drafts.answers(group)
        return Shown(
            group=group,
            questions=tuple(asked[:QUESTIONS_PER_PAGE]),
            number=number,
            more=len(asked) > QUESTIONS_PER_PAGE,
            nearest=tuple(_nearest(group)),
            own=own_article(group_id),
            answers=tuple(answers),
            draft=gap_drafts.draft_of(group, answered=answers),
            alike=tuple(gap_groups.alike(group, count=MOST_ALIKE)),
        )


def own_article(group_id: UUID) -> Article | None:
    """The one that was begun from the group's draft: its id is the group's. Needs the scope."""
    return Article.objects.filter(external_id=str(group_id)).first()


def _nearest(group: GapGroup) -> list[Article]:
    """By how many of the newest questions they are near to, the nearest counting most."""
    points: dict[str, float] = defaultdict(float)
    for row in gap_asking.newest(group):
        for place, article_id in enumerate(row.articles, start=1):
            points[article_id] += 1 / place
    rows = Article.objects.filter(
        id__in=list(points), archived_at__isnull=True, published_revision__isnull=False
    ).exclude(external_id=str(group.id))
    return sorted(rows, key=lambda row: (-points[str(row.id)], row.title))[:MOST_NEAREST]


def topics(workspace_id: UUID) -> list[tuple[UUID, str]]:
    """The largest groups and their words, as a filter of reports."""
    with workspace_scope(workspace_id):
        rows = GapGroup.objects.filter(workspace_id=workspace_id, central__isnull=False)
        found: Any = rows.order_by("-needed", "id").values_list("id", "central__text")
        return [(group_id, text) for group_id, text in found[:TOPICS]]
