"""The demo page against the whole service, models included."""

import pytest
from playwright.sync_api import Page, expect

from accounts.access import member_for, workspace_by_slug
from accounts.models import User
from chatbot import handoff
from console import demo
from tests.chatting import Widget, only_conversation
from tests.live import Live

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER_MS = 60_000


@pytest.fixture
def chat(live: Live, transactional_db: None, page: Page, monkeypatch: pytest.MonkeyPatch) -> Widget:
    """The demo page's chat, open, with our documentation as its knowledge base."""
    monkeypatch.setenv("DEMO_PASSWORD", "correct-horse-battery")
    report = demo.load()
    assert report.published and not report.broken, report
    page.goto(f"{live.url}/demo/")
    widget = Widget(page, page.frame_locator("firstline-chat iframe"))
    return widget.open()


def test_small_talk_is_answered_and_what_nobody_wrote_down_goes_to_a_person(
    chat: Widget, live: Live
) -> None:
    chat.send("Hello!")
    reply = chat.messages.nth(1)
    expect(reply.locator(".byline")).to_contain_text("Automatic answer", timeout=ANSWER_MS)
    chat.send("How many moons does Jupiter have?")
    presence = chat.frame.locator("#presence")
    expect(presence).to_have_text("Waiting for a person", timeout=ANSWER_MS)
    workspace = workspace_by_slug(demo.SLUG)
    agent = member_for(User.objects.get(email="agent@example.com"), workspace_slug=demo.SLUG)
    conversation = only_conversation(workspace.id)
    handoff.claim(agent, conversation.id)
    handoff.reply(agent, conversation.id, client_id="1", text="Ninety-five, so far.")
    expect(chat.messages.last).to_contain_text("Ninety-five, so far.")
    expect(presence).to_have_text(f"You are talking to {agent.display_name}")
