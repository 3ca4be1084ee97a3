"""What became of conversations: figures of a span of days, and the conversations behind each.

A figure and the list that it leads to are one condition on ConversationDay, so they agree. A
conversation counts once on each day on which its visitor wrote. "The bot answered" means that
tier 1 or 2 did and no person had to. Confirmed is what a visitor or an auditor called right and
nobody called wrong; silence confirms nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Count, FloatField, Q, QuerySet, Sum

from accounts.scope import workspace_scope
from chatbot.models import Author, ErasedDay, Message
from knowledge.models import Article
from learning.models import ConversationDay, GapQuestion

MOST_ARTICLES = 25
PER_PAGE = 25
MOST_COUNTED = 1_000
BOT = Q(tier__in=[1, 2])
PERSON = Q(tier=3)
CONFIRMED = Q(helped=True, wrong=False)
WRONG = Q(wrong=True)
UNSAID = Q(helped=False, wrong=False)
TIERS: Mapping[str, Q] = {
    "0": Q(tier=0), "1": Q(tier=1), "2": Q(tier=2), "3": PERSON,
    "nobody": Q(tier__isnull=True), "bot": BOT,
}  # fmt: skip
SAID: Mapping[str, Q] = {"confirmed": CONFIRMED, "wrong": WRONG, "nothing": UNSAID}
ANY = "any"


@dataclass(frozen=True)
class Span:
    """Days, both included; empty or None means all. topic_id: of a group of questions."""

    first: date
    last: date
    language: str = ""
    article_id: UUID | None = None
    topic_id: UUID | None = None


@dataclass(frozen=True)
class Only:
    """Which of a span's conversations: keys of TIERS and SAID; a reason, or ANY for all of them."""

    tier: str = ""
    said: str = ""
    escalated: str = ""
    handed_off: str = ""
    reopened: bool = False


@dataclass(frozen=True)
class Figures:
    """Counts of conversations; `questions` are turns, and money is in US dollars.

    `confirmed`, `wrong`: among those that the bot answered. Times are seconds, None without any.
    """

    conversations: int
    small_talk: int
    tier1: int
    tier2: int
    people: int
    nobody: int
    confirmed: int
    wrong: int
    reopened: int
    escalated: int
    handed_off: int
    questions: int
    model_answers: int
    model_answers_usd: float
    cost_usd: float

    @property
    def bot(self) -> int:
        return self.tier1 + self.tier2

    @property
    def unsaid(self) -> int:
        return self.bot - self.confirmed - self.wrong


@dataclass(frozen=True)
class Times:
    """Seconds to the first answer: of all conversations, those of the bot, those of people."""

    every: tuple[float, float] | None
    bot: tuple[float, float] | None
    people: tuple[float, float] | None


@dataclass(frozen=True)
class Row:
    """One line of a table: a day, a language's code or an article's id, and how it is called."""

    key: str
    label: str
    figures: Figures


@dataclass(frozen=True)
class Report:
    """`escalated`, `handed_off`: (reason, conversations), most first. Days without any are absent.

    `languages` are those of the whole span, for the filter.
    """

    total: Figures
    times: Times
    days: tuple[Row, ...]
    languages: tuple[Row, ...]
    articles: tuple[Row, ...]
    escalated: tuple[tuple[str, int], ...]
    handed_off: tuple[tuple[str, int], ...]
    erased: "Erased | None" = None


@dataclass(frozen=True)
class Erased:
    """What is known of conversations of these days that were erased since.

    Messages and replies, not conversations by who answered: that went with them. is_whole: False
    where the span is narrowed by what is not known of them, so that they may belong to it or not.
    """

    conversations: int
    messages: int
    answered_0: int
    answered_1: int
    answered_2: int
    escalations: int
    handoffs: int
    cost_usd: float
    is_whole: bool


