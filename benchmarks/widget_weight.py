"""What the widget weighs, and what it does to the page around it.

    python -m benchmarks.widget_weight [--url http://127.0.0.1:8000] [--runs 5]

First the sizes of its files, gzipped one by one as a proxy sends them. Then, of a service with the
demo at that address, the demo page in Chromium: without the loader, with it, with the chat open.
Medians of the runs, each in a fresh profile: requests and bytes to the service, layout
shift, long tasks and largest contentful paint, as Chromium reports them.
"""

import argparse
import gzip
import os
import statistics
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from config.local import chromium

ROOT = Path(__file__).resolve().parent.parent
LOADER_LIMIT, WHOLE_LIMIT = 10_000, 40_000
SUGGEST_LIMIT = 7_000  # scripts alone, once somebody types where a workspace suggests pages
LOADER = "**/loader.js*"
QUIET_MS = 1_000
OBSERVE = """
  window.seen = {shift: 0, tasks: 0, blocked: 0, paint: 0};
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take))
    .observe({type, buffered: true});
  watch("layout-shift", (one) => { if (!one.hadRecentInput) seen.shift += one.value; });
  watch("longtask", (one) => { seen.tasks += 1; seen.blocked += one.duration - 50; });
  watch("largest-contentful-paint", (one) => { seen.paint = one.startTime; });
"""


@dataclass(frozen=True)
class Seen:
    """Of one page view; times in ms."""

    requests: float
    kilobytes: float
    layout_shift: float
    long_tasks: float
    blocked_ms: float
    largest_paint_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    print("python -m benchmarks.widget_weight", " ".join(sys.argv[1:]), flush=True)
    sizes = gzipped()
    loader, rest = sizes.pop("loader"), sum(sizes.values())
    for name, size in sorted(sizes.items(), key=lambda one: -one[1]):
        print(f"  {name:24} {size:6,} B")
    print(f"loader {loader:,} B of {LOADER_LIMIT:,}; chat {rest:,} B of {WHOLE_LIMIT:,}, gzipped")
    print(f"later, to suggest pages: {suggesting():,} B of {SUGGEST_LIMIT:,}, gzipped")
    if not _is_there(given.url):
        raise SystemExit(f"no service with the demo at {given.url}: start one with make run")
    print(f"on the page: {os.cpu_count()} cores, {given.runs} runs, medians")
    with sync_playwright() as playwright:
        path = chromium.find()
        browser = playwright.chromium.launch(
            executable_path=str(path) if path else None, args=["--no-sandbox"]
        )
        for name, prepare, act in (
            ("without", _without, _nothing),
            ("with", _nothing, _nothing),
            ("opened", _nothing, _open),
        ):
            views = [_view(browser, given.url, prepare, act) for _ in range(given.runs)]
            print(f"{name:8}", _medians(views), flush=True)
        browser.close()


def _is_there(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/demo/", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def gzipped() -> dict[str, int]:
    """Bytes of the loader (for one widget) and of each file of the chat."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from chatbot.pages import loader

    site = {"key": "wk_" + "x" * 24, "origins": ["https://www.example.com"], "colours": None}
    sizes = {"loader": _packed(loader.source(site).encode())}
    folder = ROOT / "chatbot" / "static" / "chatbot" / "widget"
    pages = (ROOT / "templates" / "chatbot").glob("frame*.html")
    for path in [*folder.iterdir(), *pages]:
        sizes[path.name] = _packed(path.read_bytes())
    return sizes


def suggesting() -> int:
    """Bytes of what the chat imports only when somebody types, in workspaces that suggest pages.

    Model and runtime come on top: benchmarks/browser_first_pass.py counts those.
    """
    folder = ROOT / "chatbot" / "static" / "chatbot" / "suggest"
    return sum(_packed(path.read_bytes()) for path in folder.iterdir())


def _packed(data: bytes) -> int:
    return len(gzip.compress(data, 6, mtime=0))


def _view(
    browser: Browser, url: str, prepare: Callable[[Page], None], act: Callable[[Page], None]
) -> Seen:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    received: list[int] = []
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.loadingFinished", lambda one: received.append(one["encodedDataLength"]))
    prepare(page)
    page.goto(f"{url}/demo/", wait_until="load")
    page.wait_for_timeout(QUIET_MS)
    act(page)
    seen = page.evaluate("window.seen")
    context.close()
    return Seen(
        len(received),
        sum(received) / 1000,
        seen["shift"],
        seen["tasks"],
        seen["blocked"],
        seen["paint"],
    )


def _nothing(page: Page) -> None:
    pass


def _without(page: Page) -> None:
    page.route(LOADER, lambda route: route.abort())


def _open(page: Page) -> None:
    page.locator("firstline-chat button").click()
    frame = page.frame_locator("firstline-chat iframe")
    frame.locator("#text").wait_for()
    page.wait_for_timeout(QUIET_MS)


def _medians(views: list[Seen]) -> str:
    names = [one.name for one in fields(Seen)]
    middle = [statistics.median(getattr(view, name) for view in views) for name in names]
    return ", ".join(f"{name} {value:.3g}" for name, value in zip(names, middle, strict=True))


if __name__ == "__main__":
    main()
