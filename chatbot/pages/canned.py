"""An agent's own canned replies. Those of the workspace are in the console."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Member
from chatbot import canned
from chatbot.canned import Written
from chatbot.errors import Invalid
from chatbot.pages.gate import for_agents


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def show(request: HttpRequest, member: Member, canned_id: UUID | None = None) -> HttpResponse:
    """The list with a form for a new one; by POST it is saved, or the one that was edited."""
    problem, name, text = "", request.POST.get("name", ""), request.POST.get("text", "")
    if request.method == "POST":
        try:
            canned.save(member, Written(name, text, shared=False), canned_id=canned_id)
        except Invalid as error:
            problem = error.message
        else:
            messages.success(request, _("The canned reply is saved."))
            return redirect("desk-canned", slug=member.workspace.slug)
    after = request.GET.get("after", "").replace("\0", "")[: canned.LONGEST_NAME]
    found, more = canned.listed(member, shared=False, after=after)
    given = {
        "member": member,
        "workspace": member.workspace,
        "found": found,
        "more": more,
        "after": after,
        "problem": problem,
        "typed_id": canned_id,
        "typed": {"name": name, "text": text},
        "variables": ["{" + one + "}" for one in canned.VARIABLES],
        "save": "desk-canned",
        "save_one": "desk-canned-one",
        "delete": "desk-canned-delete",
    }
    return render(request, "chatbot/canned.html", given, status=400 if problem else 200)


@require_POST
@for_agents
def delete(request: HttpRequest, member: Member, canned_id: UUID) -> HttpResponse:
    canned.delete(member, canned_id, shared=False)
    messages.success(request, _("The canned reply is deleted."))
    return redirect("desk-canned", slug=member.workspace.slug)
