"""Help pages while the visitor types, found by a model in a real Chromium.

The runtime comes with `make install-dev`; without it these tests fail and say how to get it.
"""

import json
import random
import unicodedata
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Request, expect

from accounts.scope import workspace_scope
from chatbot import browser_runtime
from config.env import BASE_DIR
from inference.wordpiece import WordPiece
from knowledge import embedding
from knowledge.articles import archive
from tests.browser import NewPage
from tests.chatting import Shop, Widget, visit
from tests.hostpage import HostPage
from tests.live import Live
from tests.suggesting import build, publish, suggest
from tests.test_widget_access import chat_frame, violations

pytestmark = pytest.mark.django_db(transaction=True)
TOLERANCE = 0.02  # of each of the 384 numbers, as for the shipped embedder
WORKER = "/static/chatbot/suggest/worker.js"
MISSING = "no browser runtime: run `manage.py fetch_browser_runtime`, or `make install-dev`"
TEXTS = [
    "How do I reset my password?",
    "Где моя посылка и когда её привезут?",
    "¿Cuánto cuesta el envío a Perú? ÅÄÖ ß ΣΊΣΥΦΟΣ İstanbul",
    "我的包裹在哪里？退款需要多久",
    "refund 👩‍👩‍👧‍👦🏳️‍🌈 please!!! :-)",
    "e\u0301 \u00a0non\u200bbreaking\ufeff \x00\x0b\ttabs [SEP] [MASK]s #1-2_3",
    "한국어 환불은 언제 되나요",
    "x" * 101,
    "word " * 400,
    "",
]


@pytest.fixture(autouse=True)
def runtime() -> str:
    folder = browser_runtime.available()
    assert folder is not None, MISSING
    return folder


@pytest.fixture
def helpful(shop: Shop) -> Shop:
    publish(shop.workspace.id)
    suggest(shop.workspace.id)
    return shop


def suggestions(widget: Widget) -> Any:
    return widget.frame.get_by_role("region", name="Help pages that may answer this")


def sample(count: int) -> list[str]:
    """Texts of letters of many scripts, emoji, marks and space, the same ones every time."""
    chance = random.Random(5)
    ranges = [(0x20, 0x7F), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF),
              (0x900, 0x97F), (0xE00, 0xE7F), (0x1100, 0x11FF), (0x1E00, 0x206F), (0x3040, 0x30FF),
              (0x4E00, 0x4FFF), (0xAC00, 0xAD00), (0xFE00, 0xFE6F), (0xFF00, 0xFFEF),
              (0x1F300, 0x1F64F)]  # fmt: skip
    words = (BASE_DIR / "docs" / "measurements.md").read_text(encoding="utf-8").split()
    found = []
    for _ in range(count):
        low, high = chance.choice(ranges)
        letters = "".join(chr(chance.randint(low, high)) for _ in range(chance.randint(1, 12)))
        found.append(" ".join([chance.choice(words), letters, *chance.choices(words, k=3)]))
    return found


def encoded(page: Page, web: Live, texts: list[str], folder: str) -> list[list[int]]:
    page.goto(web.url + WORKER)  # a page with the worker's own policy
    result: str = page.evaluate(
        """async ([texts, folder]) => {
          const { WordPiece } = await import("/static/chatbot/suggest/wordpiece.js");
          const vocabulary = await (await fetch(`/static/browser/${folder}/vocab.txt`)).text();
          const words = new WordPiece(vocabulary.split("\\n"));
          return JSON.stringify(texts.map((text) => words.encode(text)));
        }""",
        [texts, folder],
    )
    return list(json.loads(result))


def test_the_browsers_tokens_are_those_of_the_server(page: Page, web: Live, runtime: str) -> None:
    words = WordPiece(BASE_DIR / "models" / "embedder" / "tokenizer.json")
    texts = TEXTS + sample(5_000)
    found = encoded(page, web, texts, runtime)
    wrong = [text for text, ids in zip(texts, found, strict=True) if words.encode(text).ids != ids]
    assert [text for text in wrong if not has_young_characters(text)] == []
    assert len(wrong) < 10


def has_young_characters(text: str) -> bool:
    """Those that Unicode 3.2 did not have: the server's tokenizer has older tables than browsers.

    Most of them are treated alike, too; marks and punctuation of rare scripts may not be.
    """
    return any(unicodedata.ucd_3_2_0.category(one) == "Cn" for one in text)


def test_every_character_that_is_not_young_is_treated_as_on_the_server(
    page: Page, web: Live, runtime: str
) -> None:
    words = WordPiece(BASE_DIR / "models" / "embedder" / "tokenizer.json")
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    old = [one for one in every if not has_young_characters(one)]
    texts = [f"xa{one}bx" for one in old if not 0xAC00 <= ord(one) <= 0xD7A3 or ord(one) % 50 == 0]
    texts = [
        text for text in texts if not 0x20000 <= ord(text[2]) <= 0x10FFFD or ord(text[2]) % 50 == 0
    ]
    found = encoded(page, web, texts, runtime)
    wrong = [hex(ord(text[2])) for text, ids in zip(texts, found, strict=True)
             if words.encode(text).ids != ids]  # fmt: skip
    assert wrong == []


