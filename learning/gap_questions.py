"""From what happened in a conversation to its questions that tier 1 did not answer, and why.

Kept are questions that were escalated, went to people, or whose answer was called wrong; and, so
that it shows when a topic stops being a gap, those that tier 1 answered, where they join a group.
Small talk, the mere wish for a person, and what was asked back or declined are no gaps.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chatbot.answering.contract import ANSWER
from chatbot.models import Author
from learning.conversation_facts import ASKED_FOR_PERSON, Facts, Said, Weighed
from learning.models import GapGroup, GapQuestion, Why

LONGEST = 2_000  # characters of a question
ARTICLES = 3
WORDS = re.compile(r"\w{2,}")
FIELDS = [
    "text", "lang", "asked_at", "needs_help", "why", "reason", "cost_usd", "answer", "answer_by",
    "citations", "articles",
]  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """waiting: whether there are questions to group; groups: those whose questions changed."""

    waiting: bool
    groups: frozenset[UUID]


def store(found: Iterable[Facts]) -> Stored:
    """Write the questions of these conversations. Needs the scope; twice is harmless."""
    rows = {row.turn_id: row for facts in found for row in questions_of(facts)}
    known = {row.turn_id: row for row in GapQuestion.objects.filter(turn_id__in=rows)}
    changed, groups = [], set()
    for turn_id, old in known.items():
        new = rows.pop(turn_id)
        if all(getattr(old, name) == getattr(new, name) for name in FIELDS):
            continue
        if old.group_id is not None:
            groups.add(old.group_id)
        if old.text != new.text:
            old.group, old.vector, old.now_answered, old.now_text = None, None, None, ""
        for name in FIELDS:
            setattr(old, name, getattr(new, name))
        changed.append(old)
    more = ["group", "vector", "now_answered", "now_text"]
    GapQuestion.objects.bulk_update(changed, [*FIELDS, *more], batch_size=200)
    fresh = list(rows.values())
    if not any(row.needs_help for row in fresh) and not GapGroup.objects.exists():
        fresh = []  # there is nothing that an answered question could join
    GapQuestion.objects.bulk_create(fresh)
    waiting = bool(fresh) or any(row.group_id is None for row in changed)
    return Stored(waiting, frozenset(groups))


def questions_of(facts: Facts) -> list[GapQuestion]:
    """Not stored, without vector and group."""
    asked = [
        (weighed, messages)
        for weighed in facts.weighed.values()
        if weighed.is_question and (weighed.decision == ANSWER or weighed.is_handed_on)
        for messages in [_visitors(facts, weighed.turn_id)]
        if messages
    ]
    asked.sort(key=lambda one: one[1][0].at)
    passed = _passed_turns(facts, [(one.turn_id, messages[0].at) for one, messages in asked])
    rows = [_row(facts, one, messages, passed.get(one.turn_id)) for one, messages in asked]
    return [row for row in rows if len(WORDS.findall(row.text)) > 1]


def _visitors(facts: Facts, turn_id: UUID | None) -> list[Said]:
    return [one for one in facts.said if one.turn_id == turn_id and one.author == Author.VISITOR]


def _passed_turns(facts: Facts, asked: Sequence[tuple[UUID, datetime]]) -> dict[UUID, str]:
    """Question → why it went to people; a wish for a person is about the question before it."""
    turns = {turn_id for turn_id, _at in asked}
    found = {}
    for one in facts.passed:
        if one.turn_id in turns and one.turn_id is not None:
            found[one.turn_id] = one.reason
        elif one.reason == ASKED_FOR_PERSON:
            before = [turn_id for turn_id, at in asked if at <= one.at]
            found.update(dict.fromkeys(before[-1:], one.reason))
    return found


def _row(
    facts: Facts, weighed: Weighed, messages: Sequence[Said], passed: str | None
) -> GapQuestion:
    calls = [one for one in facts.asked if one.turn_id == weighed.turn_id]
    replies = [one for one in facts.said if one.turn_id == weighed.turn_id and one.tier]
    wrong = any(one.helped is False for one in replies)
    why = Why.PEOPLE if passed else Why.ESCALATED if calls or weighed.is_handed_on else ""
    why = why or (Why.WRONG if wrong else "")
    answer = _members_answer(facts, messages[-1].at) if passed else None
    answer = answer or (None if wrong else _models_answer(replies))
    row = facts.conversation
    return GapQuestion(
        workspace_id=row.workspace_id,
        turn_id=weighed.turn_id,
        conversation=row,
        text=_text(facts, messages)[:LONGEST],
        lang=row.language,
        asked_at=messages[0].at,
        needs_help=bool(why),
        why=why,
        reason=passed or (calls[0].reason if calls else weighed.reason),
        cost_usd=sum(one.cost_usd for one in calls),
        articles=[str(one) for one in weighed.articles[:ARTICLES]],
        **(answer or {}),
    )


def _text(facts: Facts, messages: Sequence[Said]) -> str:
    """What was asked; a choice is read with the question that it answers."""
    texts = [one.text for one in messages]
    chosen_from = {one.chosen_from_id for one in messages} - {None}
    turns = [one.turn_id for one in facts.said if one.id in chosen_from]
    earlier = [one.text for turn_id in turns for one in _visitors(facts, turn_id)]
    return "\n".join([*earlier, *texts])


def _members_answer(facts: Facts, since: datetime) -> dict[str, Any] | None:
    """The first that members wrote without the visitor between."""
    after = [one for one in facts.said if one.at > since and one.author in _PEOPLE]
    found: list[str] = []
    for one in after:
        if one.author == Author.MEMBER:
            found.append(one.text)
        elif found or (one.turn_id and facts.weighed.get(one.turn_id)):
            break
    return {"answer": "\n\n".join(found), "answer_by": Author.MEMBER.value} if found else None


_PEOPLE = {Author.MEMBER, Author.VISITOR}


def _models_answer(replies: Sequence[Said]) -> dict[str, Any] | None:
    for one in replies:
        if one.author == Author.MODEL:
            return {
                "answer": one.text,
                "answer_by": Author.MODEL.value,
                "citations": one.citations,
            }
    return None
