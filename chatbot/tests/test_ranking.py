"""Which passages are read, and in which order they answer: with rankers, and without."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast as typed

import numpy as np
import pytest
from numpy.typing import NDArray

from chatbot.answering import models, pipeline
from chatbot.answering.contract import AnswerRequest, Decision
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


def ask(cast: Cast, ranker: FakeRanker | None, read: int | None = None) -> Decision:
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
    def read(decision: Decision) -> int:
        return sum(row.relevance is not None for row in decision.evidence)

    assert read(ask(shop, None)) == 3
    assert read(ask(shop, None, read=5)) == 5
    assert "after" not in ask(shop, None).features
