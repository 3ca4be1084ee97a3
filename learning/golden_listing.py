"""Golden questions as the console lists, finds and writes them. Runs no model."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge.finding import matching
from knowledge.models import Article
from learning import golden
from learning.models import GoldenQuestion, GoldenState
from learning.questions import Question

PER_PAGE = 25
FOUND = 20
STATES = (*GoldenState.values, "new")  # new: not asked yet


@dataclass(frozen=True)
class Wanted:
    """What to list. Empty text and state mean all."""

    text: str = ""
    state: str = ""
    page: int = 1


@dataclass(frozen=True)
class Page:
    """titles: of the articles that are expected, by their ids of the import."""

    questions: list[GoldenQuestion]
    titles: dict[str, str]
    total: int
    number: int
    pages: int


@dataclass(frozen=True)
class Named:
    """An article by the id that golden questions know it by."""

    doc_id: str
    title: str


def list_questions(workspace_id: UUID, wanted: Wanted) -> Page:
    """One page, written or changed last first. At most golden.MOST rows are looked through."""
    with workspace_scope(workspace_id):
        rows = GoldenQuestion.objects.all()
        if wanted.text:
            text = wanted.text
            rows = rows.filter(
                Q(question__icontains=text) | Q(key__icontains=text) | Q(doc_id__icontains=text)
            )
        if wanted.state in STATES:
            rows = rows.filter(state="" if wanted.state == "new" else wanted.state)
        total = rows.count()
        pages = max(-(-total // PER_PAGE), 1)
        number = min(max(wanted.page, 1), pages)
        first = (number - 1) * PER_PAGE
        found = list(rows.order_by("-updated_at", "key")[first : first + PER_PAGE])
        names = {name for row in found for name in [row.doc_id, *_spanned(row)] if name}
        titles = Article.objects.filter(external_id__in=names).values_list("external_id", "title")
        return Page(found, dict(titles), total, number, pages)


def _spanned(row: GoldenQuestion) -> list[str]:
    return [span[0] for span in row.spans]


def row_of(workspace_id: UUID, question_id: UUID) -> GoldenQuestion:
    """Raises NotFound."""
    with workspace_scope(workspace_id):
        row = GoldenQuestion.objects.filter(id=question_id).first()
    if row is None:
        raise NotFound("no such question")
    return row


def keep_one(question: Question, *, actor: Member) -> GoldenQuestion:
    """Add it or change it. Raises Invalid."""
    workspace_id = actor.workspace_id
    golden.keep(workspace_id, [question], actor=actor)
    with workspace_scope(workspace_id):
        return GoldenQuestion.objects.get(key=question.id)


def articles_named(workspace_id: UUID, text: str) -> list[Named]:
    """A few articles that a person may mean, changed last first."""
    with workspace_scope(workspace_id):
        rows = Article.objects.filter(workspace_id=workspace_id, archived_at=None)
        if text:
            rows = matching(rows, workspace_id, text)
        found = rows.order_by("-updated_at", "-id").values_list("external_id", "title")[:FOUND]
        return [Named(doc_id, title) for doc_id, title in found]


def text_that_answers(workspace_id: UUID, doc_id: str) -> str | None:
    """The article's published text; "" while it has none; None where there is no such article."""
    with workspace_scope(workspace_id):
        rows = Article.objects.filter(external_id=doc_id)
        found = rows.values_list("published_revision__text", flat=True)
        return next((text or "" for text in found), None)
