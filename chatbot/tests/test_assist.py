"""What an agent gets beside a conversation: asked for once a message, stored, erased with it."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts.models import Role
from accounts.scope import workspace_scope
from chatbot import erasing, handoff
from chatbot.answering.contract import AnswerRequest, Citation
from chatbot.assist import jobs, reading, suggesting
from chatbot.assist.suggesting import Suggested
from chatbot.errors import Conflict
from chatbot.handoff.basis import Basis
from chatbot.models import Assist, Message, Suggestion, SuggestionUse
from chatbot.tests.test_summary import Counted
from inference.errors import ModelUnavailable
from knowledge.articles import archive, upsert_article
from knowledge.models import Article
from learning.tests.auditing import work
from outbox import tasks
from outbox.models import OutboxJob
from tests.cast import Cast, make_member
from tests.desks import Vera

TEXT = "An anvil goes back within 30 days."
Asked = list[AnswerRequest]


class Loaded:
    embedder = Counted()


def publish(cast: Cast, doc_id: str, audience: str) -> Article:
    upsert_article(
        cast.workspace.id, doc_id=doc_id, title=doc_id.title(), text=TEXT, audience=audience
    )
    with workspace_scope(cast.workspace.id):
        article = Article.objects.get(external_id=doc_id)
        article.published_revision = article.wanted_revision
        article.save()
    return article


def suggested(article: Article) -> Suggested:
    url = f"/help/acme/{article.id}/"
    return Suggested(
        text=TEXT,
        citation=Citation(1, str(article.id), article.title, "", url, TEXT),
        article_id=str(article.id),
        revision_id=str(article.published_revision_id),
        doc_id=article.external_id,
        start=0,
        end=len(TEXT),
        relevance=0.9,
    )


@pytest.fixture
def asked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What retrieval was asked; it finds a public article and an internal one."""
    found = [suggested(publish(cast, name, audience)) for name, audience in
             (("returns", "public"), ("prices", "internal"))]  # fmt: skip
    with workspace_scope(cast.workspace.id):
        OutboxJob.objects.all().delete()  # indexing is not the subject
    requests: Asked = []

    def suggest(loaded: object, request: AnswerRequest) -> list[Suggested]:
        requests.append(request)
        return found

    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    monkeypatch.setattr(suggesting, "models_for", lambda request: Loaded())
    monkeypatch.setattr(suggesting, "suggest", suggest)
    return requests


@pytest.fixture
def vera(cast: Cast) -> Vera:
    """Waits for a person, with one question."""
    visitor = Vera(cast)
    visitor.says("Can I return my anvil?")
    visitor.asks_for_a_person()
    with workspace_scope(cast.workspace.id):
        OutboxJob.objects.all().delete()
    return visitor


def look(cast: Cast) -> reading.Pane:
    """The agent opens the conversation, and the worker does what there is."""
    jobs.ask(cast.bob, cast.conversation_id)
    work(cast.workspace.id)
    return reading.pane_of(cast.bob, cast.conversation_id)


def rows_of(cast: Cast, model: Any) -> int:
    with workspace_scope(cast.workspace.id):
        return int(model.objects.count())


def test_it_is_made_once_for_each_message_and_anew_when_the_visitor_goes_on(
    cast: Cast, asked: Asked, vera: Vera
) -> None:
    before = reading.pane_of(cast.bob, cast.conversation_id)
    assert before.assist is None and before.wanted and before.reason == "asked_for_person"
    for _ in range(2):
        pane = look(cast)
    assert len(asked) == 1 and asked[0].question == "Can I return my anvil?"
    assert pane.fresh and pane.assist and pane.assist.asked == "Can I return my anvil?"
    assert [(one.doc_id, one.public) for one in pane.suggestions] == [
        ("returns", True),
        ("prices", False),
    ]
    vera.says("Within which time is that?")
    stale = reading.pane_of(cast.bob, cast.conversation_id)
    assert not stale.fresh and stale.suggestions == []
    assert look(cast).fresh and len(asked) == 2
    assert asked[1].question == "Can I return my anvil?\nWithin which time is that?"


