"""One article: write, preview, look at its revisions, restore, archive, bring back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import EDITORS
from accounts.errors import NotAllowed, NotFound
from accounts.ids import uuid7
from accounts.models import Member
from accounts.scope import workspace_scope
from console.forms import LONGEST_EDITED, ArticleForm
from console.gate import for_roles, page
from console.numbers import whole
from console.views import draft_checks, typed
from console.words import DRAFT_WORDS, REVIEW_WORDS
from knowledge import articles, drafts, editing, scheduling, tags, translations
from knowledge.articles import BY_HAND, KnowledgeError, Saved
from knowledge.diffing import diff
from knowledge.models import Article, Review, Revision
from knowledge.rendering import begins_with, render_article
from learning import gap_drafts, going_live
from learning.draft_checks import Wanted

KEPT_UNPUBLISHED = {"draft", "review"}  # what a button may do with the text
ACTIONS = {
    "archive": (
        editing.archive,
        gettext_lazy("The article is archived. It answers no questions any more."),
    ),
    "bring-back": (
        editing.bring_back,
        gettext_lazy("The article is back. What was published answers again once it is indexed."),
    ),
    "index-again": (editing.index_again, gettext_lazy("The article is being indexed again.")),
}
REVISIONS = 25  # that are listed at once


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def new(request: HttpRequest, member: Member) -> HttpResponse:
    """The form's hidden id makes a second click harmless: it is the same article."""
    status = 200
    if request.method == "POST":
        form = ArticleForm(request.POST)
        saved = _saved(request, member, form)
        if saved:
            return saved
        status = _refusal(form)
    else:
        form = ArticleForm(initial=_begun(request, member))
    with workspace_scope(member.workspace_id):
        rights = drafts.rights(member, None)
    return page(
        request,
        member,
        "article_form.html",
        status=status,
        form=form,
        rights=rights,
        **_check_of(form),
    )


def _of_original(request: HttpRequest, member: Member) -> dict[str, Any]:
    """What a translation begins with. Raises NotFound for an article that is not there."""
    asked = request.GET.get("translation_of", "")
    if not asked:
        return {}
    try:
        article, shown, _newest = _opened(member, UUID(asked))
    except ValueError:
        raise NotFound("no such article") from None
    with workspace_scope(member.workspace_id):
        found = _initial(article, shown, 0)
    return found | {"translation_of": article.id, "lang": request.GET.get("lang", "")[:12]}


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def edit(request: HttpRequest, member: Member, article_id: UUID) -> HttpResponse:
    """The newest draft, else what is published."""
    article, shown, newest = _opened(member, article_id)
    status = 200
    if request.method == "POST":
        form = ArticleForm(request.POST)
        form.fields["doc_id"].required = False  # an article from a file has an id of its own
        saved = _saved(request, member, form, article=article)
        if saved:
            return saved
        status = _refusal(form)
    with workspace_scope(member.workspace_id):
        if request.method != "POST":
            form = ArticleForm(initial=_initial(article, shown, newest.number))
        more = _panel(member, article)
    return page(
        request,
        member,
        "article_form.html",
        status=status,
        form=form,
        article=article,
        newest=shown,
        from_file=article.source.kind not in BY_HAND,
        typed=typed.given_back(request, article.id),
        too_long=len(shown.text) > LONGEST_EDITED,
        **more,
        **_check_of(form),
    )


def _refusal(form: ArticleForm) -> int:
    """Nothing is wrong where it only waits for the golden questions."""
    waits = form.losing is not None and form.losing.ended_at is None and not form.losing.lost
    return 200 if waits else 400


def _check_of(form: ArticleForm) -> dict[str, Any]:
    """The check for which the form waits, if it does."""
    if form.losing is None:
        return {}
    return draft_checks.shown(form.losing, confirm=True) | {"do": form.data.get("do", "")}


def _panel(member: Member, article: Article) -> dict[str, Any]:
    """What is shown beside the text: the draft's state and story, the schedule, translations."""
    reviews = list(drafts.history(article))
    return {
        "rights": drafts.rights(member, article),
        "draft": article.draft_revision,
        "draft_words": DRAFT_WORDS.get(article.draft_state, ""),
        "reviews": [(one, REVIEW_WORDS[one.action]) for one in reviews],
        "zone": scheduling.zone_of(member.workspace_id),
        "held_back": _held_back(reviews),
        "translations": translations.of(article) if article.translation_group else [],
    }


