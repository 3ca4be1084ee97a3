"""Random labels and selected ones never mix."""

from uuid import UUID

import pytest

from accounts.scope import workspace_scope
from chatbot.handoff import desk, verdicts
from chatbot.intake import give_feedback, request_person
from chatbot.models import Message, Receipt
from chatbot.sessions import VisitorSession
from learning import audits
from learning.labels import audited, selected, shares_half
from learning.tests.auditing import TEXT, drawn, new_visitor, say, set_share
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")


def where(cast: Cast, visitor: VisitorSession) -> tuple[UUID, UUID, UUID]:
    return cast.workspace.id, visitor.conversation_id, visitor.contact_id


def test_audited_labels_are_the_judged_ones_of_these_models(cast: Cast) -> None:
    set_share(cast, 1.0)
    for question in ("anvil one", "giraffe", "anvil two", "anvil three"):
        say(cast, new_visitor(cast), question)
    one, giraffe, two, _waits = drawn(cast)
    for audit, verdict in ((one, "right"), (giraffe, "unclear"), (two, "wrong")):
        audits.judge(audit.id, actor=cast.bob, verdict=verdict)
    labels = audited(cast.workspace.id, models_version="models-1")
    assert [(row.question, row.right, row.answered) for row in labels] == [
        ("anvil one", True, True),
        ("giraffe", False, False),
        ("anvil two", False, True),
    ]
    assert labels[1].confidence == 0.3 and labels[1].features == {"margin": 3.0}
    assert labels[1].text == TEXT and {row.source for row in labels} == {"audit"}
    assert audited(cast.workspace.id, models_version="models-2") == []
    assert audited(cast.other.workspace.id, models_version="models-1") == []
    assert selected(cast.workspace.id) == []


def test_a_thumb_is_a_selected_label_and_no_audited_one(cast: Cast) -> None:
    set_share(cast, 0.0)
    say(cast, cast.vera, "anvil")
    with workspace_scope(cast.workspace.id):
        message = Message.objects.get(author="bot", slot="answer")
    for verdict in ("wrong", "helped"):
        give_feedback(*where(cast, cast.vera), message_id=message.id, verdict=verdict)
    (label,) = selected(cast.workspace.id)
    assert (label.right, label.source, label.question) == (True, "thumb", "anvil")
    assert audited(cast.workspace.id, models_version="models-1") == []
    assert selected(cast.other.workspace.id) == []
    assert selected(cast.workspace.id, models_version="models-2") == []


def test_an_answer_after_which_a_person_is_wanted_counts_as_wrong(cast: Cast) -> None:
    set_share(cast, 0.0)
    say(cast, cast.vera, "anvil one")
    say(cast, cast.vera, "anvil two")
    request_person(*where(cast, cast.vera))
    (label,) = selected(cast.workspace.id)
    assert (label.question, label.right, label.source) == ("anvil two", False, "handoff")


@pytest.mark.parametrize(
    ("reply", "right"),
    [("Yes, you may return an anvil within 30 days!", True), ("Please call us tomorrow.", False)],
)
def test_a_withheld_text_is_held_against_the_agent_s_reply(
    cast: Cast, reply: str, right: bool
) -> None:
    set_share(cast, 0.0)
    say(cast, cast.vera, "giraffe")
    desk.claim(cast.bob, cast.conversation_id)
    desk.reply(cast.bob, cast.conversation_id, client_id="1", text=reply)
    (label,) = selected(cast.workspace.id)
    assert (label.right, label.source, label.answered) == (right, "reply", False)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("red green blue grey", "red green", True),
        ("red green", "red pink", True),  # one of two
        ("red green blue", "red pink lime", False),  # one of three
        ("", "red", False),
        ("...", "...", False),
    ],
)
def test_texts_share_half_of_the_shorter(one: str, other: str, shared: bool) -> None:
    assert shares_half(one, other) is shares_half(other, one) is shared


def test_an_agents_verdict_goes_before_the_thumb_and_is_no_audited_label(cast: Cast) -> None:
    set_share(cast, 0.0)
    say(cast, cast.vera, "anvil")
    with workspace_scope(cast.workspace.id):
        message = Message.objects.get(author="bot", slot="answer")
        receipt = Receipt.objects.get(message=message)
    give_feedback(*where(cast, cast.vera), message_id=message.id, verdict="helped")
    for verdict, right in (("incomplete", False), ("right", True), ("wrong", False)):
        verdicts.give(cast.bob, receipt.id, verdict)
        (label,) = selected(cast.workspace.id)
        assert (label.right, label.source) == (right, "agent")
    assert audited(cast.workspace.id, models_version="models-1") == []


@pytest.mark.parametrize(("state", "count"), [("checked", 1), ("amended", 0), ("withdrawn", 0)])
def test_a_thumb_on_other_words_says_nothing_of_the_first(
    cast: Cast, state: str, count: int
) -> None:
    set_share(cast, 0.0)
    say(cast, cast.vera, "anvil")
    with workspace_scope(cast.workspace.id):
        message = Message.objects.get(author="bot", slot="answer")
        Message.objects.filter(id=message.id).update(check_state=state)
    give_feedback(*where(cast, cast.vera), message_id=message.id, verdict="helped")
    assert len(selected(cast.workspace.id)) == count
