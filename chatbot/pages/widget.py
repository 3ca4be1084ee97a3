"""The widget over HTTP: the loader that a site puts on its pages, and the frame that it opens.

The frame shows only on the widget's own origins and on this server's. Browsers keep that through
`frame-ancestors`; a request that names another site is refused as if the key did not exist.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import condition, require_safe

from accounts.access import widget_workspace
from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot import attachments, prechat, ratings, transcript_mail, voices
from chatbot.colours import colours
from chatbot.filing.words import LARGEST
from chatbot.models import Widget
from chatbot.pages import loader, suggestions
from chatbot.pages.texts import frame_texts
from chatbot.texts import MAX_FILES, MAX_TEXT
from chatbot.voices import Voice

# An hour without asking, then a day in which the old one is used while the new one is fetched.
LOADER_CACHE = "public, max-age=3600, stale-while-revalidate=86400"
SITE_LOADER_CACHE = "public, max-age=300"


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
def site_loader(request: HttpRequest, key: str) -> HttpResponse:
    """The loader that knows one widget's origins and colours. Unknown keys get a 404."""
    widget, _voice = _widget(key)
    site = {
        "key": widget.key,
        "origins": _allowed(request, widget),
        "colours": colours(widget.colour),
    }
    response = HttpResponse(loader.source(site), content_type="text/javascript; charset=utf-8")
    response["ETag"] = loader.etag(site)
    # For less long than the other: a change in the console is seen within five minutes.
    response["Cache-Control"] = SITE_LOADER_CACHE
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest, key: str) -> HttpResponse:
    """The chat window of one widget. Unknown keys and foreign sites alike get a 404."""
    widget, voice = _widget(key)
    allowed = _allowed(request, widget)
    if not _from_allowed_site(request, frozenset(allowed)):
        raise Http404
    language = voice.language(request.GET.get("language", ""), get_language() or "")
    with workspace_scope(widget.workspace_id):
        offers, asked = _offers(), prechat.form(language)
        with translation.override(language):
            suggest = suggestions.offered(widget.key)
    with translation.override(language):
        config = {
            "key": widget.key,
            "language": language,
            "origins": allowed,
            "maxText": MAX_TEXT,
            "people": voice.people,
            "colours": colours(widget.colour),
            "texts": frame_texts(widget.name, people=voice.people),
            **offers,
            "prechat": [field.as_json() for field in asked],
            **({"suggest": suggest} if suggest else {}),
        }
        page = _shown(widget, voice, language) | {
            "config": config,
            "attachments": offers["attachments"],
        }
        response = render(request, "chatbot/frame.html", page)
    response.frame_ancestors = " ".join(["'self'", *allowed])  # type: ignore[attr-defined]  # read by config.middleware
    response["Cache-Control"] = "private, no-cache"
    response["Content-Language"] = language
    return response


def preview(request: HttpRequest, widget: Widget, voice: Voice) -> HttpResponse:
    """The chat window to look at, in the language that is active: no script, nothing to press.

    Only a page of our own may show it. The caller checks who may.
    """
    language = get_language() or settings.LANGUAGE_CODE
    page = _shown(widget, voice, language) | {"preview": True}
    response = render(request, "chatbot/frame.html", page)
    response.frame_ancestors = "'self'"  # type: ignore[attr-defined]  # read by config.middleware
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _shown(widget: Widget, voice: Voice, language: str) -> dict[str, Any]:
    own = voice.says(language, "greeting")
    return {
        "widget": widget,
        "own_greeting": own,
        "greeting": widget.greeting or own,
        "disclosure": voice.says(language, "disclosure"),
        "people": voice.people,
    }


def _offers() -> dict[str, Any]:
    """What the scope's workspace offers beside the talk, and the bounds of it."""
    return {
        "attachments": attachments.allowed(),
        "maxFiles": MAX_FILES,
        "maxFileBytes": LARGEST,
        "ratings": ratings.asked(),
        "transcripts": transcript_mail.offered(),
    }


def _widget(key: str) -> tuple[Widget, Voice]:
    try:
        workspace_id: UUID = widget_workspace(key)
    except NotFound:
        raise Http404 from None
    with workspace_scope(workspace_id):
        widget, voice = Widget.objects.filter(key=key).first(), voices.voice()
    if widget is None:
        raise Http404
    return widget, voice


def _allowed(request: HttpRequest, widget: Widget) -> list[str]:
    """The widget's origins, and this server's own."""
    own = [settings.BASE_URL.lower(), f"{request.scheme}://{request.get_host()}".lower()]
    return list(dict.fromkeys([*(origin.lower() for origin in widget.origins), *own]))


def _from_allowed_site(request: HttpRequest, allowed: frozenset[str]) -> bool:
    """What the request says about the page around it; a browser may say nothing."""
    origin = request.headers.get("Origin", "").lower()
    if origin and origin not in allowed:
        return False
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.scheme and f"{referer.scheme}://{referer.netloc}".lower() not in allowed:
        return False
    return request.headers.get("Sec-Fetch-Dest", "iframe") in {"iframe", "document"}
