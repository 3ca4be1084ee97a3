"""Canned replies, drafts, mentions and verdicts: what agents keep, and who may see it."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.errors import NotAllowed, NotFound
from accounts.models import AuditEntry, Role
from accounts.scope import workspace_scope
from chatbot import canned, handoff, reply_drafts
from chatbot.answering.contract import ANSWER
from chatbot.canned import Written
from chatbot.errors import Invalid
from chatbot.handoff import mentions, verdicts
from chatbot.models import AnswerVerdict, CannedReply, Contact, Mention, Receipt
from chatbot.reply_drafts import Typed
from tests.cast import Cast, make_member
from tests.desks import Vera, decided

GREETING = "Good day {visitor.name}, this is {agent.name} of {workspace.name}."


def count(cast: Cast, model: Any) -> int:
    with workspace_scope(cast.workspace.id):
        return int(model.objects.count())


def note(cast: Cast, text: str) -> None:
    handoff.add_note(cast.alice, cast.conversation_id, client_id=text[:60], text=text)


def test_variables_are_filled_in_for_the_conversation(cast: Cast) -> None:
    canned.save(cast.alice, Written("/Hello", GREETING, shared=True))
    canned.save(cast.bob, Written("help", "Hello, how can I help?", shared=False))
    for name, begin in (("", "Good day, this"), ("Vera", "Good day Vera, this")):
        with workspace_scope(cast.workspace.id):
            Contact.objects.update(name=name)
        (one,) = canned.offered(cast.bob, cast.conversation_id, "hell")[:1]
        assert one.name == "hello" and one.text == f"{begin} is Bob of Acme."
    offered = canned.offered(cast.bob, cast.conversation_id, "he")
    assert [(one.name, one.own) for one in offered] == [("help", True), ("hello", False)]
    found = canned.offered(cast.alice, cast.conversation_id, "good")
    assert [one.name for one in found] == ["hello"]  # by its text; Bob's own is his alone
    with pytest.raises(NotFound):
        canned.offered(cast.charlie, cast.conversation_id, "")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("hi", "Dear {visitor.nmae}", "{visitor.nmae}"),
        ("hi", "Dear {}", "{}"),
        ("two words", "Hi", "letters"),
        ("x" * 41, "Hi", "at most 40"),
        ("hi", " ", "1 to 4000"),
        ("known", "Hi", "already"),
    ],
)
def test_what_cannot_be_saved_says_why_and_stays_in_the_form(
    client: Client, cast: Cast, name: str, text: str, problem: str
) -> None:
    canned.save(cast.bob, Written("known", "Hi", shared=False))
    client.force_login(cast.bob.user)
    page = client.post("/desk/acme/canned/", {"name": name, "text": text})
    assert page.status_code == 400 and problem in page.text.replace("&#x27;", "'")
    assert f'value="{name}"' in page.text and text.strip() in page.text
    assert count(cast, CannedReply) == 1


def test_agents_manage_their_own_and_administrators_the_workspaces(
    client: Client, cast: Cast
) -> None:
    with pytest.raises(NotAllowed):
        canned.save(cast.bob, Written("hi", "Hi", shared=True))
    client.force_login(cast.bob.user)
    assert client.post("/console/acme/settings/desk/canned/").status_code == 403
    client.post("/desk/acme/canned/", {"name": "hi", "text": "Hi"})
    (own,), _ = canned.listed(cast.bob, shared=False)
    client.force_login(cast.alice.user)
    base = "/console/acme/settings/desk/"
    assert client.post(f"{base}canned/", {"name": "hi", "text": "Hello"}).status_code == 302
    (shared,), _ = canned.listed(cast.alice, shared=True)
    for path in (f"{base}canned/{own.id}/", f"/desk/acme/canned/{own.id}/"):  # not hers
        assert client.post(path, {"name": "hi", "text": "Changed"}).status_code == 404
    client.post(f"/desk/acme/canned/{own.id}/delete/")
    client.post(f"{base}canned/{shared.id}/", {"name": "hi", "text": "Good day"})
    assert count(cast, CannedReply) == 2
    assert "Good day" in client.get(base).text
    bad = client.post(base, {"ask_colleague": "on", "colleague_minutes": "0"})
    assert bad.status_code == 400
    client.post(base, {"ask_colleague": "on", "colleague_minutes": "5"})
    for _ in range(2):
        assert client.post(f"{base}canned/{shared.id}/delete/").status_code == 302
    with workspace_scope(cast.workspace.id):
        actions = set(AuditEntry.objects.values_list("action", flat=True))
        assert {"canned.saved", "canned.deleted", "desk.changed"} <= actions
    assert count(cast, CannedReply) == 1
    client.force_login(cast.charlie.user)
    assert client.get(base).status_code == 404


def test_who_is_named_in_a_note_is_told_once(cast: Cast) -> None:
    make_member(cast.acme, "erin", role=Role.EDITOR)
    with workspace_scope(cast.workspace.id):
        type(cast.bob).objects.filter(id=cast.bob.id).update(display_name="Bob Baker")
    for _ in range(2):
        note(cast, "@Bob please look, @bob baker. Not @bobby, @erin, @alice or bob@acme.example")
    note(cast, "nobody")
    (one,) = mentions.unseen(cast.bob)
    assert (one.by, mentions.count_unseen(cast.bob), count(cast, Mention)) == (cast.alice, 1, 1)
    event = Vera(cast).conversation()
    assert event.visitor_seq == 0  # the visitor has nothing of it
    with pytest.raises(NotFound):
        mentions.mark_seen(cast.charlie, cast.conversation_id)
    assert mentions.mark_seen(cast.alice, cast.conversation_id) == 0
    assert [mentions.mark_seen(cast.bob, cast.conversation_id) for _ in range(2)] == [1, 0]
    assert mentions.unseen(cast.bob) == []


def test_a_mention_is_shown_at_the_desk(client: Client, cast: Cast) -> None:
    note(cast, "@bob a <b>regular</b>")
    client.force_login(cast.bob.user)
    page = client.get("/desk/acme/for-me/").text
    assert "Alice mentions you" in page and "a &lt;b&gt;regular" in page
    assert client.post(f"/desk/acme/c/{cast.conversation_id}/seen/").json() == {"seen": 1}
    assert "mentions you" not in client.get("/desk/acme/for-me/").text


def test_drafts_are_kept_for_each_agent_and_no_device_loses_another_ones(cast: Cast) -> None:
    where = cast.conversation_id
    row, kept = reply_drafts.keep(cast.bob, where, Typed("reply", "Dear", 0))
    assert kept and row.revision == 1
    row, kept = reply_drafts.keep(cast.bob, where, Typed("reply", "Dear Vera", 1))
    assert kept and row.revision == 2
    row, kept = reply_drafts.keep(cast.bob, where, Typed("reply", "From my phone", 1))
    assert (row.text, kept) == ("Dear Vera", False)
    reply_drafts.keep(cast.bob, where, Typed("note", "Rare", 0))
    assert {(one.mode, one.text) for one in reply_drafts.drafts_of(cast.bob, where)} == {
        ("reply", "Dear Vera"),
        ("note", "Rare"),
    }
    assert reply_drafts.drafts_of(cast.alice, where) == []
    for attempt in (Typed("letter", "x", 0), Typed("reply", "x" * 8_001, 0)):
        with pytest.raises(Invalid):
            reply_drafts.keep(cast.bob, where, attempt)
    for act in (
        lambda: reply_drafts.keep(cast.charlie, where, Typed("reply", "x", 0)),
        lambda: reply_drafts.drafts_of(cast.charlie, where),
    ):
        with pytest.raises(NotFound):
            act()


def test_drafts_over_http(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob.user)
    path = f"/desk/acme/c/{cast.conversation_id}/drafts/"

    def send(body: object) -> tuple[int, Any]:
        answer = client.post(path, json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    assert send({"mode": "reply", "text": "Dear", "revision": 0})[0] == 200
    assert send({"mode": "reply", "text": "Other", "revision": 0})[0] == 409
    unfit: list[object] = [[], {"mode": "reply"}, {"mode": "reply", "text": "x", "revision": "y"}]
    for bad in unfit:
        assert send(bad)[0] == 400
    assert [one["text"] for one in client.get(path).json()["drafts"]] == ["Dear"]


def test_a_verdict_is_one_click_and_the_last_word_stands(client: Client, cast: Cast) -> None:
    vera = Vera(cast)
    vera.says("Can I return an anvil?")
    vera.is_answered(decided(ANSWER, confidence=0.93))
    read = vera.reads()
    with workspace_scope(cast.workspace.id):
        receipt = Receipt.objects.get()
    client.force_login(cast.bob.user)
    path = f"/desk/acme/verdicts/{receipt.id}/"
    assert client.post(path, {"verdict": "fine"}).status_code == 400
    assert client.post(f"/desk/acme/verdicts/{uuid4()}/", {"verdict": "right"}).status_code == 404
    for verdict in ("right", "incomplete", "incomplete"):
        assert client.post(path, {"verdict": verdict}).json() == {"verdict": verdict}
    with pytest.raises(NotFound):
        verdicts.give(cast.charlie, receipt.id, "wrong")
    with workspace_scope(cast.workspace.id):
        assert AnswerVerdict.objects.get().verdict == "incomplete"
        assert AuditEntry.objects.filter(action="answer.judged").count() == 2
    assert vera.reads() == read  # the visitor has nothing of it
