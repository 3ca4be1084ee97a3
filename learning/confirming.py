"""Answers of the large model or of people, confirmed by an editor, so that tier 1 learns them.

In one step an answer becomes a golden question, where the knowledge base lacks it the draft of an
article, and so a pair to train on: golden questions teach, see learning.training_data, and this one
carries its conversation, so that erasing the visitor takes it out and marks what was trained on it.
A visitor's thumb and an agent's verdict make a candidate and no more: an editor confirms. Personal
details are taken out of what the visitor wrote. One turn is confirmed once, whoever asks how often.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from accounts import audit
from accounts.errors import Invalid, NotFound
from accounts.ids import uuid7
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import cached_answers
from chatbot.escalation.redaction import Redactor
from chatbot.models import Author, Message, SuggestionUse, Turn
from chatbot.turns import history_of
from knowledge import drafts, editing
from knowledge.articles import lock
from knowledge.models import Article
from learning import gap_groups, golden
from learning.matching import Span
from learning.models import ConfirmedAnswer, GapQuestion, GoldenQuestion
from learning.places import place_of, published_texts
from learning.questions import Question

LONGEST_TITLE = 200
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)
ANSWERERS = (Author.MEMBER, Author.MODEL)


@dataclass(frozen=True)
class Found:
    """Where the knowledge base says it. spans: the places, if they are known."""

    doc_id: str
    spans: tuple[Span, ...] = ()


def confirm(actor: Member, turn_id: UUID) -> ConfirmedAnswer:
    """Of two editors at once the second gets what the first one made.

    Raises NotFound where the turn has no such answer, Invalid where it was called wrong.
    """
    with workspace_scope(actor.workspace_id):
        lock(actor.workspace_id)  # drafts are written under it too
        asked = GapQuestion.objects.filter(turn_id=turn_id, answer_by__in=ANSWERERS).first()
        if asked is None or not asked.answer.strip():
            raise NotFound("no such answer")
        there = ConfirmedAnswer.objects.filter(turn_id=turn_id).first()
        if there is not None:
            return there
        if asked.answer_by == Author.MODEL and _called_wrong(turn_id):
            raise Invalid("The answer was called wrong")
        redactor = Redactor()
        text = redactor.redact(asked.text)
        row = ConfirmedAnswer(
            id=uuid7(),
            workspace_id=actor.workspace_id,
            turn_id=turn_id,
            conversation_id=asked.conversation_id,
            question=text,
            answer=asked.answer,
            answer_by=asked.answer_by,
            confirmed_by=actor,
        )
        row.golden_key = f"confirmed-{row.id}"
        found = _found(asked)
        if found is None and not asked.now_answered:
            found = Found(_drafted(actor, asked, text))
            row.drafted = True
        row.doc_id = found.doc_id if found else ""
        row.save(force_insert=True)
        turn = Turn.objects.get(id=turn_id)
        history = tuple((role, redactor.redact(said)) for role, said in history_of(turn))
        golden.keep(actor.workspace_id, [_golden(row, found, history)], actor=actor)
        audit.record(
            actor, "answer.confirmed", target_kind="golden_question", target_id=row.id,
            drafted=row.drafted,
        )  # fmt: skip
    return row


def undo(actor: Member, confirmed_id: UUID) -> None:
    """Its golden question goes; a draft that it began is archived unless something is published.

    Raises NotFound.
    """
    with workspace_scope(actor.workspace_id):
        lock(actor.workspace_id)  # else another answer could join the draft that is archived
        row = ConfirmedAnswer.objects.filter(id=confirmed_id).first()
        if row is None:
            raise NotFound("no such answer")
        golden.remove(actor.workspace_id, [row.golden_key], actor=actor)
        article = Article.objects.filter(external_id=row.doc_id, wanted_revision=None).first()
        others = ConfirmedAnswer.objects.filter(doc_id=row.doc_id).exclude(id=row.id)
        if row.drafted and article is not None and not others.exists():
            editing.archive(actor, article.id)
        row.delete()
        audit.record(
            actor, "answer.unconfirmed", target_kind="golden_question", target_id=confirmed_id
        )


def _called_wrong(turn_id: UUID) -> bool:
    """The large model's answer, as it is now: GapQuestion knows what was said by the last review,
    and no agent's verdict. What an agent answered in its place was not called wrong by that."""
    ids = Message.objects.filter(turn_id=turn_id, author=Author.MODEL).values_list("id", flat=True)
    return any(map(cached_answers.called_wrong, ids))


