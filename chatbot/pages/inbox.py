"""The inbox over HTTP, as JSON for the desk's scripts: lists, search, tags, and actions.

Who may see and do what is checked on each request by chatbot.inbox and accounts.access. Strangers
get a 404, a lesser role a 403, and neither learns or changes anything.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import AGENTS, member_for
from accounts.errors import NotAllowed, NotFound
from accounts.models import Member, User
from accounts.scope import workspace_scope
from chatbot import previews
from chatbot.errors import ChatError
from chatbot.inbox import acting, finding, listing, merging, tags
from chatbot.inbox.rows import tags_of
from chatbot.models import Conversation, Message
from chatbot.pages.inbox_forms import ActForm, FindForm, ViewForm

PREVIEW = 120
Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Member, Given], HttpResponse]


def _problem(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)


def for_agents(view: View[Given]) -> Callable[..., HttpResponse]:
    """The view gets the member; what it raises becomes an answer in JSON."""

    @wraps(view)
    def checked(
        request: HttpRequest, slug: str, *args: Given.args, **kwargs: Given.kwargs
    ) -> HttpResponse:
        if not isinstance(request.user, User):
            return _problem(401, "not_allowed", "Log in")
        try:
            member = member_for(request.user, workspace_slug=slug, roles=AGENTS)
            return view(request, member, *args, **kwargs)
        except NotFound:
            return _problem(404, "not_found", "Not found")
        except NotAllowed:
            return _problem(403, "not_allowed", "Your role does not permit this")
        except ChatError as error:
            return _problem(400, error.code, error.message)
        except ValueError:  # a place that is none
            return _problem(400, "bad_frame", "There is no such page")

    return never_cache(checked)


def _unfit(form: forms.Form) -> JsonResponse:
    field, problems = next(iter(form.errors.items()))
    return _problem(400, "bad_frame", f"{field}: {' '.join(str(one) for one in problems)}")


@require_safe
@for_agents
def inbox(request: HttpRequest, member: Member) -> HttpResponse:
    """One page of a view."""
    form = ViewForm(request.GET)
    if not form.is_valid():
        return _unfit(form)
    return JsonResponse(listing.page(member, form.wanted()))


@require_safe
@for_agents
def found(request: HttpRequest, member: Member) -> HttpResponse:
    """One page of what a search found."""
    form = FindForm(request.GET)
    if not form.is_valid():
        return _unfit(form)
    given = form.cleaned_data
    return JsonResponse(finding.find(member, given["q"], form.filters(), after=given["after"]))


@require_safe
@for_agents
def every_tag(request: HttpRequest, member: Member) -> HttpResponse:
    return JsonResponse({"tags": tags.known(member.workspace_id)})


@require_safe
@for_agents
def about(request: HttpRequest, member: Member, conversation_id: UUID) -> HttpResponse:
    """A conversation's tags, what it is joined with, and what it could be joined with."""
    with workspace_scope(member.workspace_id):
        row = Conversation.objects.select_related("merged_into").filter(id=conversation_id).first()
        if row is None:
            raise NotFound("no such conversation")
        return JsonResponse(
            {
                "tags": tags_of([row.id]).get(row.id, []),
                "snoozed_until": row.snoozed_until.isoformat() if row.snoozed_until else None,
                "merged_into": _in_short(row.merged_into) if row.merged_into else None,
                "merged_from": [_in_short(one) for one in merging.joined_with(row)],
                "others": [_in_short(one) for one in merging.could_be_joined(row)],
                "created_at": row.created_at.isoformat(),
            }
        )


def _in_short(row: Conversation) -> dict[str, Any]:
    messages = Message.objects.filter(workspace_id=row.workspace_id, conversation=row)
    first = messages.order_by("created_at", "id").first()
    return {
        "id": str(row.id),
        "status": row.status,
        "created_at": row.created_at.isoformat(),
        "preview": previews.of_messages([first], longest=PREVIEW)[first.id] if first else "",
    }


@require_POST
@for_agents
def act(request: HttpRequest, member: Member) -> HttpResponse:
    """One action on one or many conversations; says of each how it went."""
    form = ActForm(request.POST)
    if not form.is_valid():
        return _unfit(form)
    done = acting.act(member, form.cleaned_data["ids"], form.order())
    return JsonResponse({"results": [asdict(one) for one in done]})
