"""Search over conversations: what is found, by whom, and by which index."""

from typing import Any

import pytest
from django.test import Client

from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.erasing import erase
from chatbot.errors import Invalid
from chatbot.inbox import finding
from chatbot.inbox.listing import Filters
from chatbot.models import SearchEntry
from chatbot.tests.test_inbox import visit
from tests.cast import Cast


def found(cast: Cast, text: str, filters: Filters | None = None) -> list[str]:
    rows = finding.find(cast.bob, text, filters or Filters())["rows"]
    return [row["contact"]["name"] for row in rows]


def said(row: dict[str, Any]) -> str:
    """The snippet with what was found in brackets."""
    return "".join(f"[{one['text']}]" if one["hit"] else one["text"] for one in row["snippet"])


def test_words_of_everybody_are_found_newest_first(cast: Cast) -> None:
    parcels = visit(cast, "My parcels never came <b>")
    visit(cast, "Где моя посылка?", language="ru")
    handoff.take_over(cast.bob, parcels)
    handoff.reply(cast.bob, parcels, client_id="r", text="The courier left it with a neighbour.")
    handoff.add_note(cast.bob, parcels, client_id="n", text="A difficult customs case")
    visit(cast, "A parcel for Mrs Grey")

    assert found(cast, "parcel") == ["A parcel for Mrs Grey", "My parcels never came <b>"]
    assert found(cast, "посылки") == ["Где моя посылка?"]  # by its stem
    assert found(cast, "neighb") == ["My parcels never came <b>"]  # only begun
    assert found(cast, "parcel -Grey") == ["My parcels never came <b>"]
    assert found(cast, '"never came"') == ["My parcels never came <b>"]
    assert found(cast, '"came never"') == []
    assert found(cast, "parcel посылка") == []  # all of the words
    assert found(cast, "parcel", Filters(language="ru")) == []
    [row] = finding.find(cast.bob, "customs", Filters())["rows"]
    assert (row["said_by"], said(row)) == ("note", "A difficult [customs] case")


def test_a_long_find_goes_on_where_it_stopped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "PER_PAGE", 2)
    monkeypatch.setattr(finding, "ENTRIES", 3)
    for number in range(5):
        visit(cast, f"anvil {number}")
    pages, after = [], ""
    while True:
        page = finding.find(cast.bob, "anvil", Filters(), after=after)
        pages.append([row["contact"]["name"] for row in page["rows"]])
        after = page["next"]
        if after is None:
            break
    assert [one for page in pages for one in page] == [f"anvil {n}" for n in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("text", ["", "   ", "-anvil", "'\"&|!():*", "x" * 201, "a " * 13])
def test_what_cannot_be_looked_for_is_said(client: Client, cast: Cast, text: str) -> None:
    client.force_login(cast.bob.user)

    answer = client.get("/desk/acme/search/", {"q": text})

    assert answer.status_code == 400
    assert answer.json()["code"] in {"empty_text", "text_too_long"}


@pytest.mark.parametrize(
    "text", ["anvil' OR 1=1", "anvil \\", "an\x00vil", "anvil:* & !", "ещё <b>"]
)
def test_no_text_is_taken_for_a_command(cast: Cast, text: str) -> None:
    assert found(cast, text) == []


def test_what_is_erased_is_not_found(cast: Cast) -> None:
    one = visit(cast, "anvil")
    with workspace_scope(cast.workspace.id):
        erase([one])
        assert not SearchEntry.objects.filter(conversation_id=one).exists()
    assert found(cast, "anvil") == []


def test_a_text_that_is_far_too_much_is_refused_before_the_database() -> None:
    with pytest.raises(Invalid):
        finding.parse(" ".join(f"w{number}" for number in range(13)))
