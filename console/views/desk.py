"""The desk's settings: whether the bot may ask a colleague, and the workspace's canned replies."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import ADMINS
from accounts.models import Member
from chatbot import canned, desk_settings
from chatbot.canned import Written
from chatbot.desk_settings import FEWEST_MINUTES, MOST_MINUTES, Decided
from chatbot.errors import Invalid
from console.gate import for_roles, page


class DeskForm(forms.Form):
    ask_colleague = forms.BooleanField(
        label=gettext_lazy("The bot may ask a colleague"),
        help_text=gettext_lazy(
            "When it does not know, it asks one agent who is at the desk, and answers from the "
            "reply. If none is there or none answers in time, the conversation is handed over."
        ),
        required=False,
    )
    colleague_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes to wait for the colleague"),
        min_value=FEWEST_MINUTES,
        max_value=MOST_MINUTES,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def desk(request: HttpRequest, member: Member) -> HttpResponse:
    form = DeskForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        given = form.cleaned_data
        desk_settings.change(member, Decided(given["ask_colleague"], given["colleague_minutes"]))
        messages.success(request, _("The settings are saved."))
        return redirect("console-desk", slug=member.workspace.slug)
    return _page(request, member, form=form)


@require_POST
@for_roles(ADMINS)
def save(request: HttpRequest, member: Member, canned_id: UUID | None = None) -> HttpResponse:
    """A new canned reply, or another text for one. What was typed stays where it is refused."""
    name, text = request.POST.get("name", ""), request.POST.get("text", "")
    try:
        canned.save(member, Written(name, text, shared=True), canned_id=canned_id)
    except Invalid as error:
        typed: dict[str, Any] = {"typed_id": canned_id, "typed": {"name": name, "text": text}}
        return _page(request, member, problem=error.message, **typed)
    messages.success(request, _("The canned reply is saved."))
    return redirect("console-desk", slug=member.workspace.slug)


@require_POST
@for_roles(ADMINS)
def delete(request: HttpRequest, member: Member, canned_id: UUID) -> HttpResponse:
    canned.delete(member, canned_id, shared=True)
    messages.success(request, _("The canned reply is deleted."))
    return redirect("console-desk", slug=member.workspace.slug)


def _page(
    request: HttpRequest, member: Member, *, form: DeskForm | None = None, **typed: Any
) -> HttpResponse:
    now = desk_settings.decided(member)
    initial = {"ask_colleague": now.ask_colleague, "colleague_minutes": now.colleague_minutes}
    after = request.GET.get("after", "").replace("\0", "")[: canned.LONGEST_NAME]
    found, more = canned.listed(member, shared=True, after=after)
    return page(
        request,
        member,
        "desk.html",
        status=400 if form is not None or typed else 200,
        form=form or DeskForm(initial=initial),
        found=found,
        more=more,
        after=after,
        variables=["{" + one + "}" for one in canned.VARIABLES],
        save="console-canned",
        save_one="console-canned-one",
        delete="console-canned-delete",
        **typed,
    )
