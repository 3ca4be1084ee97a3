"""What stands beside a conversation at the desk, as pieces of a page and a little JSON."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import RateLimited
from accounts.models import Member
from chatbot import canned, reply_drafts
from chatbot.assist import jobs, looking_up, reading
from chatbot.errors import Invalid
from chatbot.handoff import mentions, verdicts
from chatbot.models import ReplyDraft
from chatbot.pages.desk_texts import reason_texts
from chatbot.pages.gate import for_agents
from chatbot.transcripts import transcript


@require_safe
@for_agents
def pane(request: HttpRequest, member: Member, conversation_id: UUID) -> HttpResponse:
    found = reading.pane_of(member, conversation_id)
    given = {
        "pane": found,
        "workspace": member.workspace,
        "why": reason_texts().get(found.reason, found.reason),
    }
    return render(request, "chatbot/pane.html", given)


@require_POST
@for_agents
def assist(request: HttpRequest, member: Member, conversation_id: UUID) -> HttpResponse:
    """Have summary and suggestions made for the visitor's newest message; harmless twice."""
    return JsonResponse({"waits": jobs.ask(member, conversation_id)})


@require_POST
@for_agents
def look_up(request: HttpRequest, member: Member, conversation_id: UUID) -> HttpResponse:
    """Have the agent's own question read; the pane shows what was found."""
    try:
        row = looking_up.ask(member, conversation_id, request.POST.get("question", ""))
    except Invalid as error:
        return JsonResponse({"error": error.message}, status=400)
    except RateLimited as error:
        return JsonResponse({"error": str(error)}, status=429)
    return JsonResponse({"id": str(row.id)})


@require_safe
@for_agents
def earlier(
    request: HttpRequest, member: Member, conversation_id: UUID, earlier_id: UUID
) -> HttpResponse:
    """An earlier conversation of the same visitor, to read."""
    other = reading.earlier_of(member, conversation_id, earlier_id)
    found = transcript(member.workspace_id, other.id)
    return render(request, "chatbot/pane_earlier.html", {"found": found})


@require_POST
@for_agents
def verdict(request: HttpRequest, member: Member, receipt_id: UUID) -> HttpResponse:
    try:
        row = verdicts.give(member, receipt_id, request.POST.get("verdict", ""))
    except Invalid as error:
        return JsonResponse({"error": error.message}, status=400)
    return JsonResponse({"verdict": row.verdict})


@require_POST
@for_agents
def seen(request: HttpRequest, member: Member, conversation_id: UUID) -> HttpResponse:
    """The member has opened the conversation: mentions of them in it are read."""
    return JsonResponse({"seen": mentions.mark_seen(member, conversation_id)})


@require_safe
@for_agents
def offer(request: HttpRequest, member: Member, conversation_id: UUID) -> HttpResponse:
    """Canned replies for what was typed after the slash, filled in."""
    found = canned.offered(member, conversation_id, request.GET.get("q", ""))
    rows = [{"name": one.name, "text": one.text, "own": one.own} for one in found]
    return JsonResponse({"canned": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def drafts(request: HttpRequest, member: Member, conversation_id: UUID) -> HttpResponse:
    """The member's drafts; by POST one is kept. 409 with the other where a device was faster."""
    if request.method != "POST":
        found = reply_drafts.drafts_of(member, conversation_id)
        return JsonResponse({"drafts": [_draft(row) for row in found]})
    try:
        row, kept = reply_drafts.keep(member, conversation_id, _typed(request.body))
    except Invalid as error:
        return JsonResponse({"error": error.message}, status=400)
    return JsonResponse(_draft(row), status=200 if kept else 409)


def _typed(body: bytes) -> reply_drafts.Typed:
    """Raises Invalid."""
    try:
        given = json.loads(body)
        suggestion = given.get("suggestion_id")
        return reply_drafts.Typed(
            mode=str(given["mode"]),
            text=str(given["text"]),
            revision=int(given["revision"]),
            suggestion_id=UUID(str(suggestion)) if suggestion else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Invalid("This is no draft") from None


def _draft(row: ReplyDraft) -> dict[str, Any]:
    return {
        "mode": row.mode,
        "text": row.text,
        "revision": row.revision,
        "suggestion_id": str(row.suggestion_id) if row.suggestion_id else None,
    }
