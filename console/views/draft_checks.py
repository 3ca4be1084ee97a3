"""Check before publishing: which golden questions an edit gains or loses, and its neighbours."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import EDITORS
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from console.asking_words import (
    CHANGE_WORDS,
    DECISION_WORDS,
    GOLDEN_WORDS,
    HINT_WORDS,
    PROBLEM_WORDS,
)
from console.forms import ArticleForm
from console.gate import for_roles, page
from knowledge import articles
from knowledge.models import Article
from knowledge.rendering import render_html
from learning import draft_checks, going_live
from learning.draft_checks import Wanted
from learning.models import DraftCheck

ORDER = tuple(CHANGE_WORDS)


@require_POST
@for_roles(EDITORS)
def check(request: HttpRequest, member: Member, article_id: UUID | None = None) -> HttpResponse:
    """Ask for a check of what the form holds; nothing is saved. The section alone."""
    doc_id, text_format = "", "markdown"
    if article_id is not None:
        with workspace_scope(member.workspace_id):
            article = Article.objects.filter(id=article_id).first()
            if article is None:
                raise NotFound("no such article")
            doc_id = article.external_id
            text_format = articles.newest_revision(article).text_format
    form = ArticleForm(request.POST)
    form.fields["doc_id"].required = article_id is None
    if not form.is_valid():
        return page(request, member, "draft_check.html", status=200, refused=form)
    wanted = wanted_of(form, doc_id=doc_id, article_id=article_id, text_format=text_format)
    return _check(request, member, draft_checks.start(member, wanted))


def wanted_of(
    form: ArticleForm,
    *,
    doc_id: str = "",
    article_id: UUID | None = None,
    text_format: str = "markdown",
) -> Wanted:
    """The text of a valid form. doc_id: empty for a new article, which has it in the form."""
    draft = form.draft()
    return Wanted(
        article_id=article_id,
        doc_id=doc_id or str(form.cleaned_data["doc_id"]),
        title=draft.title,
        text=draft.text,
        text_format=text_format,
        audience=draft.audience,
    )


def held(
    request: HttpRequest, member: Member, wanted: Wanted, *, article_id: UUID
) -> HttpResponse | None:
    """The page that stands between a button and what it publishes; None if nothing does."""
    found = unconfirmed(request, member, wanted)
    if found is None:
        return None
    skipped = {"csrfmiddlewaretoken", "confirmed"}
    given = [(name, one) for name, row in request.POST.lists() for one in row]
    return page(
        request,
        member,
        "going_live.html",
        given=[(name, one) for name, one in given if name not in skipped],
        article_id=article_id,
        **shown(found, confirm=True),
    )


def unconfirmed(request: HttpRequest, member: Member, wanted: Wanted) -> DraftCheck | None:
    """The check that its author has to see before this goes live."""
    confirmed = request.POST.get("confirmed", "")
    return going_live.unconfirmed(member, wanted, confirmed=confirmed)


def seen(request: HttpRequest, member: Member) -> DraftCheck | None:
    """The check whose outcome its author has confirmed."""
    try:
        return draft_checks.check_of(member.workspace_id, UUID(request.POST.get("confirmed", "")))
    except (ValueError, NotFound):
        return None


def warning(found: DraftCheck) -> str:
    if found.problem:
        return _("Not published: the golden questions could not be asked.")
    if not found.lost:
        return _(
            "Not published yet: the golden questions are being asked. It goes on by itself if no "
            "answer gets lost."
        )
    return ngettext(
        "Not published: %d golden question would not be answered rightly any more.",
        "Not published: %d golden questions would not be answered rightly any more.",
        found.lost,
    ) % (found.lost,)


@require_safe
@for_roles(EDITORS)
def progress(request: HttpRequest, member: Member, check_id: UUID) -> HttpResponse:
    """The section alone, which asks for itself again until the check has ended."""
    found = draft_checks.check_of(member.workspace_id, check_id)
    if "whole" in request.GET:  # a page of its own, to which a list of checks leads
        return page(request, member, "draft_check_page.html", **shown(found))
    return _check(request, member, found, confirm="confirm" in request.GET)


def _check(
    request: HttpRequest, member: Member, found: DraftCheck, *, confirm: bool = False
) -> HttpResponse:
    return page(request, member, "draft_check.html", **shown(found, confirm=confirm))


def shown(found: DraftCheck, *, confirm: bool = False) -> dict[str, Any]:
    """What the section shows of a check: what gets lost first.

    confirm: with the button by which the form `go-on` goes on.
    """
    changes = sorted(found.changes, key=lambda one: ORDER.index(one["kind"]))
    kinds = [one["kind"] for one in changes]
    return {
        "check": found,
        "confirm": confirm,
        "archives": not found.text,
        "running": found.ended_at is None,
        "percent": round(100 * found.asked / found.total) if found.total else 0,
        "problem": PROBLEM_WORDS.get(found.problem, ""),
        "summary": [(kind, words, kinds.count(kind)) for kind, words in CHANGE_WORDS.items()],
        "changes": [_change(one) for one in changes],
        "neighbours": [_neighbour(one) for one in found.neighbours],
    }


def _change(one: dict[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "words": CHANGE_WORDS[one["kind"]],
        "sides": [_side(one["before"]), _side(one["after"])],
    }


def _side(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "state": one["state"],
        "words": GOLDEN_WORDS[one["state"]],
        "decision": DECISION_WORDS[one["decision"]],
        "text": render_html(one["text"]) if one["decision"] == "answer" else "",
    }


def _neighbour(one: dict[str, Any]) -> dict[str, Any]:
    hints = [
        {**hint, "words": [HINT_WORDS[kind] for kind in hint["kinds"]]} for hint in one["hints"]
    ]
    return {**one, "hints": hints, "percent": f"{100 * one['cosine']:.0f}"}
