"""A draft of the article that a group of questions lacks, made of what people were answered.

Extractive: the title is the most typical question, the body what members or the checked large model
answered, and the links that they gave. No model writes. A visitor's personal details are taken out
of the title; the body is for the editor to read before it is published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from pgvector.django import MaxInnerProduct

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.escalation.redaction import Redactor
from chatbot.models import Author
from learning.gap_groups import by_id
from learning.labels import shares_half
from learning.models import GapGroup, GapQuestion

MOST_ANSWERS = 3
MOST_READ = 50  # answers that these are chosen from
NEWEST = 1_000  # questions that are looked at for them
LONGEST_TITLE = 200
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True)
class Draft:
    title: str
    text: str
    lang: str


def draft_of(group: GapGroup, *, answered: Sequence[GapQuestion] | None = None) -> Draft:
    """answered: what `answers` gave, where it was asked already. Needs the scope."""
    lang = group.central.lang if group.central else "en"
    best = answers(group) if answered is None else answered
    links = {
        citation["url"]: citation["title"]
        for row in best
        for citation in row.citations
        if citation.get("url") and citation.get("title")
    }
    parts = [row.answer.strip() for row in best]
    if links:
        with translation.override(lang if lang in LANGUAGES else "en"):
            parts.append("## " + gettext("See also"))
        parts.append("\n".join(f"- [{_label(title)}]({_url(url)})" for url, title in links.items()))
    return Draft(_title(group), "\n\n".join(parts), lang)


def answers(group: GapGroup) -> list[GapQuestion]:
    """Different ones, to the most typical of the newest questions.

    A person's go before the large model's.
    """
    asked = GapQuestion.objects.filter(group=group, needs_help=True).exclude(answer="")
    newest = list(asked.order_by("-asked_at").values_list("id", flat=True)[:NEWEST])
    rows = GapQuestion.objects.filter(id__in=newest)
    nearest = rows.defer("vector").order_by(MaxInnerProduct("vector", group.mean), "id")
    found: list[GapQuestion] = []
    for row in sorted(nearest[:MOST_READ], key=lambda one: one.answer_by != Author.MEMBER):
        if not any(shares_half(row.answer, one.answer) for one in found):
            found.append(row)
    return found[:MOST_ANSWERS]


def begun_with(member: Member, group_id: UUID) -> Draft:
    """For the form of a new article, whose id is the group's. Raises NotFound."""
    with workspace_scope(member.workspace_id):
        return draft_of(by_id(group_id))


def _title(group: GapGroup) -> str:
    if group.central is None:
        return ""
    text = " ".join(Redactor().redact(group.central.text).split())
    return text[:LONGEST_TITLE]


def _label(title: str) -> str:
    return title.replace("[", "(").replace("]", ")")


def _url(url: str) -> str:
    """Articles keep absolute links alone."""
    return f"{settings.BASE_URL}{url}" if url.startswith("/") else url
