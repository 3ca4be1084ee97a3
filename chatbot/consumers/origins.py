"""Where a socket comes from. Browsers always send an Origin header, and pages cannot forge it."""

from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def origin_of(scope: dict[str, Any]) -> str:
    """The Origin header, in lower case; empty where there is none."""
    return _header(scope, b"origin").rstrip("/")


def own_origins(scope: dict[str, Any]) -> set[str]:
    """This server's own origins: BASE_URL, and the host that was asked, if it is allowed."""
    origins = {settings.BASE_URL.lower()}
    host = _header(scope, b"host")
    domain, _ = split_domain_port(host)
    if domain and validate_host(domain, settings.ALLOWED_HOSTS):
        scheme = "https" if settings.BASE_URL.startswith("https") else "http"
        origins.add(f"{scheme}://{host}")
    return origins


def address_of(scope: dict[str, Any]) -> str:
    """The other side's address, for limits."""
    client = scope.get("client") or ["unknown"]
    return str(client[0])


def _header(scope: dict[str, Any], wanted: bytes) -> str:
    for name, value in scope.get("headers", []):
        if name == wanted:
            return str(value.decode("latin-1")).lower()
    return ""
