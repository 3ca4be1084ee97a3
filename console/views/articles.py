"""One article: write, preview, look at its revisions, restore, archive, bring back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import EDITORS
from accounts.errors import NotFound
from accounts.ids import uuid7
from accounts.models import Member
from accounts.scope import workspace_scope
from console.forms import LONGEST_EDITED, ArticleForm
from console.gate import for_roles, page
from knowledge import articles, editing
from knowledge.articles import BY_HAND, KnowledgeError
from knowledge.listing import with_state
from knowledge.models import Article, Revision
from knowledge.rendering import render_article
from learning import gap_drafts

ACTIONS = {
    "archive": (
        editing.archive,
        gettext_lazy("The article is archived. It answers no questions any more."),
    ),
    "bring-back": (
        editing.bring_back,
        gettext_lazy("The article answers again as soon as it is indexed."),
    ),
    "index-again": (editing.index_again, gettext_lazy("The article is being indexed again.")),
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def new(request: HttpRequest, member: Member) -> HttpResponse:
    """The form's hidden id makes a second click harmless: it is the same article."""
    form = ArticleForm(request.POST or None, initial=_begun(request, member))
    status = 200
    if request.method == "POST":
        saved = _saved(request, member, form)
        if saved:
            return saved
        status = 400
    return page(request, member, "article_form.html", status=status, section="articles", form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def edit(request: HttpRequest, member: Member, article_id: UUID) -> HttpResponse:
    article, newest = _newest(member, article_id)
    status = 200
    if request.method == "POST":
        form = ArticleForm(request.POST)
        form.fields["doc_id"].required = False  # an article from a file has an id of its own
        saved = _saved(request, member, form, doc_id=article.external_id)
        if saved:
            return saved
        status = 400
    else:
        form = ArticleForm(initial=_initial(article, newest))
    return page(
        request,
        member,
        "article_form.html",
        status=status,
        section="articles",
        form=form,
        article=article,
        newest=newest,
        from_file=article.source.kind not in BY_HAND,
        too_long=len(newest.text) > LONGEST_EDITED,
    )


def _saved(
    request: HttpRequest, member: Member, form: ArticleForm, *, doc_id: str | None = None
) -> HttpResponse | None:
    """Where to go on, or None and the form says what is wrong."""
    if not form.is_valid():
        return None
    try:
        saved = editing.save(
            member,
            doc_id or str(form.cleaned_data["doc_id"]),
            form.draft(),
            base=form.cleaned_data["base"],
        )
    except editing.EditConflict:
        form.add_error(
            None,
            _(
                "Somebody else has changed this article meanwhile. Your text is below and not "
                "saved; compare it with the newest revision before you save it."
            ),
        )
        return None
    except KnowledgeError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("Saved. It answers questions as soon as it is indexed."))
    slug = member.workspace.slug
    return redirect("console-article", slug=slug, article_id=saved.article.id)


def _begun(request: HttpRequest, member: Member) -> dict[str, object]:
    """What the form of a new article begins with: a group's draft where it is from Gaps."""
    begun: dict[str, object] = {"doc_id": uuid7(), "base": 0}
    given = request.GET.get("gap")
    if given:
        try:
            gap_id = UUID(given)
        except ValueError:
            raise NotFound("no such group") from None
        draft = gap_drafts.begun_with(member, gap_id)
        begun |= {"doc_id": gap_id, "title": draft.title, "text": draft.text, "lang": draft.lang}
    return begun


def _initial(article: Article, newest: Revision) -> dict[str, object]:
    return {
        "base": newest.number,
        "title": newest.title,
        "text": newest.text,
        "lang": article.lang,
        "audience": article.audience,
        "url": article.url,
    }


def _newest(member: Member, article_id: UUID) -> tuple[Article, Revision]:
    with workspace_scope(member.workspace_id):
        rows = with_state(Article.objects.select_related("source"))
        article = rows.filter(id=article_id).first()
        if article is None:
            raise NotFound("no such article")
        return article, articles.newest_revision(article)


@require_POST
@for_roles(EDITORS)
def preview(request: HttpRequest, member: Member) -> HttpResponse:
    """The text as the article's page would show it; nothing is kept."""
    text = request.POST.get("text", "")[:LONGEST_EDITED].replace("\r\n", "\n")
    content = render_article(text, "markdown")
    return page(request, member, "preview.html", section="articles", content=content)


@require_safe
@for_roles(EDITORS)
def revisions(
    request: HttpRequest, member: Member, article_id: UUID, number: int | None = None
) -> HttpResponse:
    """All revisions, and the text of one of them."""
    article, newest = _newest(member, article_id)
    with workspace_scope(member.workspace_id):
        rows = article.revisions.select_related("author").defer("text").order_by("-number")
        shown = editing.revision_of(article, number or newest.number)
        found = list(rows)
    return page(
        request,
        member,
        "revisions.html",
        section="articles",
        article=article,
        revisions=found,
        newest=newest,
        shown=shown,
        content=render_article(shown.text, shown.text_format),
    )


@require_POST
@for_roles(EDITORS)
def restore(request: HttpRequest, member: Member, article_id: UUID, number: int) -> HttpResponse:
    editing.restore(member, article_id, number)
    messages.success(request, _("Restored. It answers questions as soon as it is indexed."))
    return redirect("console-article", slug=member.workspace.slug, article_id=article_id)


@require_POST
@for_roles(EDITORS)
def act(request: HttpRequest, member: Member, article_id: UUID, action: str) -> HttpResponse:
    """Archive, bring back, or index again."""
    if action not in ACTIONS:
        raise NotFound("no such action")
    change, said = ACTIONS[action]
    change(member, article_id)
    messages.success(request, said)
    return redirect("console-article", slug=member.workspace.slug, article_id=article_id)