def test_without_models_it_says_so_and_tries_once_more(
    cast: Cast, asked: Asked, vera: Vera, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(request: AnswerRequest) -> None:
        raise ModelUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(suggesting, "models_for", unavailable)
        pane = look(cast)
        assert pane.assist and pane.assist.failed and pane.suggestions == []
    assert not look(cast).assist.failed  # type: ignore[union-attr]  # made just above


def test_an_article_that_was_withdrawn_meanwhile_is_not_suggested(
    cast: Cast, asked: Asked, vera: Vera
) -> None:
    archive(cast.workspace.id, "returns")
    assert [one.doc_id for one in look(cast).suggestions] == ["prices"]


def reply(cast: Cast, text: str, **basis: Any) -> Message:
    return handoff.reply(
        cast.bob, cast.conversation_id, client_id=text[:60], text=text, basis=Basis(**basis)
    )


def test_a_reply_cites_what_it_began_as_and_keeps_whether_it_was_edited(
    cast: Cast, asked: Asked, vera: Vera
) -> None:
    one = look(cast).suggestions[0]
    handoff.claim(cast.bob, cast.conversation_id)
    reply(cast, TEXT, suggestion_id=one.id)
    reply(cast, f"Dear Vera, {TEXT}", suggestion_id=one.id)
    reply(cast, "Anything else?")
    posted = [frame["payload"] for frame in vera.reads() if frame["kind"] == "message.posted"]
    assert [[row["title"] for row in said["citations"]] for said in posted[-3:]] == [
        ["Returns"],
        ["Returns"],
        [],
    ]
    with workspace_scope(cast.workspace.id):
        uses = SuggestionUse.objects.order_by("used_at").values_list("edited", flat=True)
        assert list(uses) == [False, True]


def test_what_visitors_may_not_read_is_never_sent_with_its_source(
    cast: Cast, asked: Asked, vera: Vera
) -> None:
    public, internal = look(cast).suggestions
    handoff.claim(cast.bob, cast.conversation_id)
    before = vera.reads()
    archive(cast.workspace.id, "returns")
    for one in (public, internal):
        with pytest.raises(Conflict) as refused:
            reply(cast, TEXT, suggestion_id=one.id)
        assert refused.value.code == "withdrawn"
    assert vera.reads() == before and rows_of(cast, SuggestionUse) == 0


def test_who_did_not_see_a_colleagues_reply_is_told_before_sending(cast: Cast, vera: Vera) -> None:
    handoff.claim(cast.bob, cast.conversation_id)
    seen = vera.conversation().staff_seq
    handoff.release(cast.bob, cast.conversation_id)
    handoff.claim(cast.alice, cast.conversation_id)
    handoff.reply(cast.alice, cast.conversation_id, client_id="a", text="I am on it.")
    handoff.release(cast.alice, cast.conversation_id)
    handoff.claim(cast.bob, cast.conversation_id)
    vera.says("Hello?")  # a visitor's word overtakes nobody
    with pytest.raises(Conflict) as refused:
        reply(cast, "Is it the horn?", seen_seq=seen)
    assert refused.value.code == "overtaken" and vera.replies() == ["I am on it."]
    reply(cast, "Is it the horn?", seen_seq=vera.conversation().staff_seq)
    assert vera.replies() == ["I am on it.", "Is it the horn?"]


def test_all_of_it_is_erased_with_the_conversation(cast: Cast, asked: Asked, vera: Vera) -> None:
    one = look(cast).suggestions[0]
    handoff.claim(cast.bob, cast.conversation_id)
    reply(cast, TEXT, suggestion_id=one.id)
    with workspace_scope(cast.workspace.id):
        erasing.erase([cast.conversation_id])
    assert [rows_of(cast, model) for model in (Assist, Suggestion, SuggestionUse)] == [0, 0, 0]


def paths(conversation_id: UUID) -> list[tuple[str, str]]:
    beside = f"/desk/acme/c/{conversation_id}/"
    return [
        ("get", f"{beside}pane/"), ("post", f"{beside}assist/"), ("post", f"{beside}seen/"),
        ("get", f"{beside}drafts/"), ("post", f"{beside}drafts/"), ("get", f"{beside}canned/"),
        ("get", f"{beside}earlier/{conversation_id}/"), ("get", "/desk/acme/for-me/"),
        ("post", f"/desk/acme/verdicts/{uuid4()}/"), ("post", f"/desk/acme/questions/{uuid4()}/"),
        ("get", "/desk/acme/canned/"), ("post", "/desk/acme/canned/"),
        ("post", f"/desk/acme/canned/{uuid4()}/delete/"),
    ]  # fmt: skip


def unheard(cast: Cast) -> int:
    """How many jobs and events there are."""
    with workspace_scope(cast.workspace.id):
        return OutboxJob.objects.count() + Vera(cast).conversation().staff_seq


@pytest.mark.parametrize(("who", "code"), [("charlie", 404), ("erin", 403), ("", 302)])
def test_strangers_and_other_roles_get_nothing_and_change_nothing(
    client: Client, cast: Cast, vera: Vera, who: str, code: int
) -> None:
    members = {"charlie": cast.charlie, "erin": make_member(cast.acme, "erin", role=Role.EDITOR)}
    if who:
        client.force_login(members[who].user)
    before = unheard(cast)
    for method, path in paths(cast.conversation_id):
        assert getattr(client, method)(path).status_code == code, path
    assert unheard(cast) == before


def test_the_pane_shows_it_and_what_is_internal_has_no_button(
    client: Client, cast: Cast, asked: Asked, vera: Vera
) -> None:
    look(cast)
    client.force_login(cast.bob.user)
    page = client.get(f"/desk/acme/c/{cast.conversation_id}/pane/").text
    assert "the visitor asked for a person" in page
    assert page.count("data-suggestion=") == 1 and page.count("read only, never sent") == 1
    assert client.get(f"/desk/acme/c/{uuid4()}/pane/").status_code == 404
    assert client.post(f"/desk/acme/c/{uuid4()}/assist/").status_code == 404
