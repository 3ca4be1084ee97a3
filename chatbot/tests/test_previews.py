"""One line of a conversation wherever one is shown: words alone, and files by their names."""

from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Role
from accounts.scope import workspace_scope
from chatbot import previews, reading
from chatbot.assist.summary import Line, _sentences
from chatbot.models import Attachment, Author, Conversation, Message, Suggestion
from chatbot.queues.attention import attention
from chatbot.tests.desks import waiting
from chatbot.tests.rest import server_of
from tests.cast import Cast, make_member

MARKED = "Press **Reset**, see [the page](https://acme.example/x)."
WORDS = "Press Reset, see the page."


def say(cast: Cast, author: str, text: str, *names: str) -> Message:
    with workspace_scope(cast.workspace.id):
        row = Message.objects.create(
            workspace=cast.workspace,
            conversation_id=cast.conversation_id,
            author=author,
            member=cast.bob if author == Author.MEMBER else None,
            text=text,
        )
        for name in names:
            Attachment.objects.create(
                workspace=cast.workspace,
                conversation_id=cast.conversation_id,
                message=row,
                name=name,
                kind=name.rpartition(".")[2],
                digest="0" * 64,
                size=1_234,
                pages=2,
            )
        return row


def shown(cast: Cast) -> str:
    """The preview in the desk's list."""
    with workspace_scope(cast.workspace.id):
        rows = Conversation.objects.select_related("owner_member", "contact")
        preview: str = reading.list_rows([rows.get(id=cast.conversation_id)])[0]["preview"]
        return preview


def test_replies_are_shown_without_marks_and_a_visitor_s_words_as_typed(cast: Cast) -> None:
    for author in (Author.BOT, Author.MODEL, Author.MEMBER):
        say(cast, author, MARKED)
        assert shown(cast) == WORDS
    say(cast, Author.VISITOR, "2 ** 3 and\n*so*")
    assert shown(cast) == "2 ** 3 and *so*"


def test_a_message_that_is_only_files_shows_their_names(cast: Cast) -> None:
    say(cast, Author.VISITOR, "", "bill.pdf", "photo.png")
    assert shown(cast) == "📎 bill.pdf, photo.png"
    say(cast, Author.VISITOR, "Look", "photo.png")
    assert shown(cast) == "Look"


def test_who_waits_is_shown_the_same_way_to_every_agent(cast: Cast) -> None:
    waiting(cast)
    say(cast, Author.BOT, MARKED)
    assert [row["preview"] for row in attention(cast.bob)] == [WORDS]
    say(cast, Author.VISITOR, "", "bill.pdf")
    assert [row["preview"] for row in attention(cast.bob)] == ["📎 bill.pdf"]
    assert attention(cast.charlie) == []


def test_one_query_more_for_files_and_none_without_a_scope_s_rows(cast: Cast) -> None:
    row = say(cast, Author.VISITOR, "", "bill.pdf")
    with workspace_scope(cast.other.workspace.id):
        assert previews.newest([cast.conversation_id], longest=9) == {}
        assert previews.of_messages([row], longest=9) == {row.id: ""}


def test_a_suggestion_is_read_as_words_and_inserted_as_it_is(cast: Cast) -> None:
    assert Suggestion(text=MARKED).words == WORDS


def test_a_summary_has_no_marks_of_replies() -> None:
    lines = [Line(True, "How do I reset it?"), Line(False, MARKED)]
    assert [one.text for one in _sentences(lines)] == ["How do I reset it?", WORDS]


def test_files_of_a_message_are_told_over_rest(cast: Cast) -> None:
    say(cast, Author.VISITOR, "", "bill.pdf")
    say(cast, Author.BOT, "Thank you")
    path = f"conversations/{cast.conversation_id}/messages"
    status, page = server_of(cast.workspace.id)("GET", path)
    assert status == 200
    files = [row["attachments"] for row in page["messages"]]
    assert files[1] == []
    UUID(files[0][0].pop("id"))
    assert files[0] == [
        {"name": "bill.pdf", "kind": "pdf", "size": 1_234, "width": 0, "height": 0, "pages": 2,
         "preview": False}
    ]  # fmt: skip
    assert server_of(cast.other.workspace.id)("GET", path)[0] == 404


@pytest.mark.parametrize("role", [Role.ANALYST, Role.EDITOR])
def test_lesser_roles_read_no_previews(client: Client, cast: Cast, role: str) -> None:
    say(cast, Author.BOT, MARKED)
    client.force_login(make_member(cast.acme, "erin", role=role).user)
    answer = client.get("/desk/acme/inbox/?view=open")
    assert answer.status_code == 403 and "Reset" not in answer.text