def forget(conversation_ids: Collection[UUID]) -> None:
    """Golden questions that came from these conversations go with them. Needs the scope."""
    rows = ConfirmedAnswer.objects.filter(conversation_id__in=list(conversation_ids))
    GoldenQuestion.objects.filter(key__in=list(rows.values_list("golden_key", flat=True))).delete()
    rows.delete()


def by_golden_key(keys: Iterable[str]) -> dict[str, ConfirmedAnswer]:
    """What golden questions came from, with the conversation. Needs the scope."""
    rows = ConfirmedAnswer.objects.filter(golden_key__in=list(keys))
    return {row.golden_key: row for row in rows.select_related("conversation")}


def placed(one: Question, row: ConfirmedAnswer, texts: Mapping[str, str]) -> Question:
    """With the place of the answer's words in its article, once that is published."""
    place = place_of(row.answer.strip(), texts.get(row.doc_id, ""))
    if one.spans or place is None:
        return one
    return replace(one, spans=(Span(row.doc_id, *place),), answerable=True)


def _golden(
    row: ConfirmedAnswer, found: Found | None, history: tuple[tuple[str, str], ...]
) -> Question:
    """Words are expected where they will stand as they are; of what was reworded, the place."""
    verbatim = row.drafted or found is None
    return Question(
        id=row.golden_key,
        question=row.question,
        history=history,
        doc_id=found.doc_id if found else None,
        spans=found.spans if found else (),
        answers=(row.answer.strip(),) if verbatim else (),
        answerable=True,
    )


def _found(asked: GapQuestion) -> Found | None:
    """What was inserted from an article; else what was cited; else the answer's own words."""
    if inserted := _inserted(asked):
        return inserted
    cited = [str(one.get("article_id", "")) for one in asked.citations]
    names = _published([*cited, *asked.articles])
    texts = published_texts(set(names.values()))
    for citation in asked.citations:
        doc_id = names.get(str(citation.get("article_id", "")))
        if doc_id is not None:
            place = place_of(str(citation.get("quote", "")).strip(), texts.get(doc_id, ""))
            return Found(doc_id, (Span(doc_id, *place),) if place else ())
    for doc_id, text in texts.items():
        place = place_of(asked.answer.strip(), text)
        if place is not None:
            return Found(doc_id, (Span(doc_id, *place),))
    return None


def _inserted(asked: GapQuestion) -> Found | None:
    """Where the words stand now that an agent sent as a suggestion had them."""
    uses = SuggestionUse.objects.filter(
        edited=False, suggestion__public=True, suggestion__message__turn_id=asked.turn_id
    )
    for one in (use.suggestion for use in uses.select_related("suggestion").order_by("id")):
        words = one.text.strip()
        text = published_texts({one.doc_id}).get(one.doc_id, "")
        place = place_of(words, text, near=one.start) if words in asked.answer else None
        if place is not None:
            return Found(one.doc_id, (Span(one.doc_id, *place),))
    return None


def _published(ids: Iterable[str]) -> dict[str, str]:
    """Article → its id of the import; only what visitors are answered from."""
    wanted = []
    for one in ids:
        try:
            wanted.append(UUID(one))
        except ValueError:
            continue
    rows = Article.objects.filter(id__in=wanted, archived_at=None, audience="public")
    live = rows.exclude(published_revision=None).values_list("id", "external_id")
    return {str(article_id): doc_id for article_id, doc_id in live}


def _drafted(actor: Member, asked: GapQuestion, title: str) -> str:
    """The draft that the answer begins, or the one that its group has. Returns the article's id.

    It has the group's id, so that the page of gaps watches for it and asks its questions again.
    """
    doc_id = str(asked.group_id or uuid7())
    if asked.group_id is not None and gap_groups.begin_article(actor, asked.group_id) is not None:
        return doc_id
    draft = editing.Draft(
        title=" ".join(title.split())[:LONGEST_TITLE], text=asked.answer.strip(), lang=asked.lang
    )
    saved = editing.save_draft(actor, doc_id, draft, base=0)
    with translation.override(asked.lang if asked.lang in LANGUAGES else "en"):
        note = (
            gettext("From an agent's answer to a visitor, confirmed.")
            if asked.answer_by == Author.MEMBER
            else gettext("From a checked answer of the large model, confirmed.")
        )
    drafts.submit(actor, saved.article.id, note=note)
    return doc_id
