"""The widget over HTTP: the loader that a site puts on its pages, and the frame that it opens.

The frame shows only on the widget's own origins and on this server's. Browsers keep that through
`frame-ancestors`; a request that names another site is refused as if the key did not exist.
"""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language, get_supported_language_variant
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import condition, require_safe

from accounts.access import widget_workspace
from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot import phrases
from chatbot.models import Widget
from chatbot.pages import loader
from chatbot.pages.texts import frame_texts
from chatbot.texts import MAX_TEXT

# An hour without asking, then a day in which the old one is used while the new one is fetched.
LOADER_CACHE = "public, max-age=3600, stale-while-revalidate=86400"


def _loader_etag(request: HttpRequest) -> str:
    return loader.etag()


@require_safe
@condition(etag_func=_loader_etag)
def loader_script(request: HttpRequest) -> HttpResponse:
    """One script, the same for every site; the key is in the tag that loads it."""
    response = HttpResponse(loader.source(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = LOADER_CACHE
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest, key: str) -> HttpResponse:
    """The chat window of one widget. Unknown keys and foreign sites alike get a 404."""
    widget = _widget(key)
    own = [settings.BASE_URL.lower(), f"{request.scheme}://{request.get_host()}".lower()]
    allowed = list(dict.fromkeys([*(origin.lower() for origin in widget.origins), *own]))
    if not _from_allowed_site(request, frozenset(allowed)):
        raise Http404
    with translation.override(_language(request.GET.get("language", ""))):
        language = get_language() or settings.LANGUAGE_CODE
        config = {
            "key": widget.key,
            "language": language,
            "origins": allowed,
            "maxText": MAX_TEXT,
            "texts": frame_texts(widget.name),
        }
        page = {
            "widget": widget,
            "config": config,
            "greeting": widget.greeting or phrases.fixed(language, "greeting"),
            "disclosure": phrases.fixed(language, "disclosure"),
        }
        response = render(request, "chatbot/frame.html", page)
    response.frame_ancestors = " ".join(["'self'", *allowed])  # type: ignore[attr-defined]  # read by config.middleware
    response["Cache-Control"] = "private, no-cache"
    response["Content-Language"] = language
    return response


def _widget(key: str) -> Widget:
    try:
        workspace_id: UUID = widget_workspace(key)
    except NotFound:
        raise Http404 from None
    with workspace_scope(workspace_id):
        widget = Widget.objects.filter(key=key).first()
    if widget is None:
        raise Http404
    return widget


def _from_allowed_site(request: HttpRequest, allowed: frozenset[str]) -> bool:
    """What the request says about the page around it; a browser may say nothing."""
    origin = request.headers.get("Origin", "").lower()
    if origin and origin not in allowed:
        return False
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.scheme and f"{referer.scheme}://{referer.netloc}".lower() not in allowed:
        return False
    return request.headers.get("Sec-Fetch-Dest", "iframe") in {"iframe", "document"}


def _language(wanted: str) -> str:
    """The page's language if the service speaks it, else the visitor's."""
    try:
        return get_supported_language_variant(wanted.replace("_", "-").lower()[:12])
    except LookupError:
        return get_language() or settings.LANGUAGE_CODE
