"""One article's translations: which there are, which are behind, link and unlink."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import EDITORS
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from console.gate import for_roles, page
from knowledge import translations
from knowledge.articles import KnowledgeError
from knowledge.listing import languages
from knowledge.models import Article

LONGEST_SEARCH = 200


@require_safe
@for_roles(EDITORS)
def show(request: HttpRequest, member: Member, article_id: UUID) -> HttpResponse:
    """The languages that are there, those that are not, and articles that could be linked."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    with workspace_scope(member.workspace_id):
        article = Article.objects.filter(id=article_id).first()
        if article is None:
            raise NotFound("no such article")
        found = translations.of(article)
        there = {one.article.lang for one in found}
        missing = [lang for lang in languages(member.workspace_id) if lang not in there]
        candidates = translations.candidates(article, text)
    return page(
        request,
        member,
        "translations.html",
        article=article,
        found=found,
        missing=missing,
        candidates=candidates,
        text=text,
    )


@require_POST
@for_roles(EDITORS)
def link(request: HttpRequest, member: Member, article_id: UUID) -> HttpResponse:
    try:
        other = UUID(request.POST.get("other", ""))
    except ValueError:
        raise NotFound("no such article") from None
    try:
        translations.link(member, article_id, other)
    except KnowledgeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The articles are linked."))
    return _back(member, article_id)


@require_POST
@for_roles(EDITORS)
def unlink(request: HttpRequest, member: Member, article_id: UUID) -> HttpResponse:
    translations.unlink(member, article_id)
    messages.success(request, _("The article stands alone again."))
    return _back(member, article_id)


@require_POST
@for_roles(EDITORS)
def checked(request: HttpRequest, member: Member, article_id: UUID) -> HttpResponse:
    translations.is_up_to_date(member, article_id)
    messages.success(request, _("The translation is up to date."))
    return _back(member, article_id)


def _back(member: Member, article_id: UUID) -> HttpResponse:
    return redirect("console-translations", slug=member.workspace.slug, article_id=article_id)
