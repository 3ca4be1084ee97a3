"""One picture: a page as a member sees it, as a small PNG."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.models import Member
from config.local import chromium
from tests.browser import OPTIONS, WAIT_MS, watch

LAPTOP, PHONE = 1280, 390
TALLEST = 1_000  # what is below stays out of the picture
SCALE = {LAPTOP: 1, PHONE: 2}
COLOURS = 96
LARGEST = 100_000  # bytes


class PictureProblem(Exception):
    """A page complained, or its picture would be too large."""


@dataclass(frozen=True)
class Studio:
    """Where pages are opened: the service's address, a browser, and where pictures go."""

    url: str
    browser: Browser
    folder: Path
    scheme: str = "light"
    language: str = "en-US"
    width: int | None = None  # instead of a picture's own

    @contextmanager
    def page(self, who: Member | None, path: str, *, width: int = LAPTOP) -> Iterator[Page]:
        """A page that a member has open. Raises PictureProblem where a script or policy failed."""
        width = self.width or width
        context = self.browser.new_context(
            viewport={"width": width, "height": 800}, locale=self.language,
            color_scheme="dark" if self.scheme == "dark" else "light",
            device_scale_factor=SCALE.get(width, 1), reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(WAIT_MS)
        if who is not None:
            name, value = _session(who)
            context.add_cookies([{"name": name, "value": value, "url": self.url}])
        page, errors = context.new_page(), list[str]()
        watch(page, errors)
        try:
            page.goto(path if "://" in path else self.url + path)
            yield page
        finally:
            context.close()
        if errors:
            raise PictureProblem(f"{path}: {errors[0]}")

    def keep(self, page: Page, name: str) -> Path:
        """The page's upper part, as it stands, under this name."""
        page.evaluate("document.fonts.ready")
        width = page.viewport_size["width"] if page.viewport_size else LAPTOP
        high = int(page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": width, "height": min(max(high, 400), TALLEST)})
        data = small(page.screenshot(animations="disabled", caret="hide"))
        if len(data) > LARGEST:
            raise PictureProblem(f"{name} has {len(data)} bytes")
        path = self.folder / f"{name}.png"
        path.write_bytes(data)
        return path


def small(data: bytes) -> bytes:
    """The same picture in a few colours; text stays readable, and a page has few anyway."""
    with Image.open(io.BytesIO(data)) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, format="PNG", optimize=True)
    return out.getvalue()


def _session(who: Member) -> tuple[str, str]:
    """The cookie of somebody who is logged in."""
    client = Client()
    client.force_login(who.user)
    name = settings.SESSION_COOKIE_NAME
    return name, client.cookies[name].value


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Raises SystemExit where there is no Chromium."""
    path = chromium.find()
    if path is None:
        raise SystemExit(chromium.MISSING)
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(path), args=list(OPTIONS))
        yield started
        started.close()
