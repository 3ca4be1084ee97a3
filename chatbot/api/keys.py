"""Who asks: a server with an API key. Each request is counted against its key's limit."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from accounts import ratelimit
from accounts.access import AGENTS, EDITORS, EVERYBODY, ApiPrincipal, api_principal, digest
from accounts.errors import NotAllowed, NotFound
from accounts.models import Role

REQUESTS_AT_ONCE = 600
REQUESTS_PER_S = 10.0

READERS = AGENTS | {Role.ANALYST}  # of conversations
WRITERS = AGENTS  # of conversations
RECEIPT_READERS = READERS | EDITORS
ARTICLE_READERS = EVERYBODY
ARTICLE_WRITERS = EDITORS


class ApiKey(HttpBearer):
    """`Authorization: Bearer fl_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The principal, or None for an unknown or revoked key. Raises RateLimited."""
        try:
            known = api_principal(token)
        except NotFound:
            return None
        ratelimit.check(
            "api_key", key=digest(token), burst=REQUESTS_AT_ONCE, per_second=REQUESTS_PER_S
        )
        return known


def principal(request: HttpRequest, roles: Collection[str]) -> ApiPrincipal:
    """The server behind this request. Raises NotAllowed if its key's role is not among these."""
    known: ApiPrincipal = request.auth  # type: ignore[attr-defined]  # set by ninja
    if known.role not in roles:
        raise NotAllowed("the key's role does not permit this")
    return known