def _held_back(reviews: Sequence[Review]) -> int:
    """How many golden answers the last schedule would have lost, if it was not kept for that."""
    last = reviews[0] if reviews else None
    return int(last.note) if last is not None and last.action == "held" else 0


def _saved(
    request: HttpRequest, member: Member, form: ArticleForm, *, article: Article | None = None
) -> HttpResponse | None:
    """Where to go on, or None and the form says what is wrong."""
    if not form.is_valid():
        return None
    action = request.POST.get("do", "")
    doc_id = article.external_id if article is not None else str(form.cleaned_data["doc_id"])
    wanted = _goes_live(form, action, article)
    losing = draft_checks.unconfirmed(request, member, wanted) if wanted else None
    if losing is not None:
        form.losing = losing
        form.add_error(None, draft_checks.warning(losing))
        return None
    try:
        saved, said = _save(action, member, form, doc_id)
    except editing.EditConflict:
        form.add_error(
            None,
            _(
                "Somebody else has changed this article meanwhile. Your text is below and not "
                "saved; compare it with the newest revision before you save it."
            ),
        )
        return None
    except NotAllowed:
        form.add_error(None, _("Somebody else has to publish it. Send it for review instead."))
        return None
    except KnowledgeError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, said)
    slug = member.workspace.slug
    return redirect("console-article", slug=slug, article_id=saved.article.id)


def _goes_live(form: ArticleForm, action: str, article: Article | None) -> Wanted | None:
    """What visitors get by it: the text, or with a mere draft what is published for others."""
    if action not in KEPT_UNPUBLISHED:
        if article is None:
            return draft_checks.wanted_of(form)
        with workspace_scope(article.workspace_id):
            text_format = articles.newest_revision(article).text_format
        own, doc_id = article.id, article.external_id
        return draft_checks.wanted_of(form, doc_id=doc_id, article_id=own, text_format=text_format)
    audience = str(form.cleaned_data["audience"])
    if article is None or article.archived_at is not None or article.audience == audience:
        return None
    answers = article.wanted_revision
    return going_live.of_revision(article, answers, audience=audience) if answers else None


def _save(action: str, member: Member, form: ArticleForm, doc_id: str) -> tuple[Saved, str]:
    """Publish, or keep a draft, or keep it and send it for review: all of it or nothing."""
    draft, base = form.draft(), form.cleaned_data["base"]
    with workspace_scope(member.workspace_id):
        if action in KEPT_UNPUBLISHED:
            saved = editing.save_draft(member, doc_id, draft, base=base)
            said = _("The draft is saved. It answers nothing until it is published.")
            if action == "review" and saved.article.draft_revision_id is not None:
                drafts.submit(member, saved.article.id, note=form.cleaned_data["note"])
                said = _("The draft waits for its review.")
        else:
            saved = editing.save(member, doc_id, draft, base=base)
            said = _("Saved. It answers questions as soon as it is indexed.")
        original = form.original_id()
        if original is not None:
            translations.link(member, original, saved.article.id)
        if saved.changed:
            translations.brought_up(saved.article)
    return saved, said


def _begun(request: HttpRequest, member: Member) -> dict[str, Any]:
    """What the form of a new article begins with: a group's draft where it is from Gaps."""
    begun: dict[str, Any] = {"doc_id": uuid7(), "base": 0} | _of_original(request, member)
    given = request.GET.get("gap")
    if given:
        try:
            gap_id = UUID(given)
        except ValueError:
            raise NotFound("no such group") from None
        draft = gap_drafts.begun_with(member, gap_id)
        begun |= {"doc_id": gap_id, "title": draft.title, "text": draft.text, "lang": draft.lang}
    return begun


def _initial(article: Article, shown: Revision, base: int) -> dict[str, Any]:
    """Inside the scope."""
    return {
        "base": base,
        "title": shown.title,
        "text": shown.text,
        "lang": article.lang,
        "audience": article.audience,
        "url": article.url,
        "tags": ", ".join(tags.names_of(article)),
    }


def _opened(member: Member, article_id: UUID) -> tuple[Article, Revision, Revision]:
    """The article, the text that is edited, and the revision that was written last."""
    with workspace_scope(member.workspace_id):
        rows = Article.objects.select_related("source", "draft_revision__author", "wanted_revision")
        article = rows.filter(id=article_id).first()
        if article is None:
            raise NotFound("no such article")
        newest = articles.newest_revision(article)
        return article, article.draft_revision or articles.decided_revision(article), newest