class MedianAndP95(Aggregate):
    """Both at once, since either sorts all of the rows."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())

    def __init__(self, expression: str, condition: Q) -> None:
        super().__init__(expression, filter=condition)


def _counted() -> dict[str, Any]:
    return {
        "conversations": Count("id"),
        "small_talk": Count("id", filter=TIERS["0"]),
        "tier1": Count("id", filter=TIERS["1"]),
        "tier2": Count("id", filter=TIERS["2"]),
        "people": Count("id", filter=PERSON),
        "nobody": Count("id", filter=TIERS["nobody"]),
        "confirmed": Count("id", filter=BOT & CONFIRMED),
        "wrong": Count("id", filter=BOT & WRONG),
        "reopened": Count("id", filter=Q(reopened=True)),
        "escalated": Count("id", filter=~Q(escalated="")),
        "handed_off": Count("id", filter=~Q(handed_off="")),
        "questions": Sum("questions"),
        "model_answers": Sum("model_answers"),
        "model_answers_usd": Sum("model_answers_usd"),
        "cost_usd": Sum("cost_usd"),
    }


def report(workspace_id: UUID, span: Span) -> Report:
    """Everything that the page shows, in four passes over the span's rows."""
    with workspace_scope(workspace_id):
        rows = in_span(workspace_id, span)
        grouped = list(rows.values("day", "language").annotate(**_counted()))
        reasons = list(rows.values("escalated", "handed_off").annotate(count=Count("id")))
        days = _table(grouped, "day")
        return Report(
            total=_total([row.figures for row in days]),
            times=_times(rows),
            days=tuple(days),
            languages=tuple(_table(grouped, "language")),
            articles=tuple(_articles(rows)),
            escalated=tuple(_reasons(reasons, "escalated")),
            handed_off=tuple(_reasons(reasons, "handed_off")),
            erased=_erased(workspace_id, span),
        )


def _erased(workspace_id: UUID, span: Span) -> Erased | None:
    """None where nothing of these days was erased. Needs the scope."""
    names = [name for name in Erased.__dataclass_fields__ if name != "is_whole"]
    rows = ErasedDay.objects.filter(
        workspace_id=workspace_id, day__gte=span.first, day__lte=span.last
    )
    found = {name: value or 0 for name, value in rows.aggregate(**_sums(names)).items()}
    if not any(found.values()):
        return None
    return Erased(**found, is_whole=span == Span(span.first, span.last))


def _sums(names: Sequence[str]) -> dict[str, Sum]:
    return {name: Sum(name) for name in names}


def in_span(workspace_id: UUID, span: Span) -> QuerySet[ConversationDay]:
    """Needs the scope."""
    rows = ConversationDay.objects.filter(
        workspace_id=workspace_id, day__gte=span.first, day__lte=span.last
    )
    if span.language:
        rows = rows.filter(language=span.language)
    if span.article_id:
        rows = rows.filter(article_id=span.article_id)
    if span.topic_id:
        asked = GapQuestion.objects.filter(group_id=span.topic_id)
        rows = rows.filter(conversation_id__in=asked.values("conversation_id"))
    return rows


def those(rows: QuerySet[ConversationDay], only: Only) -> QuerySet[ConversationDay]:
    """The conversations behind a figure."""
    wanted = Q()
    if only.tier:
        wanted &= TIERS[only.tier]
    if only.said:
        wanted &= SAID[only.said]
    for field, reason in (("escalated", only.escalated), ("handed_off", only.handed_off)):
        if reason:
            wanted &= ~Q(**{field: ""}) if reason == ANY else Q(**{field: reason})
    if only.reopened:
        wanted &= Q(reopened=True)
    return rows.filter(wanted)


def languages_of(workspace_id: UUID, span: Span, found: Report) -> list[str]:
    """Of the span's days, whatever else is chosen; of the report where that is nothing."""
    if span == Span(span.first, span.last):
        return [row.key for row in found.languages]
    with workspace_scope(workspace_id):
        rows = in_span(workspace_id, Span(span.first, span.last)).order_by("language")
        return list(rows.values_list("language", flat=True).distinct())


def _total(parts: Sequence[Figures]) -> Figures:
    names = Figures.__dataclass_fields__
    return Figures(**{name: sum(getattr(part, name) for part in parts) for name in names})


def _figures(found: Mapping[str, Any]) -> Figures:
    return Figures(**{name: found[name] or 0 for name in Figures.__dataclass_fields__})


