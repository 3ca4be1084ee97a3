"""Conversations over REST: the same rules as on the socket, for a company's own server."""

import uuid

import pytest

from accounts.models import Role
from accounts.scope import workspace_scope
from chatbot import handoff, transitions
from chatbot.models import Author, Message, Slot
from chatbot.tests.rest import Rest, counts, server_of
from tests.cast import Cast


@pytest.fixture
def acme_server(cast: Cast) -> Rest:
    return server_of(cast.workspace.id)


@pytest.fixture
def other_server(cast: Cast) -> Rest:
    return server_of(cast.other.workspace.id)


def reply_of_the_bot(cast: Cast, conversation_id: str) -> str:
    with workspace_scope(cast.workspace.id):
        return str(
            Message.objects.create(
                workspace=cast.workspace,
                conversation_id=uuid.UUID(conversation_id),
                author=Author.BOT,
                text="On Monday.",
            ).id
        )


def test_a_server_begins_a_conversation_and_speaks_as_its_user(acme_server: Rest) -> None:
    status, begun = acme_server("POST", "conversations", {"external_ref": "u-1", "name": "Vera"})
    assert status == 201
    assert begun["contact"]["name"] == "Vera"
    assert (begun["owner"], begun["status"], begun["channel"]) == ("bot", "open", "api")

    status, sent = acme_server.say(begun["id"], "When do you open?")
    assert status == 201
    assert sent["seq"] == 1

    status, page = acme_server("GET", f"conversations/{begun['id']}/messages")
    assert [row["text"] for row in page["messages"]] == ["When do you open?"]
    assert page["next_cursor"] is None
    status, page = acme_server("GET", f"conversations/{begun['id']}/events?after_seq=0")
    assert [(row["seq"], row["kind"]) for row in page["events"]] == [(1, "message.posted")]
    assert page["last_seq"] == 1


def test_beginning_needs_no_body(acme_server: Rest) -> None:
    status, begun = acme_server("POST", "conversations")
    assert status == 201
    assert begun["contact"]["external_ref"] is None


def test_beginning_twice_with_a_reference_finds_the_same(acme_server: Rest, cast: Cast) -> None:
    first = acme_server.begin(external_ref="u-1", name="Vera")
    before = counts(cast.workspace.id)
    status, again = acme_server("POST", "conversations", {"external_ref": "u-1"})
    assert (status, again["id"], again["contact"]["name"]) == (200, first, "Vera")
    assert counts(cast.workspace.id) == before


def test_a_resolved_conversation_is_followed_by_a_new_one(acme_server: Rest, cast: Cast) -> None:
    first = acme_server.begin(external_ref="u-1")
    handoff.resolve(cast.bob, uuid.UUID(first))
    assert acme_server.begin(external_ref="u-1") != first


def test_a_message_that_is_sent_twice_is_stored_once(acme_server: Rest, cast: Cast) -> None:
    conversation = acme_server.begin()
    _, first = acme_server.say(conversation, "Hello there")
    before = counts(cast.workspace.id)
    status, second = acme_server.say(conversation, "Hello there")
    assert status == 200
    assert second == first | {"created": False}
    assert counts(cast.workspace.id) == before


def test_another_workspace_finds_nothing_and_changes_nothing(
    acme_server: Rest, other_server: Rest, cast: Cast
) -> None:
    conversation = acme_server.begin()
    acme_server.say(conversation, "Secret")
    message = reply_of_the_bot(cast, conversation)
    before = counts(cast.workspace.id)
    path = f"conversations/{conversation}"
    tries = [
        other_server("GET", path),
        other_server("GET", f"{path}/messages"),
        other_server("GET", f"{path}/events"),
        other_server("POST", f"{path}/person"),
        other_server.say(conversation, "Hello"),
        other_server("POST", f"{path}/messages/{message}/feedback", {"verdict": "wrong"}),
        other_server("GET", f"messages/{message}/receipt"),
    ]
    missing = acme_server("GET", f"conversations/{uuid.uuid4()}")
    assert {status for status, _ in tries} == {404}
    assert all(answer == missing[1] for _, answer in tries)  # looks as if there were none
    assert counts(cast.workspace.id) == before
    assert other_server("GET", "conversations")[1]["conversations"] == []


