"""The API, put together and mounted at /api/v1/. Sizes are checked before a body is read."""

import functools
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from ninja import NinjaAPI

from chatbot.api import articles, conversations, receipts
from chatbot.api.errors import error_response, install
from chatbot.api.keys import ApiKey

MAX_ARTICLE_BYTES = 1_000_000
MAX_BODY_BYTES = 100_000
ABOUT = (
    "Conversations, messages, answer receipts and articles of a workspace, for its own servers. "
    'Errors are {"error": {"code", "message"}}; not found and not yours look alike. '
    "At most 600 requests at once and then ten every second for each key."
)

api = NinjaAPI(
    title="Firstline",
    version="1",
    description=ABOUT,
    auth=ApiKey(),
    docs_url=None,
    urls_namespace="api-v1",
)
install(api)
for router in (conversations.router, receipts.router, articles.router):
    api.add_router("", router)

View = Callable[..., HttpResponseBase]


def urlpatterns() -> list[URLPattern]:
    """Paths below /api/v1/, each guarded; anything else there is a 404 in the API's own form."""
    patterns: list[Any] = api.urls[0]
    for pattern in patterns:
        view = _nothing_here if pattern.name == "api-root" else pattern.callback
        pattern.callback = _guarded(view)
    return [*patterns, path("<path:rest>", _guarded(_nothing_here))]


def _guarded(view: View) -> View:
    """Refuse a body that is too large or of unknown size, and answer a wrong method in JSON."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        limit = MAX_ARTICLE_BYTES if "doc_id" in kwargs else MAX_BODY_BYTES
        if _larger_than(limit, request):
            return error_response("body_too_large", f"At most {limit:,} bytes")
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = response.headers["Allow"]
            response = error_response("method_not_allowed", f"Allowed here: {allowed}")
            response["Allow"] = allowed
        return response

    guarded.csrf_exempt = True  # type: ignore[attr-defined]  # keys are no cookies
    return guarded


def _larger_than(limit: int, request: HttpRequest) -> bool:
    """A body that is sent in chunks has no Content-Length: it is read, but no further than this."""
    try:
        return int(request.headers["Content-Length"]) > limit
    except (KeyError, ValueError):
        start = request.read(limit + 1)
        request._body = start
        return len(start) > limit


def _nothing_here(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    return error_response("not_found", "Not found")


def openapi() -> str:
    """The description as docs/openapi.json holds it."""
    return json.dumps(api.get_openapi_schema(), indent=2, ensure_ascii=False) + "\n"
