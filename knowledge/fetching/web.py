"""One request to a public server, within limits. Redirects are told, never followed.

The name is resolved once, all of its addresses must be public, and the connection goes to one of
these very addresses, so that a name that changes between check and use gains nothing. TLS is
verified for the host's name. Proxies of the environment are not used.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from knowledge.fetching.addresses import is_public
from knowledge.fetching.errors import FetchError, Refused
from knowledge.fetching.places import Place, place_of

AGENT = "FirstlineBot/0.1 (reads help pages for a support chatbot)"
CONNECT_S = 10.0
TOTAL_S = 30.0  # from connecting to the last byte
LARGEST = 5_000_000  # bytes, after decompression
PART = 65_536


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def connect(address: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to an address, which is never a name here. Raises OSError."""
    return socket.create_connection((address, port), timeout=timeout_s)


@dataclass(frozen=True)
class Network:
    """How names become connections. Anything but the default is for tests."""

    resolve: Callable[[str, int], Sequence[str]] = resolve
    connect: Callable[[str, int, float], socket.socket] = connect
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context


PUBLIC = Network()


@dataclass(frozen=True)
class Request:
    """data: a body makes it a POST. largest: bytes of the answer, after decompression."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes | None = None
    largest: int = LARGEST
    total_s: float = TOTAL_S


@dataclass(frozen=True)
class Response:
    """location: where a redirect leads, as the server wrote it; else empty."""

    url: str
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def location(self) -> str:
        moved = self.status in {301, 302, 303, 307, 308}
        return self.headers.get("location", "") if moved else ""

    @property
    def kind(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def get(request: Request, network: Network = PUBLIC) -> Response:
    """Ask once. Raises Refused and FetchError."""
    place = place_of(request.url)
    deadline = time.monotonic() + request.total_s
    raw = _connected(place, network)
    with _ended_at(raw, deadline), contextlib.closing(raw):
        try:
            return _asked(request, place, _secured(raw, place, network))
        except ssl.SSLCertVerificationError:
            raise FetchError("the server's certificate is not valid") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            if time.monotonic() >= deadline:
                raise FetchError(f"took longer than {request.total_s:.0f} s") from None
            raise FetchError(f"the connection broke ({type(error).__name__})") from None


def public_addresses(place: Place, network: Network) -> Sequence[str]:
    """Where a host may be reached. Raises Refused if any of its addresses is not public."""
    try:
        found = network.resolve(place.host, place.port)
    except (OSError, UnicodeError):
        raise FetchError("the server's name is not known") from None
    if not found:
        raise FetchError("the server's name is not known")
    if not all(is_public(address) for address in found):
        raise Refused("the server's address is not public")
    return found


def _connected(place: Place, network: Network) -> socket.socket:
    for address in public_addresses(place, network)[:4]:
        with contextlib.suppress(OSError):
            return network.connect(address, place.port, CONNECT_S)
    raise FetchError("the server does not answer")


def _secured(raw: socket.socket, place: Place, network: Network) -> socket.socket:
    if place.scheme == "http":
        return raw
    return network.tls().wrap_socket(raw, server_hostname=place.host)


@contextlib.contextmanager
def _ended_at(raw: socket.socket, deadline: float) -> Iterator[None]:
    """Shut the connection then, however slowly the other side goes on sending."""

    def end() -> None:
        with contextlib.suppress(OSError):
            twin.shutdown(socket.SHUT_RDWR)

    with raw.dup() as twin:  # TLS takes the socket itself over
        timer = threading.Timer(max(deadline - time.monotonic(), 0.0), end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


class _Pinned(http.client.HTTPConnection):
    """Speaks over a connection that stands already, and makes no other."""

    auto_open = 0


def _asked(request: Request, place: Place, connected: socket.socket) -> Response:
    host = f"[{place.host}]" if ":" in place.host else place.host
    link = _Pinned(host, place.port)
    link.sock = connected
    with contextlib.closing(link):
        headers = {
            "Host": host,
            "User-Agent": AGENT,
            "Accept-Encoding": "gzip",
            "Connection": "close",
        } | dict(request.headers)
        method = "GET" if request.data is None else "POST"
        link.request(method, place.target, body=request.data, headers=headers)
        answer = link.getresponse()
        given = {name.lower(): value for name, value in answer.getheaders()}
        return Response(request.url, answer.status, given, _body(answer, given, request.largest))


def _body(answer: http.client.HTTPResponse, headers: Mapping[str, str], largest: int) -> bytes:
    """Raises FetchError for what is larger, packed or not, or packed in a way nobody asked for."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "", "gzip", "x-gzip"}:
        raise FetchError(f"the page is packed as {coding[:20]}, which nobody asked for")
    unpack = zlib.decompressobj(wbits=31) if "gzip" in coding else None
    parts: list[bytes] = []
    size = 0
    while part := answer.read(PART):
        try:
            given = unpack.decompress(part, largest - size + 1) if unpack else part
        except zlib.error:
            raise FetchError("the page is packed wrongly") from None
        size += len(given)
        if size > largest or (unpack and unpack.unconsumed_tail):
            raise FetchError(f"is larger than {largest:,} bytes")
        parts.append(given)
    return b"".join(parts)
