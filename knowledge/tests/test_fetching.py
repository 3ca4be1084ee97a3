"""Public addresses alone, checked and pinned; limits on size, time and packing; robots.txt."""

import gzip
import inspect
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from knowledge.fetching import addresses, errors, pace, places, robots, web
from knowledge.fetching.errors import FetchError, Refused
from knowledge.fetching.places import canonical, joined
from knowledge.fetching.robots import Rules
from knowledge.fetching.web import Network, Request
from knowledge.tests import sites
from knowledge.tests.sites import HOST, PUBLIC_IP, Answer, Site


@pytest.fixture
def site() -> Iterator[Site]:
    with sites.served() as found:
        yield found


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1",
        "100.64.0.1", "192.0.0.8", "192.88.99.1", "198.18.0.1", "203.0.113.9", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::1", "::", "::ffff:10.0.0.1", "::ffff:93.184.216.34",
        "64:ff9b::a00:1", "64:ff9b:1::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0",
        "ff02::1", "2001::1", "2001:db8::1", "2002:a00:1::1", "3fff::1", "fec0::1", "localhost", "",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not addresses.is_public(address)
    network = Network(lambda host, port: [PUBLIC_IP, address], _never)
    with pytest.raises(Refused, match="not public"):
        web.get(Request("http://a.example/"), network)


def _never(address: str, port: int, timeout_s: float) -> socket.socket:
    raise AssertionError("a connection was made")


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
def test_what_is_public_is_taken(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/",
        "http://localhost/", "http://[::ffff:127.0.0.1]/", "https://10.0.0.1/",
    ],
)  # fmt: skip
def test_the_real_resolver_reaches_nothing_of_this_machine(url: str) -> None:
    with pytest.raises(FetchError, match=r"not public|not known"):
        web.get(Request(url))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://a.example/", "gopher://a.example/", "data:text/plain,a",
        "http://a.example:8080/", "https://a.example:22/", "http://user:pass@a.example/",
        "http://", "//a.example/", "http://a b/", "http://a.example/\r\nHost: b", "http://[::1",
        "http://a.example:x/", "javascript:alert(1)", "http://a.example/" + "x" * 1_000,
    ],
)  # fmt: skip
def test_only_plain_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(Refused):
        web.get(Request(url), Network(lambda host, port: [PUBLIC_IP], _never))


def test_the_connection_goes_to_the_address_that_was_checked(site: Site) -> None:
    answers = iter([[PUBLIC_IP], ["127.0.0.1"]])  # a name that changes after the check
    network = Network(lambda host, port: next(answers), site.connect)
    site.pages["/a?b=1"] = Answer("fine")
    found = web.get(Request(f"http://{HOST}/a?b=1#c"), network)
    assert (found.status, found.body, site.connected) == (200, b"fine", [(PUBLIC_IP, 80)])
    headers = site.asked[0][1]
    assert headers["host"] == HOST and headers["user-agent"].startswith("FirstlineBot/")
    assert "cookie" not in headers and "authorization" not in headers


def test_a_redirect_is_told_and_not_followed(site: Site) -> None:
    site.pages["/"] = Answer(status=302, headers={"Location": "http://127.0.0.1/admin"})
    found = web.get(Request(f"http://{HOST}/"), site.network)
    assert found.location == "http://127.0.0.1/admin" and len(site.asked) == 1


def test_what_is_too_large_is_given_up_packed_or_not(site: Site) -> None:
    packed = {"Content-Encoding": "gzip"}
    site.pages["/plain"] = Answer(b"x" * 200_000)
    site.pages["/bomb"] = Answer(gzip.compress(bytes(50_000_000)), headers=packed)
    site.pages["/fine"] = Answer(gzip.compress(b"fine"), headers=packed)
    site.pages["/broken"] = Answer(b"not packed", headers=packed)
    site.pages["/other"] = Answer(b"x", headers={"Content-Encoding": "br"})
    for path, said in (
        ("/plain", "larger than"),
        ("/bomb", "larger than"),
        ("/broken", "packed wrongly"),
        ("/other", "packed as br"),
    ):
        with pytest.raises(FetchError, match=said):
            web.get(Request(f"http://{HOST}{path}", largest=100_000), site.network)
    assert web.get(Request(f"http://{HOST}/fine"), site.network).body == b"fine"


def test_a_server_that_drips_is_given_up_in_time() -> None:
    ours, theirs = socket.socketpair()
    stop = threading.Event()

    def drip() -> None:
        with suppress(BrokenPipeError):  # given up
            while not stop.wait(0.05):
                theirs.send(b"H")

    thread = threading.Thread(target=drip)
    thread.start()
    network = Network(lambda host, port: [PUBLIC_IP], lambda *_: ours)
    try:
        with pytest.raises(FetchError, match="longer than"):
            web.get(Request("http://a.example/", total_s=0.4), network)
    finally:
        stop.set()
        thread.join()
        theirs.close()


def test_nothing_but_an_argument_replaces_the_network() -> None:
    for module in (web, addresses, places, errors, robots, pace):
        source = inspect.getsource(module)
        assert "os.environ" not in source and "django.conf" not in source
    assert Network() == web.PUBLIC
    assert inspect.signature(web.get).parameters["network"].default is web.PUBLIC


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("HTTP://Help.Shop.example:80", "http://help.shop.example/"),
        ("https://a.example/b%2Fc?x=1&utm_source=n#d", "https://a.example/b%2Fc?x=1"),
        ("https://a.example/ä?q=ö", "https://a.example/%C3%A4?q=%C3%B6"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_a_page_has_one_address(url: str, form: str) -> None:
    assert canonical(url) == form == canonical(form)


def test_links_are_joined_or_passed_over() -> None:
    assert joined("https://a.example/b/c", "../d") == "https://a.example/d"
    for link in ("mailto:a@b.example", "javascript:1", "http://a.example:99/", "http://[x"):
        assert joined("https://a.example/", link) is None


def test_robots_the_longest_rule_decides() -> None:
    rules = robots.parse(
        b"User-agent: other\nDisallow: /\n\nUser-agent: *\nUser-agent: more\n"
        b"Disallow: /private # not this\nAllow: /private/help\nDisallow: /*.pdf$\nDisallow:\n"
        b"Crawl-delay: 2.5\nSitemap: https://a.example/s.xml\n"
    )
    assert [rules.allow(path) for path in ("/", "/private/a", "/private/help/b")] == [1, 0, 1]
    assert not rules.allow("/x/a.pdf") and rules.allow("/x/a.pdf?b")
    assert (rules.delay_s, rules.sitemaps) == (2.5, ("https://a.example/s.xml",))
    assert Rules.from_json(rules.as_json()) == rules


def test_robots_may_name_us() -> None:
    rules = robots.parse(b"User-agent: *\nAllow: /\nUser-agent: FirstlineBot/2\nDisallow: /a")
    assert rules.allow("/b") and not rules.allow("/a/b")


def test_hostile_rules_cost_nothing() -> None:
    rules = Rules(rules=((False, "/" + "*a" * 200 + "$"),))
    assert rules.allow("/" + "a" * 100 + "b" * 900)