def _times(rows: QuerySet[ConversationDay]) -> Times:
    known = Q(first_answer_s__isnull=False)
    groups = {"every": known, "bot": known & BOT, "people": known & PERSON}
    found = rows.aggregate(
        **{name: MedianAndP95("first_answer_s", condition) for name, condition in groups.items()}
    )
    return Times(**{name: tuple(pair) if pair else None for name, pair in found.items()})


def _table(grouped: Sequence[Mapping[str, Any]], field: str) -> list[Row]:
    """A row for each value of the field, of groups that are finer."""
    parts: dict[str, list[Figures]] = {}
    for one in grouped:
        parts.setdefault(str(one[field]), []).append(_figures(one))
    return [Row(key, key, _total(parts[key])) for key in sorted(parts)]


def _articles(rows: QuerySet[ConversationDay]) -> list[Row]:
    """The articles with the most conversations; what is gone keeps its id."""
    grouped = rows.filter(article_id__isnull=False).values("article_id")
    counted = grouped.annotate(number=Count("id"), **_counted())
    most_first = counted.order_by("-number", "article_id")
    found = [(UUID(str(one["article_id"])), one) for one in most_first[:MOST_ARTICLES]]
    titles = titles_of({article_id for article_id, _ in found})
    return [Row(str(one), titles.get(one, ""), _figures(counts)) for one, counts in found]


def title_of(workspace_id: UUID, article_id: UUID) -> str:
    """Empty where the workspace has no such article."""
    with workspace_scope(workspace_id):
        return titles_of({article_id}).get(article_id, "")


def titles_of(ids: set[UUID]) -> dict[UUID, str]:
    """Needs the scope."""
    return dict(Article.objects.filter(id__in=ids).values_list("id", "title"))


def _reasons(grouped: Sequence[Mapping[str, Any]], field: str) -> list[tuple[str, int]]:
    """Most first, without those that had no reason."""
    counts: Counter[str] = Counter()
    for one in grouped:
        counts[one[field]] += one["count"]
    counts.pop("", None)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


@dataclass(frozen=True)
class Listed:
    """A conversation's day, and what its visitor asked first."""

    row: ConversationDay
    question: str


@dataclass(frozen=True)
class Page:
    """count: None means more than MOST_COUNTED. before: where the next page begins, if any."""

    found: tuple[Listed, ...]
    count: int | None
    before: tuple[date, datetime, UUID] | None


def page(
    workspace_id: UUID,
    span: Span,
    only: Only,
    *,
    before: tuple[date, datetime, UUID] | None = None,
    size: int = PER_PAGE,
) -> Page:
    """Newest first, from a place on rather than by number: as quick at the end as at the start."""
    with workspace_scope(workspace_id):
        rows = those(in_span(workspace_id, span), only)
        count = len(rows.values_list("id")[: MOST_COUNTED + 1])
        if before is not None:
            rows = rows.filter(_before(*before), day__lte=before[0])
        found = list(rows.order_by("-day", "-started_at", "-id")[: size + 1])
        asked = _first_questions(found[:size])
    last = found[size - 1] if len(found) > size else None
    return Page(
        found=tuple(Listed(row, asked.get(row.id, "")) for row in found[:size]),
        count=None if count > MOST_COUNTED else count,
        before=(last.day, last.started_at, last.id) if last else None,
    )


def _before(day: date, started_at: datetime, row_id: UUID) -> Q:
    same_start = Q(day=day, started_at=started_at, id__lt=row_id)
    return Q(day__lt=day) | Q(day=day, started_at__lt=started_at) | same_start


def _first_questions(rows: Sequence[ConversationDay]) -> dict[UUID, str]:
    """By row: what the visitor wrote at its start."""
    starts = {(row.conversation_id, row.started_at): row.id for row in rows}
    messages = Message.objects.filter(
        conversation_id__in=[row.conversation_id for row in rows],
        created_at__in=[row.started_at for row in rows],
        author=Author.VISITOR,
    )
    found = messages.values_list("conversation_id", "created_at", "text")
    return {starts[(one, at)]: text for one, at, text in found if (one, at) in starts}
