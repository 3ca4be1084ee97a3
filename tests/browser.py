"""A real Chromium. A page that logs an error, throws, or breaks its own policy fails the test.

Errors that a test wants to see are in `page_errors`: look at them there, then clear the list.
The browser lasts for one module, because Playwright keeps a loop running in the thread that
asyncio tests of other modules need.
"""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from config.local import chromium

WAIT_MS = 60_000  # a busy machine takes its time; only a failure takes so long

# Each window of Chromium loads two pages for its address bar, which costs a second of CPU time.
ADDRESS_BAR = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
# What Playwright turns off by an option that this one takes the place of.
PLAYWRIGHTS = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
OPTIONS = (
    "--disable-dev-shm-usage",  # containers have little
    "--no-sandbox",  # and are often root's
    "--disable-features=" + ",".join(ADDRESS_BAR + PLAYWRIGHTS),
)

NewPage = Callable[..., Page]

FAILED = pytest.StashKey[bool]()
MOST_WORDS = 6_000

# A request that ends with its page, which is no error. One that fails says a third thing, too.
LEFT = ("htmx:sendAbort", "htmx:afterRequest")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    assert path is not None, chromium.MISSING
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(path), args=list(OPTIONS))
        yield started
        started.close()


@pytest.fixture
def page_errors() -> list[str]:
    """What pages of this test complained of so far."""
    return []


@pytest.fixture
def new_page(
    request: pytest.FixtureRequest, browser: Browser, page_errors: list[str]
) -> Iterator[NewPage]:
    """Open a page with a profile of its own; options are those of Playwright's new_context.

    What stands on the pages of a test that failed is printed.
    """
    contexts = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**({"locale": "en-US"} | options))
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        watch(page, page_errors)
        return page

    yield open_page
    if request.node.stash.get(FAILED, False):
        for context in contexts:
            for page in context.pages:
                print(f"--- {page.url}\n{_words(page)}")
    for context in contexts:
        context.close()
    assert not page_errors, "\n".join(page_errors)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


def _words(page: Page) -> str:
    """Its accessibility tree, at most MOST_WORDS characters."""
    try:
        return page.locator("body").aria_snapshot(timeout=3_000)[:MOST_WORDS]
    except Error as error:
        return f"(cannot be read: {error.message})"


def watch(page: Page, errors: list[str]) -> None:
    """Collect errors of the console (policy violations are among them) and of scripts."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(LEFT):
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    def on_error(error: Error) -> None:
        errors.append(f"{error.name}: {error.message}")

    page.on("console", on_console)
    page.on("pageerror", on_error)
