"""Answers to confirm, and what became of those that were. Reads alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.scope import workspace_scope
from chatbot.models import AnswerVerdict, Author
from knowledge.models import Article
from learning.confirming import ANSWERERS
from learning.models import (
    ConfirmedAnswer,
    GapQuestion,
    GoldenQuestion,
    SourceKind,
    TrainingRow,
)

PER_PAGE = 25


@dataclass(frozen=True)
class Candidate:
    """called_right: an agent said so at the desk, of the large model's answer."""

    asked: GapQuestion
    called_right: bool


@dataclass(frozen=True)
class Listed:
    """versions: the numbers of those that were trained on it. now: tier 1 answers it by now."""

    row: ConfirmedAnswer
    golden: GoldenQuestion | None
    article: Article | None
    group_id: UUID | None
    now: bool | None
    versions: tuple[int, ...]


def candidates(workspace_id: UUID, *, number: int) -> tuple[list[Candidate], bool]:
    """A page of those that nobody has confirmed yet, newest first; whether there are more."""
    first = (number - 1) * PER_PAGE
    with workspace_scope(workspace_id):
        done = ConfirmedAnswer.objects.filter(turn_id=OuterRef("turn_id"))
        wrong = AnswerVerdict.objects.filter(
            verdict="wrong", receipt__tier=2, receipt__turn_id=OuterRef("turn_id")
        )
        rows = GapQuestion.objects.filter(
            ~Exists(done), answer_by__in=ANSWERERS, needs_help=True
        ).exclude(Exists(wrong), answer_by=Author.MODEL)
        ordered = rows.exclude(answer="").defer("vector").order_by("-asked_at", "-id")
        found = list(ordered[first : first + PER_PAGE + 1])
        said = AnswerVerdict.objects.filter(
            verdict="right", receipt__tier=2, receipt__turn_id__in=[row.turn_id for row in found]
        )
        right = set(said.values_list("receipt__turn_id", flat=True))
    shown = [
        Candidate(row, row.answer_by == Author.MODEL and row.turn_id in right)
        for row in found[:PER_PAGE]
    ]
    return shown, len(found) > PER_PAGE


def confirmed(workspace_id: UUID, *, number: int) -> tuple[list[Listed], bool]:
    """A page, newest first; whether there are more."""
    first = (number - 1) * PER_PAGE
    with workspace_scope(workspace_id):
        rows = ConfirmedAnswer.objects.select_related("confirmed_by").order_by("-created_at", "-id")
        found = list(rows[first : first + PER_PAGE + 1])
        shown = found[:PER_PAGE]
        keys = [row.golden_key for row in shown]
        questions = {one.key: one for one in GoldenQuestion.objects.filter(key__in=keys)}
        articles = {
            one.external_id: one
            for one in Article.objects.filter(external_id__in=[row.doc_id for row in shown])
        }
        asked = {
            one.turn_id: one
            for one in GapQuestion.objects.filter(turn__in=[row.turn_id for row in shown]).defer(
                "vector"
            )
        }
        versions = _versions(questions.values())
    listed = [
        Listed(
            row=row,
            golden=question,
            article=articles.get(row.doc_id),
            group_id=gap.group_id if gap else None,
            now=gap.now_answered if gap else None,
            versions=versions.get(question.id, ()) if question else (),
        )
        for row in shown
        for question, gap in [(questions.get(row.golden_key), asked.get(row.turn_id))]
    ]
    return listed, len(found) > PER_PAGE


def _versions(questions: Iterable[GoldenQuestion]) -> dict[UUID, tuple[int, ...]]:
    ids = [one.id for one in questions]
    rows = TrainingRow.objects.filter(source_kind=SourceKind.QUESTION, source_id__in=ids)
    found: dict[UUID, tuple[int, ...]] = {}
    for source_id, version in rows.order_by("version__number").values_list(
        "source_id", "version__number"
    ):
        found[source_id] = (*found.get(source_id, ()), version)
    return found
