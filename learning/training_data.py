"""What a workspace's own models may learn from, and where each text stood.

Golden questions are what a version is judged by, and what its rankers and its confidence learn
from. Questions whose answer a visitor, agent or auditor called right, or an agent gave in the same
words or inserted from an article, teach the order of passages too, but never the confidence: they
are a selected sample.
Headings of published articles stand for questions where embedder and reader are trained.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from accounts.scope import workspace_scope
from chatbot.answering.contract import BY_HEADING
from chatbot.models import Receipt, SuggestionUse
from chatbot.turns import history_of, question_of
from knowledge.models import Article, Passage
from learning import confirming, golden, labels
from learning.matching import Span
from learning.models import Audit, SourceKind, Verdict
from learning.places import published_texts
from learning.questions import Question
from learning.versions import TrainingRef

MOST_EARLIER = 2_000  # questions from conversations, the newest first
MOST_PASSAGES = 20_000
FEWEST_HEADING_WORDS = 2
FEWEST_GOLDEN = 40  # to judge a training by


@dataclass(frozen=True)
class Asked:
    """A question with its truth. golden: a version may be judged by it."""

    question: Question
    ref: TrainingRef
    golden: bool

    @property
    def group(self) -> str:
        """Questions about one article stand or fall together, unless their file says otherwise."""
        one = self.question
        place = one.spans[0].doc_id if one.spans else one.doc_id
        return one.group or place or one.id


@dataclass(frozen=True)
class Piece:
    """A published passage. start, end: code points of its article's text."""

    doc_id: str
    title: str
    heading_path: tuple[str, ...]
    text: str
    start: int
    end: int
    ref: TrainingRef


@dataclass(frozen=True)
class Collected:
    asked: tuple[Asked, ...]
    pieces: tuple[Piece, ...]

    @property
    def golden(self) -> tuple[Asked, ...]:
        return tuple(one for one in self.asked if one.golden)


def collect(workspace_id: UUID) -> Collected:
    """All of it. Texts that have been withdrawn or edited since are left out."""
    asked = [*_golden(workspace_id), *_earlier(workspace_id)]
    with workspace_scope(workspace_id):
        asked += _inserted(_published())
        pieces = tuple(_pieces())
    return Collected(tuple(asked), pieces)


def heading(piece: Piece) -> str | None:
    """The piece's own heading, where it is long enough to stand for a question."""
    last = piece.heading_path[-1] if piece.heading_path else piece.title
    return last if len(re.findall(r"\w{2,}", last)) >= FEWEST_HEADING_WORDS else None


def _golden(workspace_id: UUID) -> Iterator[Asked]:
    rows = golden.rows(workspace_id)
    with workspace_scope(workspace_id):
        came_from = confirming.by_golden_key(row.key for row in rows)
        texts = published_texts({one.doc_id for one in came_from.values()})
    for row in rows:
        one = golden.question(row)
        ref = TrainingRef(SourceKind.QUESTION, row.id, _digest(row.question))
        if confirmed := came_from.get(row.key):
            one = confirming.placed(one, confirmed, texts)
            ref = replace(
                ref,
                conversation_id=confirmed.conversation_id,
                contact_id=confirmed.conversation.contact_id,
            )
        if one.judgeable or one.locatable:
            yield Asked(one, ref, True)


def _earlier(workspace_id: UUID) -> list[Asked]:
    """Answers known to be right, from audits, thumbs and agents, whose text is still published."""
    selected = labels.selected(workspace_id)[:MOST_EARLIER]
    found = {label.turn_id: (label.question, SourceKind.TURN) for label in selected if label.right}
    with workspace_scope(workspace_id):
        judged = Audit.objects.filter(verdict=Verdict.RIGHT).order_by("-drawn_at")[:MOST_EARLIER]
        found |= {row.turn_id: (row.question, SourceKind.AUDIT) for row in judged}
        receipts = Receipt.objects.filter(turn_id__in=found, tier=1).exclude(text="")
        receipts = receipts.exclude(models_version__startswith=BY_HEADING)  # no model read these
        newest: dict[UUID, Receipt] = {}
        for receipt in receipts.select_related("turn__conversation").order_by("created_at"):
            newest[receipt.turn_id] = receipt
        published = _published()
        return [
            asked
            for turn_id, receipt in newest.items()
            for asked in [_from_receipt(receipt, found[turn_id][1], published)]
            if asked is not None
        ]


def _from_receipt(receipt: Receipt, kind: str, published: set[str]) -> Asked | None:
    first = receipt.evidence[0] if receipt.evidence else {}
    if str(first.get("revision_id")) not in published or first.get("answer_start") is None:
        return None
    turn = receipt.turn
    text = question_of(turn.id, until=receipt.created_at)
    question = Question(
        id=f"turn {turn.id}",
        question=text,
        history=history_of(turn, until=receipt.created_at),
        spans=(Span(first["doc_id"], int(first["answer_start"]), int(first["answer_end"])),),
        answers=(receipt.text,),
        answerable=True,
        group=str(first["doc_id"]),
    )
    conversation = turn.conversation
    ref = TrainingRef(
        kind, turn.id, _digest(text), conversation_id=conversation.id,
        contact_id=conversation.contact_id,
    )  # fmt: skip
    return Asked(question, ref, golden=False)


def _inserted(published: set[str]) -> Iterator[Asked]:
    """Questions that agents answered by a suggestion: a person chose where the answer stands.

    Only words that were sent as they were: an edited reply may say something else.
    """
    uses = SuggestionUse.objects.filter(edited=False, suggestion__public=True)
    rows = uses.select_related("suggestion__conversation").order_by("-used_at")[:MOST_EARLIER]
    seen: set[UUID] = set()
    for one in (row.suggestion for row in rows):
        if one.message_id is None:
            continue  # an agent's own question, without the visitor's words
        if str(one.revision_id) not in published or one.message_id in seen:
            continue
        seen.add(one.message_id)
        question = Question(
            id=f"reply {one.message_id}",
            question=one.question,
            history=tuple((role, text) for role, text in one.history),
            spans=(Span(one.doc_id, one.start, one.end),),
            answers=(one.text,),
            answerable=True,
            group=one.doc_id,
        )
        ref = TrainingRef(
            SourceKind.MESSAGE, one.message_id, _digest(one.question),
            conversation_id=one.conversation_id, contact_id=one.conversation.contact_id,
        )  # fmt: skip
        yield Asked(question, ref, golden=False)


def _published() -> set[str]:
    live = Article.objects.filter(archived_at=None).exclude(published_revision=None)
    return {str(one) for one in live.values_list("published_revision_id", flat=True)}


def _pieces() -> Iterator[Piece]:
    """Of articles that every visitor may read: a model must not learn what some may not see."""
    live = Article.objects.filter(archived_at=None, audience="public")
    rows = Passage.objects.filter(
        article__in=live, revision_id__in=live.values("published_revision_id")
    )
    for row in rows.select_related("article").order_by("article_id", "position")[:MOST_PASSAGES]:
        yield Piece(
            doc_id=row.article.external_id,
            title=row.article.title,
            heading_path=tuple(row.heading_path),
            text=row.text,
            start=row.start,
            end=row.end,
            ref=TrainingRef(SourceKind.REVISION, row.revision_id, _digest(row.text)),
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