def test_a_visitor_of_a_widget_is_read_but_never_spoken_for(acme_server: Rest, cast: Cast) -> None:
    before = counts(cast.workspace.id)
    path = f"conversations/{cast.conversation_id}"
    assert acme_server("GET", path)[0] == 200
    status, answer = acme_server.say(str(cast.conversation_id), "I am not Vera")
    assert (status, answer["error"]["code"]) == (409, "conflict")
    assert acme_server("POST", f"{path}/person")[0] == 409
    assert counts(cast.workspace.id) == before


def test_asking_for_a_person_twice_is_harmless(acme_server: Rest, cast: Cast) -> None:
    conversation = acme_server.begin()
    first = acme_server("POST", f"conversations/{conversation}/person")
    before = counts(cast.workspace.id)
    assert (first[0], first[1]["owner"]) == (200, "queue")
    assert acme_server("POST", f"conversations/{conversation}/person") == first
    assert counts(cast.workspace.id) == before


def test_notes_of_agents_stay_inside(acme_server: Rest, cast: Cast) -> None:
    conversation = acme_server.begin()
    acme_server.say(conversation, "Hello there")
    handoff.add_note(cast.bob, uuid.UUID(conversation), client_id="n1", text="A hidden remark")
    for part in ("messages", "events"):
        response = acme_server.raw("GET", f"conversations/{conversation}/{part}")
        assert b"Hello there" in response.content
        assert b"hidden remark" not in response.content


def test_feedback_is_kept_once_and_only_for_replies(acme_server: Rest, cast: Cast) -> None:
    conversation = acme_server.begin()
    _, own = acme_server.say(conversation, "When?")
    message = reply_of_the_bot(cast, conversation)
    path = f"conversations/{conversation}/messages"
    assert acme_server("POST", f"{path}/{message}/feedback", {"verdict": "helped"})[0] == 204
    before = counts(cast.workspace.id)
    assert acme_server("POST", f"{path}/{message}/feedback", {"verdict": "helped"})[0] == 204
    own_id = own["message_id"]
    assert acme_server("POST", f"{path}/{own_id}/feedback", {"verdict": "helped"})[0] == 404
    assert acme_server("POST", f"{path}/{message}/feedback", {"verdict": "great"})[0] == 422
    assert counts(cast.workspace.id) == before


