"""Golden questions of a workspace: kept as they stand in a file of test questions.

Whoever brings a file again changes what is there by its id; nothing is half brought in.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from accounts import audit
from accounts.errors import Invalid
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge.models import Audience
from learning.matching import Span
from learning.models import GoldenQuestion
from learning.places import published_texts, words_at
from learning.questions import Question

MOST = 20_000
LONGEST_KEY = 200
LONGEST_NAME = 500  # of an article's id, and of a group
CHANGED = (
    "question", "history", "audience", "doc_id", "spans", "answers", "answerable", "group",
)  # fmt: skip
OUTCOME = ("state", "decision", "answer", "asked_at")


def keep(
    workspace_id: UUID, found: Sequence[Question], *, actor: Member | str, replace: bool = False
) -> int:
    """Add these, or change those with the same id; returns how many are new. replace: others go.

    One that stays as it was keeps its last outcome. Raises Invalid, and changes nothing, where one
    is too long or there would be too many.
    """
    for one in found:
        _check(one)
    with workspace_scope(workspace_id):
        known = set(GoldenQuestion.objects.values_list("key", flat=True))
        if replace:
            GoldenQuestion.objects.exclude(key__in=[one.id for one in found]).delete()
        new = {one.id for one in found} - known
        if (not replace and len(known) + len(new) > MOST) or len(found) > MOST:
            raise Invalid(f"A workspace has at most {MOST} golden questions")
        GoldenQuestion.objects.bulk_create(
            _rows(workspace_id, found),
            update_conflicts=True,
            unique_fields=["workspace", "key"],
            update_fields=[*CHANGED, "quotes", *OUTCOME, "updated_at"],
            batch_size=500,
        )
        audit.record(actor, "golden.kept", target_kind="golden_questions", questions=len(found))
    return len(new)


def _rows(workspace_id: UUID, found: Sequence[Question]) -> Iterator[GoldenQuestion]:
    """As they are to be stored; what is the same as before takes over what is known of it."""
    there = GoldenQuestion.objects.filter(key__in=[one.id for one in found])
    known = {row.key: row for row in there}
    texts = published_texts({span.doc_id for one in found for span in one.spans})
    for one in found:
        columns, old = _columns(one), known.get(one.id)
        row = GoldenQuestion(workspace_id=workspace_id, **columns)
        if old is not None and all(getattr(old, name) == columns[name] for name in CHANGED):
            for name in OUTCOME:
                setattr(row, name, getattr(old, name))
        row.quotes = [words_at(span, texts) for span in one.spans]
        if old is not None and old.spans == columns["spans"]:
            row.quotes = old.quotes
        yield row


def remove(workspace_id: UUID, keys: Sequence[str], *, actor: Member | str) -> int:
    """Returns how many were there."""
    with workspace_scope(workspace_id):
        gone, _ = GoldenQuestion.objects.filter(key__in=keys).delete()
        if gone:
            audit.record(actor, "golden.removed", target_kind="golden_questions", questions=gone)
    return gone


def count(workspace_id: UUID) -> int:
    with workspace_scope(workspace_id):
        return GoldenQuestion.objects.count()


def rows(workspace_id: UUID) -> list[GoldenQuestion]:
    """In the order of their ids."""
    with workspace_scope(workspace_id):
        return list(GoldenQuestion.objects.order_by("key"))


def questions(workspace_id: UUID) -> list[Question]:
    """As `manage.py evaluate` asks them."""
    return [question(row) for row in rows(workspace_id)]


def question(row: GoldenQuestion) -> Question:
    return Question(
        id=row.key,
        question=row.question,
        history=tuple((role, text) for role, text in row.history),
        doc_id=row.doc_id,
        spans=tuple(Span(doc_id, start, end) for doc_id, start, end in row.spans),
        answers=tuple(row.answers),
        answerable=row.answerable,
        group=row.group,
        audience=row.audience,
    )


def as_row(one: Question) -> dict[str, Any]:
    """The line of a file that `learning.questions.parsed` reads back."""
    row: dict[str, Any] = {"id": one.id, **_columns(one)}
    del row["key"]
    if one.audience == Audience.PUBLIC:
        del row["audience"]
    return {name: value for name, value in row.items() if value not in (None, [])}


def _columns(one: Question) -> Mapping[str, Any]:
    return {
        "key": one.id,
        "question": one.question,
        "history": [list(message) for message in one.history],
        "doc_id": one.doc_id,
        "spans": [[span.doc_id, span.start, span.end] for span in one.spans],
        "answers": list(one.answers),
        "answerable": one.answerable,
        "group": one.group,
        "audience": one.audience,
    }


def _check(one: Question) -> None:
    if len(one.id) > LONGEST_KEY:
        raise Invalid(f"The id {one.id[:40]!r}… is longer than {LONGEST_KEY} characters")
    for name in (one.doc_id, one.group):
        if name and len(name) > LONGEST_NAME:
            raise Invalid(f"{name[:40]!r}… is longer than {LONGEST_NAME} characters")
    texts = [one.id, one.doc_id or "", one.group or "", *one.answers]
    texts += [text for _, text in one.history] + [span.doc_id for span in one.spans]
    if any("\0" in text for text in texts):
        raise Invalid(f"Question {one.id!r} holds a character that cannot be stored")
