"""A small shop with the demo workspace's widget on it, and what to try there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import workspace_by_slug
from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot.models import Widget

SLUG = "demo"


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """404, with the command that loads it, where the demo workspace is not there."""
    key = _widget_key()
    page = {"widget_key": key, "slug": SLUG}
    return render(request, "chatbot/demo.html", page, status=200 if key else 404)


def _widget_key() -> str:
    """Empty where there is none."""
    try:
        workspace = workspace_by_slug(SLUG)
    except NotFound:
        return ""
    with workspace_scope(workspace.id):
        widget = Widget.objects.order_by("created_at", "id").first()
        return widget.key if widget else ""
