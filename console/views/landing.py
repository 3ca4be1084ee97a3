"""The front door: what this is, and whether it can answer questions right now.

`/` is 200 only while every part that an answer needs is there. The 503 page reads nothing but
`chatbot.health`, so it works while the database or Redis is away.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chatbot import health

PARTS = {
    "database": _("the database"),
    "redis": _("Redis, which carries work and hints between processes"),
    "answers": _("the worker that answers questions"),
    "escalations": _("the worker that asks the large model"),
    "knowledge": _("the worker that imports and indexes articles"),
    "scheduler": _("the scheduler, which notices what has waited too long"),
}


@require_safe
@never_cache
def landing(request: HttpRequest) -> HttpResponse:
    missing = health.readiness().missing
    if missing:
        parts = [(part, PARTS.get(part, part)) for part in missing]
        page = render(request, "console/not_ready.html", {"parts": parts}, status=503)
        page["Retry-After"] = "5"
        return page
    return render(request, "console/landing.html")
