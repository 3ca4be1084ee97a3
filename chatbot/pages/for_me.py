"""What waits for one member at the desk: questions of the bot, and notes that name them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Member
from chatbot import colleagues
from chatbot.errors import Conflict, Invalid
from chatbot.handoff import mentions
from chatbot.pages.gate import for_agents


@require_safe
@for_agents
def show(request: HttpRequest, member: Member) -> HttpResponse:
    return _show(request, member)


def _show(request: HttpRequest, member: Member, **problem: object) -> HttpResponse:
    """problem: what is wrong with an answer (words), which one (asked_id), and its text (typed),
    which is shown also where the question is gone."""
    questions = colleagues.waiting_for(member)
    named = mentions.unseen(member)
    asked_id = problem.get("asked_id")
    given = {
        "workspace": member.workspace,
        "questions": questions,
        "gone": asked_id is not None and asked_id not in {one.id for one in questions},
        "mentions": named,
        "number": len(questions) + len(named),
        **problem,
    }
    return render(request, "chatbot/for_me.html", given)


@require_POST
@for_agents
def answer(request: HttpRequest, member: Member, question_id: UUID) -> HttpResponse:
    """The piece again; where the answer came too late, with its text, for a note."""
    typed = request.POST.get("text", "")
    article = request.POST.get("article") == "on"
    try:
        colleagues.answer(member, question_id, text=typed, article=article)
    except Invalid:
        words = _("Write 1 to 4,000 characters.")
    except Conflict:
        words = _("Too late: the visitor has gone on, or somebody else has answered.")
    else:
        return _show(request, member)
    return _show(request, member, words=words, asked_id=question_id, typed=typed)
