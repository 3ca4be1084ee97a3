"""Web addresses: which ones may be asked for, and the one form that stands for a page."""

from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from knowledge.fetching.errors import Refused

LONGEST = 1_000  # characters
PORTS = {"http": 80, "https": 443}
# Say where a visitor came from; the page is the same without them.
NOISE = ("utm_", "fbclid", "gclid", "yclid", "mc_cid", "mc_eid", "_hs")
SAFE = "/:@!$&'()*+,;=-._~"


@dataclass(frozen=True)
class Place:
    """target: path and query as the request names them."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}"


def place_of(url: str) -> Place:
    """Take an address apart. Raises Refused for anything but a plain http or https page."""
    if len(url) > LONGEST or not url.isprintable():
        raise Refused(f"the address is longer than {LONGEST} characters or has control characters")
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise Refused("this is no web address") from None
    if parts.scheme not in PORTS:
        raise Refused("only http and https addresses are read")
    if parts.username is not None or parts.password is not None:
        raise Refused("the address holds a name or a password")
    if port not in {None, PORTS[parts.scheme]}:
        raise Refused("only the ports 80 and 443 are asked")
    path = quote(parts.path, safe=SAFE + "%") or "/"
    query = quote(parts.query, safe=SAFE + "%?")
    return Place(
        scheme=parts.scheme,
        host=_host(parts.hostname or ""),
        port=PORTS[parts.scheme],
        target=path + (f"?{query}" if query else ""),
    )


def _host(name: str) -> str:
    name = name.rstrip(".").lower()
    if ":" in name:  # an IPv6 address, without its brackets
        return name
    try:
        host = name.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not host or any(not (sign.isalnum() or sign in ".-_") for sign in host):
        raise Refused("the address names no server")
    return host


def canonical(url: str) -> str:
    """The one form of a page's address: no fragment, no default port, no marks of campaigns.

    Raises Refused, like place_of.
    """
    place = place_of(url)
    path, _, query = place.target.partition("?")
    kept = [part for part in query.split("&") if not part.lower().startswith(NOISE)]
    host = f"[{place.host}]" if ":" in place.host else place.host
    return urlunsplit((place.scheme, host, path, "&".join(kept), ""))


def joined(base: str, link: str) -> str | None:
    """A link as it stands on a page, in canonical form; None for what is no page."""
    try:
        return canonical(urljoin(base, link.strip()))
    except (Refused, ValueError):
        return None
