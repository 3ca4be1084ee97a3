"""Every page of the console, with something on it: readable for everybody, wherever it is read.

axe looks for what WCAG 2.2 AA asks, in the dark, where contrast fails first; on a phone nothing is
wider than the screen, in Russian, whose words are longer. The journeys look at the light pages.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from accounts.scope import workspace_scope
from console.tests import pages
from console.tests.routes import address
from knowledge import embedding
from knowledge.tests.conftest import FakeEmbedder
from learning.models import Audit, GapGroup
from learning.tests.auditing import set_share
from learning.tests.outcomes import answered, by_large_model, replied, review, verdict
from learning.tests.test_gaps import GIRAFFE, REPLY
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live
from tests.test_console_browser import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("weighing")]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = (
    "console-overview", "console-articles", "console-new", "console-article", "console-revisions",
    "console-revision", "console-translations", "console-tags", "console-sources",
    "console-source-add", "console-source", "console-uploads", "console-golden",
    "console-golden-new", "console-golden-question", "console-playground",
    "console-playground-run", "console-replays", "console-confirmed", "console-checks",
    "console-gaps", "console-outcomes", "console-conversations", "console-savings",
    "console-savings-answers", "console-models", "console-bulk-progress", "console-digest",
    "console-settings", "console-data", "console-hours", "console-widget", "console-members",
    "console-keys", "console-audit", "console-answer-cache", "console-dial",
)  # fmt: skip


@pytest.fixture
def busy(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Something was asked, answered, escalated, handed off, called wrong and drawn for a check."""
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    set_share(cast, 1.0)
    for text in GIRAFFE:
        replied(cast, text, reply=REPLY)
    verdict(cast, answered(cast), "helped")
    by_large_model(cast, "Where is your shop in Berlin?")
    review(cast)
    return cast


def paths(cast: Cast) -> Iterator[str]:
    ids = {
        "article": pages.article(cast).id,
        "bulk": pages.bulk_change(cast).id,
        "question": pages.golden_question(cast).id,
        "source": pages.source(cast).id,
        "tried": pages.tried(cast).id,
    }
    yield from (address(name, ids) for name in PAGES)
    with workspace_scope(cast.workspace.id):
        group, audit = GapGroup.objects.first(), Audit.objects.first()
    assert group and audit
    yield f"{pages.BASE}sources/new/git/"
    yield f"{pages.BASE}gaps/{group.id}/"
    yield f"{pages.BASE}checks/{audit.id}/"
    yield f"{pages.BASE}outcomes/conversations/{cast.conversation_id}/"


def problems(page: Page) -> list[str]:
    """What axe finds, a line for each rule and place."""
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']} {node['html'][:160]}" for one in found for node in one["nodes"]]


def test_every_page_is_for_everybodys_eyes_and_hands(
    web: Live, new_page: NewPage, busy: Cast
) -> None:
    page = log_in(new_page(color_scheme="dark", locale="ru-RU"), web, busy.alice)
    wrong: dict[str, list[str]] = {}
    for path in paths(busy):
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(web.url + path)
        found = problems(page)
        page.set_viewport_size({"width": 360, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [f"is {wide} px wide"] if wide > 360 else []
        if found:
            wrong[path] = found
    assert wrong == {}
