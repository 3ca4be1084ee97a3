"""Which passages are read, and in which order they answer: with rankers, and without."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast as typed

import numpy as np
import pytest
from numpy.typing import NDArray

from chatbot.answering import clarify, models, pipeline
from chatbot.answering.contract import AnswerRequest, Decision, Evidence, Section
from chatbot.answering.enough import known
from chatbot.answering.features import NOTHING
from inference.calibration import Calibration
from inference.ranker import Ranker
from inference.steps import Steps
from knowledge.importing import import_path
from tests.cast import Cast

Rows = Sequence[Mapping[str, float]]
ARTICLES = {
    "returns": "You can send anything back within 30 days. A refund is paid within 14 days.",
    "shop": "The shop in Lisbon opens at nine and closes at eighteen on all working days.",
    "parcel": "A parcel is delivered within three days. You get its number by e-mail.",
    "card": "You can pay by card, by bank transfer, or with a voucher.",
    "voucher": "A voucher is valid for two years from the day on which it was bought.",
}


class By:
    """Scores by one feature, turned round if asked for."""

    def __init__(self, name: str, sign: float) -> None:
        self.name, self.sign = name, sign
        self.seen: list[Mapping[str, float]] = []

    def score(self, rows: Rows) -> NDArray[np.float32]:
        self.seen = list(rows)
        return np.array([self.sign * row[self.name] for row in rows], np.float32)


class FakeRanker:
    fingerprint = "fake"

    def __init__(self, before: By, after: By, read: int) -> None:
        self.before, self.after, self.read = before, after, read
        self.steps: Steps | None = None


class Unsure:
    """A calibration that looks at nothing: whether there is a ranker makes no difference to it."""

    fingerprint = "unsure"

    def confidence(self, features: Mapping[str, float]) -> float:
        return 0.5

    def level(self, risk: float) -> None:
        return None

    def threshold(self, risk: float) -> None:
        return None


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Cast:
    folder = tmp_path / "help"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / f"{name}.md").write_text(f"# About the {name}\n\n{text}\n", encoding="utf-8")
    import_path(cast.workspace.id, folder)
    return cast


class EnoughAfter:
    """A rule that ends reading at a number, and remembers what it was told."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.told: list[Mapping[str, float]] = []

    def is_enough(self, read: int, known: Mapping[str, float]) -> bool:
        self.told.append(known)
        return read >= self.number


def in_steps(number: int, *, read: int) -> tuple[FakeRanker, EnoughAfter]:
    ranker, rule = FakeRanker(By("rank", -1.0), By("relevance", 1.0), read), EnoughAfter(number)
    ranker.steps = typed(Steps, rule)
    return ranker, rule


def passages_read(decision: Decision) -> int:
    return sum(row.relevance is not None for row in decision.evidence)


def ask(
    cast: Cast,
    ranker: FakeRanker | None,
    read: int | None = None,
    *,
    asks_back: bool = False,
    chosen: Section | None = None,
) -> Decision:
    loaded = replace(
        models.loaded(),
        ranker=typed(Ranker | None, ranker),
        calibration=typed(Calibration, Unsure()),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "loaded", lambda: loaded)
        return pipeline.answer(
            AnswerRequest(
                workspace_id=cast.workspace.id,
                question="how long is a voucher valid?",
                history=(
                    ("visitor", "Do you take vouchers?"),
                    ("bot", "You can pay by card, by bank transfer, or with a voucher."),
                ),
                read=read,
                clarify=asks_back,
                chosen=chosen,
                risk=0.15,
            )
        )


def test_the_first_ranker_chooses_what_is_read_and_the_second_what_answers(shop: Cast) -> None:
    upside_down = FakeRanker(By("rank", 1.0), By("before", -1.0), read=2)
    plain = ask(shop, None)
    turned = ask(shop, upside_down)
    titles = [row.title for row in plain.evidence]
    read = [row.title for row in turned.evidence if row.relevance is not None]
    assert titles[0] == "About the voucher"
    assert len(read) == 2 and set(read).isdisjoint(titles[:2])
    assert turned.features["after"] == max(-row["before"] for row in turned.ranked[:2])
    assert turned.models_version != plain.models_version


def test_rows_say_what_is_known_before_and_after_reading(shop: Cast) -> None:
    before, after = By("rank", -1.0), By("relevance", 1.0)
    decision = ask(shop, FakeRanker(before, after, read=3))
    assert len(before.seen) == len(decision.evidence) and len(after.seen) == 3
    assert all("relevance" not in row for row in before.seen)
    by_title = dict(zip((row.title for row in decision.evidence), decision.ranked, strict=True))
    cited, voucher = by_title["About the card"], by_title["About the voucher"]
    assert cited["from_cited"] == 0.0 and cited["said_in_text"] == 1.0
    assert voucher["from_cited"] == 20.0
    assert voucher["asked_in_heading"] > cited["asked_in_heading"] * 0.9
    assert max(row["fused"] for row in before.seen) == 1.0
    assert sum(row["article_share"] for row in before.seen) == pytest.approx(1.0)


def test_without_a_ranker_three_are_read_and_the_caller_may_ask_for_more(shop: Cast) -> None:
    assert passages_read(ask(shop, None)) == 3
    assert passages_read(ask(shop, None, read=5)) == 5
    assert "after" not in ask(shop, None).features


def test_reading_ends_when_the_rule_says_that_it_is_enough(shop: Cast) -> None:
    for number, wanted in ((1, 1), (2, 2), (9, 3)):
        ranker, rule = in_steps(number, read=3)
        decision = ask(shop, ranker)
        assert passages_read(decision) == wanted
        assert len(rule.told) == min(wanted, 2)  # after the last one nobody is asked
        whole = ask(shop, FakeRanker(ranker.before, ranker.after, read=wanted))
        assert replace(decision, stages_ms={}) == replace(whole, stages_ms={})


def test_the_rule_is_told_what_was_read_and_what_was_not(shop: Cast) -> None:
    ranker, rule = in_steps(2, read=3)
    decision = ask(shop, ranker)
    first, second = rule.told
    assert first["other_margin"] == NOTHING != second["other_margin"]
    assert second == known(decision.ranked)
    assert second["after"] == decision.features["after"]
    assert second["before_unread"] == 2.0 - decision.ranked[0]["rank"]


def test_who_asks_for_a_number_or_chose_a_section_gets_all_of_them(shop: Cast) -> None:
    ranker, rule = in_steps(1, read=3)
    assert passages_read(ask(shop, ranker, read=4)) == 4
    first = ask(shop, ranker).evidence[0]
    section = Section(first.article_id, first.heading_path)
    assert passages_read(ask(shop, ranker, chosen=section)) == 3
    assert len(rule.told) == 1  # neither of these two asked it


def test_two_readings_are_seen_where_one_passage_was_enough_for_an_answer(
    shop: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def readings(question: str, history: object, evidence: Sequence[Evidence]) -> tuple[()]:
        seen.append(sum(row.relevance is not None for row in evidence))
        return ()

    monkeypatch.setattr(clarify, "readings", readings)
    monkeypatch.setattr(Unsure, "threshold", lambda self, risk: 0.9)
    ranker, _ = in_steps(1, read=3)
    for answers, wanted in ((True, 3), (False, 1)):
        monkeypatch.setattr(clarify, "answers", lambda row, answers=answers: answers)
        assert passages_read(ask(shop, ranker, asks_back=True)) == 1
        assert seen.pop() == wanted
    assert passages_read(ask(shop, ranker)) == 1 and not seen
