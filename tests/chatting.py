"""Driving the widget in a browser, and playing the workers' part in the rows.

`widget` is the chat, open on a page of another origin (`host`) that `shop` allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from accounts.models import Member, Role, Workspace
from accounts.scope import workspace_scope
from chatbot import events, replies, widgets
from chatbot.models import Author, Conversation, Message, Slot, Turn, TurnState
from chatbot.models import Widget as WidgetRow
from console.provisioning import create_workspace
from knowledge.articles import upsert_article
from knowledge.models import Article
from tests.cast import make_member
from tests.hostpage import HostPage, serve
from tests.live import Live

CITATION = {
    "number": 1,
    "article_id": "0198c0de-0000-7000-8000-000000000001",
    "title": "How do I return an anvil?",
    "heading": "Time limits",
    "url": "/help/acme/0198c0de-0000-7000-8000-000000000001/#h-time-limits",
    "quote": "within 30 days",
}


@dataclass(frozen=True)
class Widget:
    """The widget on a host page: `launcher` in the page, everything else in the frame."""

    page: Page
    frame: FrameLocator

    @property
    def launcher(self) -> Locator:
        return self.page.locator("firstline-chat button")

    @property
    def field(self) -> Locator:
        return self.frame.get_by_label("Your message")

    @property
    def log(self) -> Locator:
        return self.frame.get_by_role("log")

    @property
    def messages(self) -> Locator:
        return self.log.locator(".message")

    def open(self) -> "Widget":
        self.launcher.click()
        expect(self.field).to_be_focused()
        return self

    def opens_again(self) -> None:
        """As it was before the page was loaded anew. Its button, pressed then, may close it."""
        expect(self.launcher).to_have_attribute("aria-expanded", "true")

    def send(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def says(self, *texts: str) -> None:
        """These are the messages, in this order and no others."""
        expect(self.messages.locator(".bubble")).to_have_text(list(texts))

    def sent(self, *texts: str) -> None:
        """As `says`, and the server has all of them."""
        self.says(*texts)
        expect(self.log.locator(".state:not(:empty)")).to_have_count(0)


def visit(page: Page, host: HostPage) -> Widget:
    page.goto(host.origin)
    widget = Widget(page, page.frame_locator("firstline-chat iframe"))
    expect(widget.launcher).to_be_visible()
    return widget


def only_conversation(workspace_id: UUID) -> Conversation:
    with workspace_scope(workspace_id):
        return Conversation.objects.get()


def texts(workspace_id: UUID) -> list[str]:
    """Every stored message, oldest first."""
    with workspace_scope(workspace_id):
        return list(Message.objects.order_by("created_at", "id").values_list("text", flat=True))


def open_turn(workspace_id: UUID) -> Turn:
    with workspace_scope(workspace_id):
        return Turn.objects.get(state=TurnState.OPEN)


def answer(workspace_id: UUID, text: str, **more: Any) -> Message:
    """What a worker does with the open turn; with `options` it is a clarifying question."""
    turn = open_turn(workspace_id)
    options = tuple(more.get("options", ()))
    reply = replies.Reply(
        text=text,
        slot=Slot.CLARIFY if options else Slot.ANSWER,
        author=more.get("author", Author.BOT),
        citations=tuple(more.get("citations", ())),
        options=options,
        repeated=more.get("repeated", False),
        check=more.get("check", ""),
    )
    with workspace_scope(workspace_id):
        conversation = events.lock(turn.conversation_id)
        turn.refresh_from_db()
        return replies.post_reply(conversation, turn, reply)


RETURNS = (
    """# Returns

We sell anvils of every size.

"""
    + "Anvils are heavy.\n\n" * 40
    + """## Time limits

1. You can send an anvil back **within 30 days** after the [delivery](https://a.example/).

After that we repair it.
"""
)


def cited(shop: "Shop") -> dict[str, Any]:
    """A citation of an article that is published, near the end of it."""
    saved = upsert_article(shop.workspace.id, doc_id="returns", title="Returns", text=RETURNS)
    with workspace_scope(shop.workspace.id):
        Article.objects.filter(id=saved.article.id).update(published_revision=saved.revision)
    return {
        "number": 1,
        "article_id": str(saved.article.id),
        "title": "Returns",
        "heading": "Time limits",
        "url": f"/help/acme/{saved.article.id}/#h-returns-time-limits",
        "quote": "1. You can send an anvil back **within 30 days** after the "
        "[delivery](https://a.example/).",
    }


@dataclass(frozen=True)
class Shop:
    """A workspace without visitors but those of the test's browsers."""

    workspace: Workspace
    key: str
    alice: Member
    bob: Member


@pytest.fixture
def shop(web: Live, transactional_db: None) -> Shop:
    place = create_workspace("acme", name="Acme")
    alice = make_member(place, "alice", role=Role.ADMIN)
    bob = make_member(place, "bob", role=Role.AGENT)
    return Shop(place.workspace, place.widget_key, alice, bob)


@pytest.fixture
def host(web: Live, shop: Shop) -> Iterator[HostPage]:
    """A shop on another origin, which the shop's widget allows."""
    with serve(web.url) as page:
        page.key = shop.key
        with workspace_scope(shop.workspace.id):
            widgets.allow_origins(WidgetRow.objects.get(), [page.origin], actor=shop.alice)
        yield page


@pytest.fixture
def widget(page: Page, host: HostPage) -> Widget:
    """Open, with the field in focus."""
    return visit(page, host).open()
