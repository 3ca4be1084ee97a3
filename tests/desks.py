"""The desk in a browser as an agent sees it, and the visitor's side in the rows."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import handoff, intake, reading, replies
from chatbot.answering.contract import ANSWER, Citation, Decision, Evidence
from chatbot.models import Author, Conversation, Slot, Turn, TurnState
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live


class Wire:
    """What passes between an agent's page and the server, so that a test can hold it or cut it."""

    def __init__(self, page: Page) -> None:
        self.held = False  # keep the server's frames from the page
        self._kept: list[tuple[WebSocketRoute, str | bytes]] = []
        self._ends: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/ws/v1/desk/"), self._connect)

    def _connect(self, end: WebSocketRoute) -> None:
        server = end.connect_to_server()
        self._ends = [end, server]
        end.on_message(server.send)

        def from_server(frame: str | bytes) -> None:
            if self.held:
                self._kept.append((end, frame))
            else:
                end.send(frame)

        server.on_message(from_server)

    def release(self) -> None:
        """Let through what was held, and what comes."""
        self.held = False
        for end, frame in self._kept:
            end.send(frame)
        self._kept.clear()

    def cut(self) -> None:
        """Break the line; what was held never arrives. The page's next line works."""
        self.held = False
        self._kept.clear()
        for end in self._ends:
            end.close()


@dataclass(frozen=True)
class Desk:
    """One agent's page."""

    page: Page
    wire: Wire

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def notices(self) -> Locator:
        return self.page.locator("#notices")

    @property
    def field(self) -> Locator:
        return self.page.locator("#text")

    def list(self, name: str) -> Locator:
        """The rows of a view, which is opened; `others` is all that is open."""
        name = "open" if name == "others" else name
        self.page.locator(f"#views [data-view={name}]").click()
        return self.page.locator(f"#items[data-view={name}] .item")

    def action(self, name: str) -> Locator:
        return self.page.locator("#actions").get_by_role("button", name=name, exact=True)

    def open(self, name: str) -> "Desk":
        """Open the first conversation of a list and wait for its history."""
        self.list(name).first.click()
        expect(self.log).to_have_attribute("aria-live", "polite")
        return self

    def claim(self) -> "Desk":
        """Open the longest wait and take it."""
        self.open("waiting").action("Claim").click()
        self.has_state("You have this conversation")
        return self

    def write(self, text: str, *, mode: str = "Reply") -> None:
        self.page.get_by_role("radio", name=mode).check()
        self.field.fill(text)
        self.field.press("Enter")

    def shows(self, *texts: str) -> None:
        """These are the messages and notes, in this order and no others."""
        expect(self.log.locator(".entry > .body")).to_have_text(list(texts))

    def has_state(self, words: str) -> None:
        expect(self.page.locator("#state")).to_have_text(words)

    def is_connected(self, *, timeout_s: float = 30) -> None:
        connection = self.page.locator("#connection")
        expect(connection).to_have_attribute("data-state", "connected", timeout=timeout_s * 1000)


def sit_down(new_page: NewPage, web: Live, member: Member, **options: Any) -> Desk:
    """Log the member in, in a browser profile of their own, and open their desk."""
    client = Client()
    client.force_login(member.user)
    page = new_page(**options)
    wire = Wire(page)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": web.url}])
    page.goto(f"{web.url}/desk/{member.workspace.slug}/")
    desk = Desk(page, wire)
    desk.is_connected()
    return desk


ARTICLE_ID = "0198c0de-0000-7000-8000-000000000001"
PASSAGE = "Anvils are heavy. An anvil goes back within 30 days. 😀 We pay the way back."
QUOTE = "An anvil goes back within 30 days."


def decided(kind: str, *, confidence: float, reason: str = "") -> Decision:
    """A decision of tier 1 on one passage, whose second sentence is the answer."""
    start = PASSAGE.index(QUOTE)
    evidence = Evidence(
        passage_id="0198c0de-0000-7000-8000-000000000003",
        revision_id="0198c0de-0000-7000-8000-000000000002",
        article_id=ARTICLE_ID,
        doc_id="returns",
        title="Returns",
        heading_path=("Returns", "Time limits"),
        url="",
        start=100,
        end=100 + len(PASSAGE),
        text=PASSAGE,
        fused=0.031,
        relevance=0.974,
        margin=6.1,
        answer_start=100 + start,
        answer_end=100 + start + len(QUOTE),
    )
    page = f"/help/acme/{ARTICLE_ID}/#h-time-limits"
    citation = Citation(1, ARTICLE_ID, "Returns", "Time limits", page, QUOTE)
    return Decision(
        kind,
        reason,
        confidence,
        text=QUOTE if kind == ANSWER else "",
        citations=(citation,) if kind == ANSWER else (),
        evidence=(evidence,),
        threshold=0.87,
        risk=0.05,
        stages_ms={"embed": 11.2, "retrieve": 20.4, "read": 61.0},
    )


@dataclass(frozen=True)
class Vera:
    """The visitor of the cast, through the functions that socket and REST call."""

    cast: Cast

    @property
    def where(self) -> tuple[UUID, UUID, UUID]:
        vera = self.cast.vera
        return vera.workspace_id, vera.conversation_id, vera.contact_id

    def says(self, text: str) -> None:
        intake.post_visitor_message(*self.where, client_id=text[:64], text=text)

    def asks_for_a_person(self) -> None:
        intake.request_person(*self.where)

    def reads(self) -> list[dict[str, Any]]:
        """Every event that the visitor gets."""
        with workspace_scope(self.where[0]):
            return reading.visitor_events(self.where[0], self.where[1], 0)

    def conversation(self) -> Conversation:
        """The row as it is now."""
        with workspace_scope(self.where[0]):
            return Conversation.objects.get(id=self.where[1])

    def is_answered(self, decision: Decision) -> None:
        """As a worker of tier 1 does it: reply if the decision is one, receipt, handoff if not."""
        with workspace_scope(self.where[0]):
            turn = Turn.objects.get(conversation_id=self.where[1], state=TurnState.OPEN)
            conversation, turn = replies.current_turn(turn.id, turn.revision, state=TurnState.OPEN)
            message = None
            if decision.kind == ANSWER:
                citations = tuple(citation.as_json() for citation in decision.citations)
                reply = replies.Reply(decision.text, Slot.ANSWER, Author.BOT, citations)
                message = replies.post_reply(conversation, turn, reply)
            replies.add_receipt(conversation, turn, decision, tier=1, message=message)
            if message is None:
                handoff.request(conversation, reason=decision.reason, turn=turn)

    def replies(self) -> list[str]:
        """What members wrote to the visitor."""
        return [
            frame["payload"]["text"]
            for frame in self.reads()
            if frame["payload"].get("author") == "member"
        ]