def test_the_browsers_vectors_are_those_of_the_server(page: Page, web: Live, runtime: str) -> None:
    page.goto(web.url + WORKER)
    found = page.evaluate(
        """async ([texts, base]) => {
          const { Embedder } = await import("/static/chatbot/suggest/embedder.js");
          const embedder = await Embedder.load(base);
          const vectors = [];
          for (const text of texts) vectors.push([...(await embedder.encode(text))]);
          return vectors;
        }""",
        [TEXTS, f"/static/browser/{runtime}/"],
    )
    made = embedding.embed(TEXTS)
    assert np.allclose(np.array(found), made, atol=TOLERANCE)
    assert float(np.min(np.sum(np.array(found) * made, axis=1))) > 0.995


def test_a_visitor_who_types_is_shown_the_page_and_reads_it_in_the_chat(
    page: Page, host: HostPage, helpful: Shop
) -> None:
    widget = visit(page, host).open()
    widget.field.press_sequentially("when do I get my money back")
    cards = suggestions(widget).get_by_role("button")
    expect(cards.first).to_contain_text("Refunds")
    assert cards.count() <= 3
    widget.field.press("Shift+Tab")
    for _ in range(4):  # the button that sends, and the cards from the last to the first
        if "Refunds" in widget.frame.locator(":focus").inner_text():
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(widget.frame.get_by_role("heading", name="Refunds")).to_be_focused()
    expect(widget.frame.locator("#panel").get_by_text("within five days")).to_be_visible()
    page.keyboard.press("Escape")
    expect(widget.field).to_have_value("when do I get my money back")
    page.keyboard.press("Escape")
    expect(suggestions(widget)).to_be_hidden()
    expect(widget.field).to_be_visible()  # the first Escape puts them away, not the chat


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_suggestions(
    new_page: NewPage, host: HostPage, helpful: Shop, scheme: str
) -> None:
    page = new_page(color_scheme=scheme, reduced_motion="reduce")
    widget = visit(page, host).open()
    widget.field.press_sequentially("when do I get my money back")
    expect(suggestions(widget)).to_be_visible()
    assert violations(chat_frame(page)) == []


def test_nothing_is_sent_while_the_visitor_types_and_all_is_put_away_when_they_send(
    page: Page, host: HostPage, helpful: Shop
) -> None:
    asked: list[Request] = []
    frames: list[str | bytes] = []

    def note(one: Request) -> None:
        asked.append(one)

    def note_frame(one: str | bytes) -> None:
        frames.append(one)

    page.on("websocket", lambda one: one.on("framesent", note_frame))
    page.on("request", note)
    widget = visit(page, host).open()
    assert not [one.url for one in asked if "/suggest" in one.url or "/browser/" in one.url]
    widget.field.press_sequentially("money back")
    expect(suggestions(widget)).to_be_visible()
    assert [one.method for one in asked if one.method != "GET"] == []
    assert [one.url for one in asked if "model.onnx" in one.url]
    assert not [one.url for one in asked if "money" in one.url]
    before = len(asked)
    widget.field.fill("")
    expect(suggestions(widget)).to_be_hidden()
    widget.field.press_sequentially("where is the parcel that I ordered")
    expect(suggestions(widget).get_by_role("button").first).to_contain_text("parcel")
    assert [one.url for one in asked[before:]] == []
    assert frames == []
    widget.field.press("Enter")
    widget.says("where is the parcel that I ordered")
    expect(suggestions(widget)).to_be_hidden()


def test_an_archived_page_is_not_suggested_to_anybody_who_comes_later(
    new_page: NewPage, host: HostPage, helpful: Shop, page_errors: list[str]
) -> None:
    archive(helpful.workspace.id, "refunds")
    build(helpful.workspace.id)
    widget = visit(new_page(), host).open()
    widget.field.press_sequentially("opening hours of the shop")
    expect(suggestions(widget).get_by_role("button").first).to_contain_text("Opening hours")
    widget.field.fill("when do I get my money back")
    expect(suggestions(widget).get_by_text("Refunds")).to_have_count(0)


@pytest.mark.parametrize("broken", ["ort.wasm", "model.onnx", "suggestions/"])
def test_whatever_is_missing_the_chat_goes_on_without(
    page: Page, host: HostPage, helpful: Shop, broken: str, page_errors: list[str]
) -> None:
    page.context.route(lambda url: broken in url, lambda route: route.abort())
    widget = visit(page, host).open()
    with page.expect_event("requestfailed", lambda one: broken.strip("/") in one.url):
        widget.field.press_sequentially("when do I get my money back")
    widget.field.press("Enter")
    widget.sent("when do I get my money back")
    expect(suggestions(widget)).to_have_count(0)
    page_errors.clear()


def test_who_saves_data_is_sent_none(page: Page, host: HostPage, helpful: Shop) -> None:
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'connection', "
        "{get: () => ({saveData: true, effectiveType: '4g'})})"
    )
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    widget = visit(page, host).open()
    with page.expect_response("**/begin.js"):
        widget.field.press_sequentially("when do I get my money back")
    widget.field.press("Enter")
    widget.sent("when do I get my money back")
    assert not [url for url in asked if "/browser/" in url or "/suggestions/" in url]


def test_a_workspace_that_did_not_ask_for_it_loads_nothing(
    page: Page, host: HostPage, shop: Shop
) -> None:
    publish(shop.workspace.id)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    widget = visit(page, host).open()
    widget.field.press_sequentially("when do I get my money back")
    widget.field.press("Enter")
    widget.sent("when do I get my money back")
    assert not [url for url in asked if "suggest" in url or "/browser/" in url]
    with workspace_scope(shop.workspace.id):
        assert build(shop.workspace.id) == 0
