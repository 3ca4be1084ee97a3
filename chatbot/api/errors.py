"""Every error of the API as `{"error": {"code", "message"}}`.

ApiError                 raised by this package; the errors of the other packages are mapped:
├── NotFound             404 not_found: no such object, or another workspace's
├── NotAllowed           403 not_allowed: the key's role does not permit it
├── RateLimited          429 rate_limited, with Retry-After
├── Conflict             409 conflict
├── Invalid, KnowledgeError   422, with the code that the sockets use where there is one
└── anything else        500 server_error; logged, and the client learns nothing more
"""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel

from accounts.errors import NotAllowed, NotFound, RateLimited
from chatbot.errors import ChatError, Conflict, Invalid
from knowledge.articles import KnowledgeError

log = logging.getLogger(__name__)

STATUSES = {
    "bad_json": 400,
    "unauthorized": 401,
    "not_allowed": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "body_too_large": 413,
    "invalid": 422,
    "empty_text": 422,
    "text_too_long": 422,
    "rate_limited": 429,
    "server_error": 500,
}
CODES_BY_STATUS = {400: "bad_json", 401: "unauthorized", 404: "not_found"}


class ErrorDetail(BaseModel):
    code: str
    message: str


class ErrorOut(BaseModel):
    """What every refused request gets."""

    error: ErrorDetail


def error_response(code: str, message: str) -> JsonResponse:
    clean = message.encode("utf-8", "replace").decode()
    return JsonResponse({"error": {"code": code, "message": clean}}, status=STATUSES[code])


def install(api: NinjaAPI) -> None:
    """Make the API answer every error in one form."""
    api.add_exception_handler(Exception, _any)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(ValidationError, _unfit)
    api.add_exception_handler(RateLimited, _rate_limited)
    for known in (NotFound, NotAllowed, ChatError, KnowledgeError, RequestDataTooBig):
        api.add_exception_handler(known, _known)


def _http(request: HttpRequest, error: Any) -> HttpResponse:
    code = CODES_BY_STATUS.get(error.status_code, "invalid")
    messages = {
        "bad_json": "The body is not JSON",
        "unauthorized": "Send a valid API key as Authorization: Bearer fl_…",
    }
    response = error_response(code, messages.get(code, str(error)))
    if code == "unauthorized":
        response["WWW-Authenticate"] = "Bearer"
    return response


def _unfit(request: HttpRequest, error: Any) -> HttpResponse:
    """The first field that does not fit its type. Values are not repeated."""
    first = error.errors[0]
    where = [str(part) for part in first["loc"] if part not in {"body", "query", "path"}]
    message = f"{'.'.join(where)}: {first['msg']}" if where else str(first["msg"])
    return error_response("invalid", message[:300])


def _rate_limited(request: HttpRequest, error: Any) -> HttpResponse:
    response = error_response("rate_limited", str(error))
    response["Retry-After"] = str(error.retry_after_s)
    return response


def _known(request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):
        return error_response("body_too_large", "The body is too large")
    if isinstance(error, NotFound):
        return error_response("not_found", "Not found")
    if isinstance(error, NotAllowed):
        return error_response("not_allowed", "This key's role does not permit it")
    if isinstance(error, Conflict):
        return error_response("conflict", error.message)
    code = error.code if isinstance(error, Invalid) and error.code in STATUSES else "invalid"
    return error_response(code, str(error))


def _any(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("request failed", exc_info=error, extra={"event": "api_error"})
    return error_response("server_error", "Something went wrong on our side")
