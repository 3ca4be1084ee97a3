"""What a visitor reads beside the conversation: cited articles, and earlier conversations."""

import pytest
from playwright.sync_api import expect

from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.models import Conversation, Event
from knowledge import articles
from tests.browser import watch
from tests.chatting import Shop, Widget, answer, cited, only_conversation, visit
from tests.hostpage import HostPage

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_cited_article_opens_in_the_chat_at_the_quoted_words(
    widget: Widget, shop: Shop, page_errors: list[str]
) -> None:
    widget.send("How long?")
    widget.sent("How long?")
    answer(shop.workspace.id, "Within 30 days.", citations=[cited(shop)])
    card = widget.log.get_by_role("button", name="Returns")
    card.click()
    panel = widget.frame.locator("#panel")
    expect(panel.get_by_role("heading", name="Returns", exact=True)).to_be_focused()
    expect(panel.locator("article h3")).to_have_text("Time limits")
    marks = panel.locator("mark")
    expect(marks.first).to_be_in_viewport()
    expect(marks).to_have_text(
        ["You can send an anvil back", "within 30 days", "after the", "delivery"]
    )
    expect(panel.get_by_role("link", name="Open in a new tab")).to_have_attribute(
        "target", "_blank"
    )
    expect(widget.field).not_to_be_focused()
    widget.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(card).to_be_focused()
    articles.archive(shop.workspace.id, "returns")
    card.click()
    expect(panel).to_contain_text("This page is gone, or is for readers")
    assert page_errors.pop().startswith("Failed to load resource")


def test_an_earlier_answer_of_the_large_model_says_that_it_is_one(
    widget: Widget, shop: Shop
) -> None:
    widget.send("How long?")
    widget.sent("How long?")
    answer(
        shop.workspace.id, "Within 30 days [1].",
        author="model", citations=[cited(shop)], repeated=True,
    )  # fmt: skip
    tag = widget.log.locator("[data-author=model] .tag")
    expect(tag).to_have_text("Large model, checked; an earlier answer")
    expect(widget.log.get_by_role("button", name="Returns")).to_be_visible()


def test_a_reason_is_chosen_or_typed_and_is_there_after_a_reload(
    widget: Widget, shop: Shop
) -> None:
    widget.send("How long?")
    widget.sent("How long?")
    answer(shop.workspace.id, "Within 30 days.", citations=[cited(shop)])
    box = widget.log.locator(".feedback")
    expect(box.locator(".reasons")).to_be_hidden()
    box.get_by_role("button", name="This is wrong").click()
    chip = box.get_by_role("button", name="Out of date")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    widget.page.reload()
    expect(chip).to_have_attribute("aria-pressed", "true")
    field = box.get_by_label("Another reason")
    field.fill("It is 60 days now")
    field.press("Enter")
    expect(chip).to_have_attribute("aria-pressed", "false")
    widget.page.reload()
    expect(field).to_have_value("It is 60 days now")
    expect(box).to_contain_text("Thank you, we have your reason.")
    box.get_by_role("button", name="This helped").click()
    expect(box.locator(".reasons")).to_be_hidden()
    with workspace_scope(shop.workspace.id):
        given = Event.objects.filter(kind="feedback.given").order_by("staff_seq")
        reasons = [event.staff_payload["reason"] for event in given]
    assert reasons == ["", "Out of date", "It is 60 days now", ""]


def test_a_new_conversation_follows_a_closed_one_in_every_window(
    widget: Widget, host: HostPage, shop: Shop, page_errors: list[str]
) -> None:
    history = widget.frame.get_by_role("button", name="Earlier conversations")
    fresh = widget.frame.get_by_role("button", name="Start a new conversation")
    expect(history).to_be_hidden()
    widget.send("Where is my anvil?")
    widget.sent("Where is my anvil?")
    answer(shop.workspace.id, "On its way.")
    first = only_conversation(shop.workspace.id)
    expect(fresh).to_be_hidden()
    handoff.take_over(shop.bob, first.id)
    handoff.resolve(shop.bob, first.id)
    second = widget.page.context.new_page()
    watch(second, page_errors)
    other = visit(second, host).open()
    other.sent("Where is my anvil?", "On its way.")
    fresh.click()
    widget.says()
    other.says()
    other.send("Another thing")
    widget.sent("Another thing")
    with workspace_scope(shop.workspace.id):
        assert Conversation.objects.count() == 2
    history.click()
    panel = widget.frame.locator("#panel")
    expect(panel.get_by_role("button", name="Start a new")).to_have_count(0)
    panel.get_by_role("button", name="Where is my anvil?").click()
    expect(panel.locator(".bubble")).to_have_text(["Where is my anvil?", "On its way."])
    expect(panel.locator(".feedback")).to_have_count(0)
    back = panel.get_by_role("button", name="Back")
    back.click()
    expect(panel).to_contain_text("Where is my anvil?")
    back.click()
    expect(history).to_be_focused()
