"""The main job, end to end: asked, answered with a citation, escalated, handed over, given back.

Everything is real but the large model, which is a local server that speaks OpenAI's protocol.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import widgets
from chatbot.models import EgressEntry, Message, Receipt
from chatbot.models import Widget as WidgetRow
from config.local.private import Services
from knowledge.importing import import_path
from tests.browser import NewPage
from tests.cast import Cast
from tests.chatting import visit
from tests.desks import sit_down
from tests.fault_server import FaultServer
from tests.hostpage import serve
from tests.live import START_S, Live, running

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER_MS = 60_000
RETURNS = """# Returns and refunds

## Sending an anvil back

You can send an anvil back within 30 days. To return it:

1. Open your orders and choose the anvil.
2. Press **Return** and print the label.
3. Bring the parcel to any post office.

## Getting your money

A refund is paid within 14 days of the return. It goes to the card that you paid with.
"""
SHOP = """# Our shop

## Opening hours

The shop in Lisbon opens at nine and closes at eighteen on working days.

## Parking

Customers park for free in the yard behind the shop.
"""


@pytest.fixture(scope="module")
def model() -> Iterator[FaultServer]:
    server = FaultServer(mode="good").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def service(
    model: FaultServer,
    services: Services,
    django_db_setup: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Live]:
    """The whole service with a large model behind it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LLM_BASE_URL", model.url)
        patch.setenv("LLM_API_KEY", "sk-test-not-a-secret")
        patch.setenv("LLM_MODEL", "local-model")
        with running((), tmp_path_factory.mktemp("journey")) as live:
            live.wait_until(lambda: live.answers("/readyz"), "it is ready", timeout_s=START_S)
            yield live


@pytest.fixture
def acme(cast: Cast, tmp_path: Path) -> Cast:
    """Acme's help pages; its dial stands at 30%."""
    folder = tmp_path / "help"
    folder.mkdir()
    (folder / "returns.md").write_text(RETURNS, encoding="utf-8")
    (folder / "shop.md").write_text(SHOP, encoding="utf-8")
    import_path(cast.workspace.id, folder)
    with workspace_scope(cast.workspace.id):
        WorkspaceSettings.objects.update_or_create(workspace=cast.workspace, defaults={"risk": 0.3})
    return cast


def test_a_visitor_is_answered_by_the_compact_model_the_large_one_and_a_person(
    service: Live, model: FaultServer, acme: Cast, new_page: NewPage
) -> None:
    with serve(service.url) as host:
        host.key = acme.acme.widget_key
        with workspace_scope(acme.workspace.id):
            widgets.allow_origins(WidgetRow.objects.get(), [host.origin], actor=acme.alice)
        chat = visit(new_page(), host).open()

        chat.send("When does the shop in Lisbon open?")
        answer = chat.messages.nth(1)
        expect(answer).to_contain_text("opens at nine", timeout=ANSWER_MS)
        expect(answer.locator(".byline")).to_contain_text("Automatic answer")
        assert model.requests == []  # nothing left the machine

        answer.get_by_role("button", name="Our shop").click()
        article = chat.frame.locator("#panel")
        expect(article.locator("mark").first).to_contain_text("nine")
        expect(article.get_by_role("heading", name="Opening hours")).to_be_in_viewport()
        article.get_by_role("button", name="Back").click()

        chat.send("Compare the refund delay with the parking rules, my mail is vera@example.org")
        expect(chat.messages).to_have_count(4, timeout=ANSWER_MS)
        assert len(model.requests) == 1
        assert "vera@example.org" not in str(model.requests)
        with workspace_scope(acme.workspace.id):
            assert "vera@example.org" not in EgressEntry.objects.get().redacted_text
            assert Receipt.objects.filter(tier=2).count() == 1

        chat.send("I want to talk to a person")
        presence = chat.frame.locator("#presence")
        expect(presence).to_have_text("Waiting for a person", timeout=ANSWER_MS)

        bob = sit_down(new_page, service, acme.bob).claim()
        expect(presence).to_have_text("You are talking to Bob")
        expect(bob.log).to_contain_text("opens at nine")
        bob.write("Hello Vera, this is Bob.")
        expect(chat.messages.last).to_contain_text("Hello Vera, this is Bob.")
        chat.send("When is a refund paid?")  # the bot keeps quiet: Bob has the conversation
        expect(bob.log).to_contain_text("When is a refund paid?")
        bob.write("Within 14 days.")
        expect(chat.messages.last).to_contain_text("Within 14 days.")

        bob.action("Give back to the bot").click()
        bob.has_state("The bot answers")
        chat.send("Where do I print the return label?")
        expect(chat.messages.last).to_contain_text("print the label", timeout=ANSWER_MS)
        chat.page.reload()
        chat.opens_again()
        expect(chat.messages.last).to_contain_text("print the label")
        with workspace_scope(acme.workspace.id):
            replies = Message.objects.exclude(author="visitor").order_by("created_at")
            authors = list(replies.values_list("author", flat=True))
        assert authors[:4] == ["bot", "model", "member", "member"]
        assert authors[4] in {"bot", "model"}
