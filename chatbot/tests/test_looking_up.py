"""What would the bot say? An agent's own question beside a conversation, and its source."""

import pytest
from django.test import Client

from accounts.errors import NotFound, RateLimited
from accounts.models import Role
from accounts.scope import workspace_scope
from chatbot import erasing, handoff
from chatbot.assist import looking_up, reading, suggesting
from chatbot.errors import Conflict, Invalid
from chatbot.handoff.basis import Basis
from chatbot.models import LookUp, Message, Suggestion, SuggestionUse
from chatbot.tests.test_assist import TEXT, Asked, asked, look, rows_of, vera
from inference.errors import ModelUnavailable
from knowledge.articles import archive
from learning.tests.auditing import work
from outbox.models import OutboxJob
from tests.cast import Cast, make_member
from tests.desks import Vera

__all__ = ["asked", "vera"]  # fixtures


def looks_up(cast: Cast, text: str = "When do  anvils go back?") -> reading.Pane:
    looking_up.ask(cast.bob, cast.conversation_id, text)
    work(cast.workspace.id)
    return reading.pane_of(cast.bob, cast.conversation_id)


def test_what_is_found_is_for_who_asked_and_leaves_the_suggestions_as_they_are(
    cast: Cast, asked: Asked, vera: Vera
) -> None:
    before = look(cast).suggestions
    pane = looks_up(cast)
    assert asked[-1].question == "When do anvils go back?" and asked[-1].history == ()
    assert pane.look_up and pane.look_up.state == "done"
    assert [(one.number, one.doc_id, one.public) for one in pane.looked_up] == [
        (1, "returns", True),
        (2, "prices", False),
    ]
    assert pane.suggestions == before
    hers = reading.pane_of(cast.alice, cast.conversation_id)
    assert hers.look_up is None and hers.looked_up == [] and hers.suggestions == before
    assert reading.pane_of(cast.bob, cast.conversation_id).look_up == pane.look_up


def test_it_is_sent_with_its_source_as_a_suggestion_is(
    cast: Cast, asked: Asked, vera: Vera
) -> None:
    public, internal = looks_up(cast).looked_up
    handoff.claim(cast.bob, cast.conversation_id)
    sent = handoff.reply(
        cast.bob, cast.conversation_id, client_id="r", text=TEXT, basis=Basis(public.id)
    )
    assert [row["title"] for row in sent.citations] == ["Returns"]
    assert rows_of(cast, SuggestionUse) == 1
    with pytest.raises(Conflict):  # no visitor may read that one
        handoff.reply(
            cast.bob, cast.conversation_id, client_id="s", text=TEXT, basis=Basis(internal.id)
        )


def test_the_same_question_while_it_is_read_is_one_and_later_it_is_read_anew(
    cast: Cast, asked: Asked, vera: Vera
) -> None:
    for _ in range(2):
        looking_up.ask(cast.bob, cast.conversation_id, "Anvils?")
    work(cast.workspace.id)
    assert (rows_of(cast, LookUp), len(asked)) == (1, 1)
    looks_up(cast, "Anvils?")
    assert (rows_of(cast, LookUp), len(asked)) == (2, 2)
    with workspace_scope(cast.workspace.id):  # the job comes once more
        OutboxJob.objects.filter(kind=looking_up.KIND).update(state="ready", locked_until=None)
    work(cast.workspace.id)
    assert (rows_of(cast, Suggestion), len(asked)) == (4, 2)


def test_without_a_model_or_a_published_text_it_says_so(
    cast: Cast, asked: Asked, vera: Vera, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(cast.workspace.id, "returns")
    assert [one.doc_id for one in looks_up(cast).looked_up] == ["prices"]

    def unavailable(request: object) -> None:
        raise ModelUnavailable("away")

    monkeypatch.setattr(suggesting, "models_for", unavailable)
    pane = looks_up(cast, "And now?")
    assert pane.look_up and pane.look_up.state == "failed" and pane.looked_up == []


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 501])
def test_what_cannot_be_looked_up_is_said(cast: Cast, text: str) -> None:
    with pytest.raises(Invalid):
        looking_up.ask(cast.bob, cast.conversation_id, text)
    assert rows_of(cast, LookUp) == 0


def test_one_agent_cannot_fill_the_queue(
    cast: Cast, vera: Vera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_up, "PER_S", 0.001)  # no time passes here
    for number in range(looking_up.AT_ONCE):
        looking_up.ask(cast.bob, cast.conversation_id, f"Question {number}")
    with pytest.raises(RateLimited):
        looking_up.ask(cast.bob, cast.conversation_id, "One more")
    assert rows_of(cast, LookUp) == looking_up.AT_ONCE


def test_strangers_and_other_roles_look_up_nothing(
    client: Client, cast: Cast, asked: Asked, vera: Vera
) -> None:
    path = f"/desk/acme/c/{cast.conversation_id}/look-up/"
    erin = make_member(cast.acme, "erin", role=Role.ANALYST)
    for who, status in ((cast.charlie, 404), (erin, 403)):
        client.force_login(who.user)
        assert client.post(path, {"question": "Anvils?"}).status_code == status
    client.force_login(cast.charlie.user)
    own = path.replace("/acme/", "/other/")
    assert client.post(own, {"question": "Anvils?"}).status_code == 404
    with pytest.raises(NotFound):
        looking_up.ask(cast.charlie, cast.conversation_id, "Anvils?")
    assert rows_of(cast, LookUp) == 0
    client.force_login(cast.bob.user)
    assert client.post(path, {"question": "Anvils?"}).status_code == 200
    assert client.post(path, {"question": ""}).json()["error"] == "Write what to look up"
    assert client.get(path).status_code == 405
    work(cast.workspace.id)
    page = client.get(f"/desk/acme/c/{cast.conversation_id}/pane/").text
    assert "Anvils?" in page and 'data-number="4"' in page and "Alt+4" in page
    assert 'data-number="5"' not in page  # for members alone: it has no key


def test_it_goes_with_its_conversation_and_no_visitor_hears_of_it(
    cast: Cast, asked: Asked, vera: Vera
) -> None:
    before = vera.reads()
    looks_up(cast)
    assert vera.reads() == before
    with workspace_scope(cast.workspace.id):
        assert Message.objects.count() == 1
    with workspace_scope(cast.workspace.id):
        erasing.erase([cast.conversation_id])
    assert (rows_of(cast, LookUp), rows_of(cast, Suggestion)) == (0, 0)