def test_pages_hold_every_conversation_once(acme_server: Rest, cast: Cast) -> None:
    begun = [acme_server.begin() for _ in range(5)] + [str(cast.conversation_id)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        path = f"conversations?limit=2&cursor={cursor}" if cursor else "conversations?limit=2"
        _, page = acme_server("GET", path)
        seen += [row["id"] for row in page["conversations"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(begun)
    assert len(seen) == 6


def test_messages_come_in_pages_too(acme_server: Rest) -> None:
    conversation = acme_server.begin()
    for number in range(3):
        acme_server.say(conversation, f"line {number}", client_id=f"m{number}")
    _, first = acme_server("GET", f"conversations/{conversation}/messages?limit=2")
    cursor = first["next_cursor"]
    _, rest = acme_server("GET", f"conversations/{conversation}/messages?limit=2&cursor={cursor}")
    texts = [row["text"] for row in first["messages"] + rest["messages"]]
    assert texts == ["line 0", "line 1", "line 2"]


def test_lists_are_filtered_by_owner_and_status(acme_server: Rest) -> None:
    waiting = acme_server.begin()
    acme_server("POST", f"conversations/{waiting}/person")
    _, page = acme_server("GET", "conversations?owner=queue&status=open")
    assert [row["id"] for row in page["conversations"]] == [waiting]
    assert acme_server("GET", "conversations?owner=nobody")[0] == 422
    assert acme_server("GET", "conversations?cursor=xx")[1]["error"]["code"] == "invalid"


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [(Role.ANALYST, 200, 403), (Role.EDITOR, 403, 403), (Role.AGENT, 200, 201)],
)
def test_a_keys_role_says_what_it_may_do(cast: Cast, role: str, reads: int, writes: int) -> None:
    server = server_of(cast.workspace.id, role)
    before = counts(cast.workspace.id)
    assert server("GET", "conversations")[0] == reads
    assert server("POST", "conversations", {})[0] == writes
    if writes == 403:
        assert counts(cast.workspace.id) == before


def test_a_reply_has_a_receipt(acme_server: Rest, cast: Cast) -> None:
    from chatbot import replies
    from chatbot.answering.contract import ANSWER, Decision
    from chatbot.models import Slot, Turn

    conversation = acme_server.begin()
    _, sent = acme_server.say(conversation, "When?")
    with workspace_scope(cast.workspace.id):
        turn = Turn.objects.select_related("conversation").get(conversation_id=conversation)
        reply = replies.Reply("On Monday.", Slot.ANSWER, Author.BOT)
        message = replies.post_reply(turn.conversation, turn, reply)
        decision = Decision(ANSWER, "", 0.93)
        replies.add_receipt(turn.conversation, turn, decision, tier=1, message=message)
    status, receipt = acme_server("GET", f"messages/{message.id}/receipt")
    assert status == 200
    assert (receipt["tier"], receipt["decision"], receipt["confidence"]) == (1, "answer", 0.93)
    assert acme_server("GET", f"messages/{sent['message_id']}/receipt")[0] == 404


def test_visitor_transitions_stay_the_servers_only_way(acme_server: Rest, cast: Cast) -> None:
    """A user who writes again reopens a resolved conversation, as in the widget."""
    conversation = acme_server.begin()
    handoff.resolve(cast.bob, uuid.UUID(conversation))
    assert acme_server.say(conversation, "One more thing")[0] == 201
    _, now = acme_server("GET", f"conversations/{conversation}")
    assert (now["owner"], now["status"]) == (transitions.BOT, transitions.OPEN)


def test_an_option_is_chosen_once_and_by_its_own_company_alone(
    cast: Cast, acme_server: Rest, other_server: Rest
) -> None:
    begun, stranger = acme_server.begin(), acme_server.begin()
    asked = reply_of_the_bot(cast, begun)
    section = {"article_id": "a", "heading_path": ["Reset"]}
    offered = [{"label": label, "passage_id": "p", "section": section} for label in ("A", "B")]
    with workspace_scope(cast.workspace.id):
        Message.objects.filter(id=asked).update(slot=Slot.CLARIFY, options=offered)
    path = f"conversations/{begun}/messages/{asked}/choice"
    body = {"client_id": "c1", "option": 2}
    before = counts(cast.workspace.id)
    assert other_server("POST", path, body)[0] == 404
    assert acme_server("POST", path.replace(begun, stranger), body)[0] == 404
    assert acme_server("POST", path, body | {"option": 3})[0] == 404
    assert acme_server("POST", path, body | {"option": 9})[0] == 422
    assert counts(cast.workspace.id) == before
    assert [acme_server("POST", path, body)[0] for _ in range(2)] == [201, 200]
    assert acme_server("POST", path, body | {"client_id": "c2"})[0] == 409
    _, page = acme_server("GET", f"conversations/{begun}/messages")
    assert page["messages"][0]["options"] == [
        {"number": 1, "label": "A"},
        {"number": 2, "label": "B"},
    ]
    assert page["messages"][1]["text"] == "B"
    assert page["messages"][1]["choice"] == {"message_id": asked, "option": 2}
