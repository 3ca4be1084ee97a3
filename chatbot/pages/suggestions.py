"""What the chat window needs to suggest help pages in the visitor's own browser.

Where the newest snapshot is, and the snapshot itself. What a visitor types is sent nowhere: their
browser has all of it, see knowledge.snapshots.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.access import widget_workspace
from accounts.errors import NotFound
from accounts.models import Workspace, WorkspaceSettings
from chatbot import browser_runtime
from knowledge import snapshots
from knowledge.snapshots import Snapshot

KEEP = "private, max-age=31536000, immutable"


def offered(key: str) -> dict[str, Any] | None:
    """What the window's scripts are told where the scope's workspace suggests; else None."""
    folder = browser_runtime.available()
    row = WorkspaceSettings.objects.filter(browser_suggestions=True).first()
    if folder is None or row is None:
        return None
    slug = Workspace.objects.values_list("slug", flat=True).get(id=row.workspace_id)
    return {
        "base": static(f"browser/{folder}/"),
        "current": reverse("widget_suggestions", args=[key]),
        "help": f"/help/{slug}/",
        "texts": {"label": _("Help pages that may answer this")},
    }


@require_safe
def current(request: HttpRequest, key: str) -> JsonResponse:
    """A 404 where nothing is suggested, for whatever reason."""
    found = _snapshot(key)
    where = reverse("widget_snapshot", args=[key, found.digest])
    response = JsonResponse({"snapshot": where})
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_safe
@gzip_page
def snapshot(request: HttpRequest, key: str, digest: str) -> HttpResponse:
    """The file of this digest, as long as it is the newest: what was withdrawn is not given."""
    found = _snapshot(key)
    if found.digest != digest:
        raise Http404
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response.headers["Cache-Control"] = KEEP
    response.headers["ETag"] = f'"{digest}"'
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _snapshot(key: str) -> Snapshot:
    try:
        found = snapshots.current(widget_workspace(key))
    except NotFound:
        raise Http404 from None
    if found is None or browser_runtime.available() is None:
        raise Http404
    if found.model != browser_runtime.embedder_fingerprint():
        raise Http404
    return found
