"""How visitors rated the conversations that were closed on a span of days.

CSAT is the share of 4 and 5 among the ratings that were given; who gives none is not counted as
satisfied, nor as the opposite. A conversation that was closed twice may be rated twice.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet

from accounts.scope import workspace_scope
from chatbot.models import Rating
from learning.outcomes import Span, in_span

GOOD = (4, 5)
MOST_COMMENTS = 10


@dataclass(frozen=True)
class Comment:
    """What a visitor wrote with a rating."""

    conversation_id: UUID
    score: int
    text: str
    at: datetime


@dataclass(frozen=True)
class Satisfaction:
    """`scores`: how many gave 1 to 5, in this order. `comments`: the newest."""

    scores: tuple[int, int, int, int, int]
    comments: tuple[Comment, ...]

    @property
    def ratings(self) -> int:
        return sum(self.scores)

    @property
    def good(self) -> int:
        return sum(self.scores[score - 1] for score in GOOD)


def satisfaction(workspace_id: UUID, span: Span) -> Satisfaction:
    """Of closings on these UTC days; two queries over the span's ratings."""
    with workspace_scope(workspace_id):
        rows = ratings_in(workspace_id, span)
        counted = dict(rows.values_list("score").annotate(count=Count("id")))
        written = rows.exclude(comment="").order_by("-closed_at", "-id")[:MOST_COMMENTS]
        comments = tuple(
            Comment(row.conversation_id, row.score, row.comment, row.given_at) for row in written
        )
    one, two, three, four, five = (counted.get(score, 0) for score in range(1, 6))
    return Satisfaction((one, two, three, four, five), comments)


def ratings_in(workspace_id: UUID, span: Span) -> QuerySet[Rating]:
    """Needs the scope."""
    start = datetime.combine(span.first, time(), UTC)
    end = datetime.combine(span.last, time(), UTC) + timedelta(days=1)
    rows = Rating.objects.filter(workspace_id=workspace_id, closed_at__gte=start, closed_at__lt=end)
    if span.language:
        rows = rows.filter(conversation__language=span.language)
    if span.article_id or span.topic_id:
        about = in_span(workspace_id, span).values("conversation_id")
        rows = rows.filter(conversation_id__in=about)
    return rows