@require_POST
@for_roles(EDITORS)
def preview(request: HttpRequest, member: Member) -> HttpResponse:
    """The text as the article's page would show it; nothing is kept."""
    text = request.POST.get("text", "")[:LONGEST_EDITED].replace("\r\n", "\n")
    content = render_article(text, "markdown")
    return page(request, member, "preview.html", content=content)


@require_safe
@for_roles(EDITORS)
def revisions(
    request: HttpRequest, member: Member, article_id: UUID, number: int | None = None
) -> HttpResponse:
    """All revisions, the text of one of them, and what it changed."""
    article, current, newest = _opened(member, article_id)
    with workspace_scope(member.workspace_id):
        shown = editing.revision_of(article, number or newest.number)
        top = _number(request, "top") or max(shown.number + REVISIONS // 2, REVISIONS)
        rows = article.revisions.select_related("author").defer("text")
        found = list(rows.filter(number__lte=top).order_by("-number")[: REVISIONS + 1])
        newer = rows.filter(number__gt=top).order_by("number").values_list("number", flat=True)
        above = list(newer[:REVISIONS])
        before = _compared(request, article, shown)
    content = render_article(shown.text, shown.text_format)
    return page(
        request,
        member,
        "revisions.html",
        article=article,
        revisions=found[:REVISIONS],
        newer=above[-1] if above else None,
        older=found[REVISIONS].number if len(found) > REVISIONS else None,
        current=current,
        newest=newest,
        shown=shown,
        before=before,
        pieces=diff(_whole(before), _whole(shown)) if before else [],
        content=content,
        titled=begins_with(content, shown.title),
    )


def _number(request: HttpRequest, name: str) -> int | None:
    """Of a revision, as it stands in the address; None for anything else."""
    return whole(request.GET.get(name, ""))


def _compared(request: HttpRequest, article: Article, shown: Revision) -> Revision | None:
    """The revision of the `with` in the address, else the one before."""
    asked = _number(request, "with")
    if asked is not None:
        return editing.revision_of(article, asked)
    earlier = article.revisions.filter(number__lt=shown.number).order_by("-number")
    return earlier.first()


def _whole(revision: Revision) -> str:
    return f"{revision.title}\n\n{revision.text}"


@require_POST
@for_roles(EDITORS)
def restore(request: HttpRequest, member: Member, article_id: UUID, number: int) -> HttpResponse:
    article, _shown, _newest = _opened(member, article_id)
    with workspace_scope(member.workspace_id):
        goes_live = drafts.may_publish_directly(member)
        old = editing.revision_of(article, number)
    if goes_live:
        wanted = going_live.of_revision(article, old)
        held = draft_checks.held(request, member, wanted, article_id=article_id)
        if held is not None:
            return held
    saved = editing.restore(member, article_id, number)
    if saved.article.draft_revision_id:
        messages.success(request, _("Restored as a draft, which somebody else publishes."))
    else:
        messages.success(request, _("Restored. It answers questions as soon as it is indexed."))
    return redirect("console-article", slug=member.workspace.slug, article_id=article_id)


@require_POST
@for_roles(EDITORS)
def act(request: HttpRequest, member: Member, article_id: UUID, action: str) -> HttpResponse:
    """Archive, bring back, or index again."""
    if action not in ACTIONS:
        raise NotFound("no such action")
    wanted = _wanted(member, article_id, action)
    held = wanted and draft_checks.held(request, member, wanted, article_id=article_id)
    if held:
        return held
    change, said = ACTIONS[action]
    change(member, article_id)
    messages.success(request, said)
    return redirect("console-article", slug=member.workspace.slug, article_id=article_id)


def _wanted(member: Member, article_id: UUID, action: str) -> Wanted | None:
    """What the action changes for visitors: to index again was decided before."""
    article, _shown, _newest = _opened(member, article_id)
    with workspace_scope(member.workspace_id):
        answers = article.wanted_revision
    if action == "archive" and article.archived_at is None and answers is not None:
        return going_live.of_archiving(article)
    if action == "bring-back" and article.archived_at is not None and answers is not None:
        return going_live.of_revision(article, answers)
    return None
