"""From what happened in a conversation to the rows that reports count, one for each day."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from chatbot.answering.contract import ANSWER
from chatbot.models import Author
from learning.conversation_facts import Facts, Said, is_id
from learning.models import ConversationDay

REOPENED_WITHIN = timedelta(days=7)  # who comes back later has another matter
KEY = ["conversation", "day"]
COUNTED = [
    "started_at", "language", "channel", "questions", "tier", "helped", "wrong", "reopened",
    "escalated", "handed_off", "article_id", "first_answer_s", "model_answers",
    "model_answers_usd", "cost_usd",
]  # fmt: skip


def store(found: Iterable[Facts]) -> None:
    """Write the rows of these conversations anew. Needs the scope; twice is harmless."""
    ConversationDay.objects.bulk_create(
        [row for facts in found for row in days_of(facts)],
        update_conflicts=True,
        unique_fields=KEY,
        update_fields=COUNTED,
    )


def days_of(facts: Facts) -> list[ConversationDay]:
    """One row for each UTC day on which the visitor wrote.

    What the others did belongs to the day of the visitor's last message before it: an answer after
    midnight is one to yesterday's question.
    """
    starts = [one.at for one in facts.said if one.author == Author.VISITOR]
    first = {_day(at): at for at in reversed(starts)}
    return [_row(facts, day, first[day], starts) for day in sorted(first)]


def _row(facts: Facts, day: date, start: datetime, starts: Sequence[datetime]) -> ConversationDay:
    def mine(at: datetime) -> bool:
        before = bisect_right(starts, at)
        return before > 0 and _day(starts[before - 1]) == day

    said = [one for one in facts.said if mine(one.at)]
    turns = list(dict.fromkeys(one.turn_id for one in said if one.turn_id))
    questions = [one for one in turns if one in facts.weighed and facts.weighed[one].is_question]
    asked = [one for one in facts.asked if one.turn_id in set(turns)]
    passed = [one for one in facts.passed if mine(one.at)]
    tiers = [one.tier for one in said if one.tier is not None]
    answers = [one for one in asked if one.answered]
    row = facts.conversation
    return ConversationDay(
        workspace_id=row.workspace_id,
        conversation=row,
        day=day,
        started_at=start,
        language=row.language,
        channel=row.channel,
        questions=len(questions),
        tier=max(tiers, default=None),
        helped=any(one.helped is True for one in said),
        wrong=any(one.helped is False for one in said),
        reopened=any(mine(at) and _soon(at, facts.resolved) for at in facts.reopened),
        escalated=asked[0].reason if asked else "",
        handed_off=passed[0].reason if passed else "",
        article_id=_article(facts, said, questions),
        first_answer_s=_first_answer_s(facts, said),
        model_answers=len(answers),
        model_answers_usd=sum(one.cost_usd for one in answers),
        cost_usd=sum(one.cost_usd for one in asked),
    )


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _soon(at: datetime, resolved: Sequence[datetime]) -> bool:
    before = [one for one in resolved if one <= at]
    return bool(before) and at - before[-1] <= REOPENED_WITHIN


def _article(facts: Facts, said: Sequence[Said], questions: Sequence[UUID]) -> UUID | None:
    """The first one that an answer cites, else the nearest to the first question."""
    for one in said:
        for citation in one.citations if one.tier else ():
            if is_id(citation.get("article_id")):
                return UUID(citation["article_id"])
    for turn_id in questions:
        for article_id in facts.weighed[turn_id].articles:
            return article_id
    return None


def _first_answer_s(facts: Facts, said: Sequence[Said]) -> float | None:
    """From the day's first question to the first message that answers, greetings aside."""
    asked = [one for one in said if one.author == Author.VISITOR and not _is_small_talk(facts, one)]
    if not asked:
        return None
    answers = [one.at for one in said if one.tier and one.at >= asked[0].at]
    return (answers[0] - asked[0].at).total_seconds() if answers else None


def _is_small_talk(facts: Facts, one: Said) -> bool:
    weighed = facts.weighed.get(one.turn_id) if one.turn_id else None
    return weighed is not None and not weighed.is_question and weighed.decision != ANSWER
