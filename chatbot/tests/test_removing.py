"""A sentence without support is left out where the others can do without it, else all goes."""

import pytest

from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot.escalation import removing, supporting, verification
from chatbot.escalation.removing import LeftOut
from chatbot.escalation.supporting import Judged
from chatbot.escalation.verification import Checked, Unsupported, Weighed
from chatbot.models import AnswerRules, UnsupportedSentences
from chatbot.tests.escalating import Escalated

ENOUGH = Judged(0.9, 0.5, 0.1)
KEPT = Checked("Returns are free [1].", 0.9, 0.5, 0.8)


def weighed(*cited: int) -> Weighed:
    return Weighed("", cited, ENOUGH, 0.8)


def left(*, sentence: str = "We send every customer a cake [2].", why: str = "support") -> LeftOut:
    out = LeftOut(allowed=True)
    out.leave_out(sentence, Unsupported(why))
    return out


def test_nothing_is_left_out_where_the_workspace_does_not_want_it() -> None:
    with pytest.raises(Unsupported):
        LeftOut(allowed=False).leave_out("Cake for all [1].", Unsupported("support"))


@pytest.mark.parametrize("why", ["foreign_link", "markup", "address", "placeholder", "negation"])
def test_a_sentence_that_makes_its_author_suspect_takes_the_whole_along(why: str) -> None:
    with pytest.raises(Unsupported, match=why):
        left(why=why)


@pytest.mark.parametrize("why", sorted(removing.MAY_GO))
def test_a_lack_of_support_is_forgiven(why: str) -> None:
    assert left(why=why).count == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "It is free [1].",
        "Otherwise, returns cost 5 EUR [1].",
        "Then print the label [1].",
        "Send the parcel with this label [1].",
        "Returns of that kind are free, and those of others cost 5 EUR [1].",
        "Это бесплатно [1].",
        "Затем распечатайте наклейку [1].",
    ],
)
def test_what_refers_back_goes_too(sentence: str) -> None:
    out = left()
    assert out.takes_along(sentence, weighed(1))
    assert out.count == 2


def test_what_goes_on_about_the_same_passage_goes_too() -> None:
    out = left(sentence="Choose the red label [1].", why="support")
    assert out.takes_along("Print the label [1].", weighed(1))


def test_an_independent_sentence_stays_and_others_may_refer_to_it() -> None:
    out = left()
    assert not out.takes_along("Returns are free of charge [1].", weighed(1))
    assert not out.takes_along("It takes three days [1].", weighed(1))
    assert out.count == 1


def test_what_was_announced_may_not_be_missing() -> None:
    out = LeftOut(allowed=True)
    assert not out.takes_along("There are two ways, as follows [1]:", weighed(1))
    with pytest.raises(Unsupported):
        out.leave_out("Call the moon [1].", Unsupported("support"))


def test_what_is_left_must_have_to_do_with_the_question() -> None:
    out = left()
    out.check_rest([KEPT])
    for kept in ([], [Checked("x", 0.9, 0.5, 0.2)], [Checked("x", 0.9, 0.5, None)]):
        with pytest.raises(Unsupported):
            out.check_rest(kept)


def test_nothing_is_asked_of_an_answer_that_is_whole() -> None:
    LeftOut(allowed=True).check_rest([Checked("x", 0.9, 0.5, None)])


@pytest.fixture
def removes(acme: Workspace) -> None:
    with workspace_scope(acme.id):
        AnswerRules.objects.create(
            workspace=acme, unsupported_sentences=UnsupportedSentences.REMOVE
        )


@pytest.fixture
def relevant(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a reader had found the passages relevant."""
    own = verification.Verifier.judged

    def judged(
        self: verification.Verifier, body: str, cited: list[int], reader: object
    ) -> tuple[Judged, float | None]:
        return own(self, body, cited, None)[0], 0.9

    monkeypatch.setattr(verification.Verifier, "judged", judged)


MADE_UP = (
    "You can return most products within 14 days of delivery [1]. We love to help you. "
    "It makes our day. Shipping costs 4.90 EUR [2]."
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("removes", "relevant")
def test_the_rest_is_posted_and_the_receipt_counts(escalated: Escalated) -> None:
    escalated.server.answer = MADE_UP
    escalated.asks()
    escalated.works()
    (message,) = escalated.replies()
    assert message.text == (
        "You can return most products within 14 days of delivery [1]. Shipping costs 4.90 EUR [2]."
    )
    assert escalated.drafted() == message.text
    assert [row["number"] for row in message.citations] == [1, 2]
    (receipt,) = escalated.receipts()
    assert receipt.features == {"sentences": 2.0, "removed": 2.0}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("removes")
def test_the_reader_says_whether_the_rest_answers(
    escalated: Escalated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supporting, "reader", supporting._Holder().get)
    escalated.server.answer = MADE_UP
    escalated.asks("Within how many days can I return products?")
    escalated.works()
    (message,) = escalated.replies()
    assert message.text.startswith("You can return most products within 14 days of delivery [1].")
    assert "love" not in message.text and "It makes" not in message.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("relevant")
def test_without_the_setting_the_whole_goes_to_people(escalated: Escalated) -> None:
    escalated.server.answer = MADE_UP
    escalated.asks()
    escalated.works()
    assert escalated.replies() == [] and escalated.handoffs() == ["unsupported"]
    assert escalated.escalation().failure == "unsupported:uncited"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("removes")
def test_without_a_reader_nobody_knows_whether_the_rest_answers(escalated: Escalated) -> None:
    assert supporting.reader() is None
    escalated.server.answer = MADE_UP
    escalated.asks()
    escalated.works()
    assert escalated.replies() == [] and escalated.handoffs() == ["unsupported"]
