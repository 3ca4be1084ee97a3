"""How sure one may be that a passage says a sentence: with the reader, and without it."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from chatbot.escalation import agreement, likeness, supporting
from chatbot.escalation.verification import Unsupported, Verifier
from chatbot.tests.test_escalation_verification import EVIDENCE, HOSTS, QUESTION
from inference.errors import ModelUnavailable
from inference.manifest import sha256
from inference.support import Support

TRUE = "You can return most products within 14 days of delivery [1]."
FALSE = "Our shop gives every customer a birthday present [1]."


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """No reader of another test, and no weights."""
    supporting._support.cache_clear()
    monkeypatch.setattr(supporting, "_holder", supporting._Holder())


def models_with(tmp_path: Path, **changed: object) -> Path:
    """The models that ship, with a changed support.json."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "reader").symlink_to(settings.MODELS_DIR / "reader")
    shutil.copytree(settings.MODELS_DIR / "support", folder / "support")
    path = folder / "support" / "support.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    manifest = json.loads((folder / "support" / "manifest.json").read_text())
    manifest["files"] = {"support.json": sha256(path)}
    (folder / "support" / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_the_shipped_weights_fit_the_shipped_reader() -> None:
    reader = supporting.reader()
    assert reader is not None
    assert Support(settings.MODELS_DIR / "support").fits(reader.fingerprint)


@pytest.mark.parametrize("with_reader", [True, False])
def test_both_ways_tell_a_true_sentence_from_a_made_up_one(with_reader: bool) -> None:
    reader = supporting.reader() if with_reader else None
    checked = Verifier(EVIDENCE, QUESTION, hosts=HOSTS).check(TRUE, reader)
    assert checked.support >= checked.threshold
    assert (checked.relevance is None) == (reader is None)
    with pytest.raises(Unsupported, match="support"):
        Verifier(EVIDENCE, QUESTION, hosts=HOSTS).check(FALSE, reader)


def test_the_two_thresholds_are_two() -> None:
    support = Support(settings.MODELS_DIR / "support")
    assert 0 < support.read.threshold(supporting.RISK) <= 1
    assert 0 < support.words.threshold(supporting.RISK) <= 1
    assert support.read.threshold(0.123) > 1  # nobody calibrated it, so nothing passes
    assert support.read.little(0.123) < 0


def test_another_reader_is_not_listened_to(tmp_path: Path) -> None:
    with override_settings(MODELS_DIR=models_with(tmp_path, reader="another")):
        assert supporting.reader() is None
        assert Verifier(EVIDENCE, QUESTION, hosts=HOSTS).check(TRUE).relevance is None


def test_a_reader_that_is_missing_is_not_looked_for_at_each_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = models_with(tmp_path)
    (folder / "reader").unlink()
    with override_settings(MODELS_DIR=folder):
        assert supporting.reader() is None
        monkeypatch.setattr(supporting._Holder, "_load", lambda self: pytest.fail("tried again"))
        assert supporting.reader() is None


def test_without_weights_nothing_passes(tmp_path: Path) -> None:
    with override_settings(MODELS_DIR=tmp_path):
        with pytest.raises(Unsupported, match="no_model"):
            Verifier(EVIDENCE, QUESTION, hosts=HOSTS).check(TRUE)
        with pytest.raises(ModelUnavailable):
            supporting.judge({}, None)


def test_too_many_at_once_are_judged_by_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop is free meanwhile, and nobody waits in an endless line for the reader."""
    monkeypatch.setattr(supporting, "reader", lambda: "reader")
    places = supporting.READERS + supporting.MOST_WAITING

    async def run() -> list[object]:
        work = [supporting.with_reader(lambda reader: reader) for _ in range(places + 5)]
        return list(await asyncio.gather(*work))

    found = asyncio.run(run())
    assert found.count("reader") == places and found.count(None) == 5


def test_words_are_counted_as_written_by_hand() -> None:
    row = {"title": "Tea", "heading_path": (), "text": "Green tea costs ten coins. Cups are free."}
    seen = likeness.of_words("Green tea costs coins", "", [row], likeness.rarity([row]))
    assert seen["share"] == seen["rare_share"] == seen["nearest"] == 1.0
    assert seen["in_order"] == pytest.approx(2 / 3)  # green tea, tea costs, but not costs coins
    assert seen["run"] == pytest.approx(3 / 4)
    assert seen["foreign"] == 0.0
    other = {"title": "", "heading_path": (), "text": "Tea is hot. Tea is a leaf. Tea grows."}
    less = likeness.of_words("Red tea costs coins", "", [row], likeness.rarity([row, other]))
    assert less["share"] == 0.75 and less["rare_share"] < 0.75  # what nobody says weighs most
    assert less["foreign"] > 0
    as_word = likeness.of_words("Green tea costs 10 coins", "", [row], likeness.rarity([row]))
    assert as_word["in_order"] == as_word["run"] == 1.0  # ten is 10


def test_two_passages_say_a_sentence_together_and_one_twice_says_no_more() -> None:
    tea = {"title": "", "heading_path": (), "text": "Green tea costs ten coins."}
    cake = {"title": "", "heading_path": (), "text": "Apple cake is free."}
    rare = likeness.rarity([tea, cake])
    both = likeness.of_words("Green tea costs coins, apple cake is free", "", [tea, cake], rare)
    assert both["nearest"] == both["nearest_two"] == both["share"] == 1.0
    assert both["run"] == pytest.approx(6 / 7)  # green tea costs, apple cake free
    once, twice = (likeness.of_words("Green tea is free", "", [tea] * n, rare) for n in (1, 2))
    assert once == twice


@pytest.mark.parametrize(
    ("stands", "answer", "verdict"),
    [
        (
            "You can return **most products** within 14 days of delivery. [1]",
            "You can return most products within 14 days of delivery [1].",
            agreement.SUPPORTED,
        ),
        (
            "You can return most products within 14 days of delivery. [1]",
            "You can return most products within 30 days of delivery [1].",
            agreement.CONTRADICTED,
        ),
        (
            "Returns are free of charge. [1]",
            "Returns are not free of charge [1].",
            agreement.CONTRADICTED,
        ),
        (
            "You can return most products within 14 days of delivery. [1]",
            "Standard shipping takes three working days [2].",
            agreement.CONTRADICTED,
        ),
    ],
)
@pytest.mark.parametrize("with_reader", [True, False])
def test_two_answers_are_of_one_mind_or_not(
    stands: str, answer: str, verdict: str, with_reader: bool
) -> None:
    reader = supporting.reader() if with_reader else None
    asked = "Can I return products, and how much is it?"
    found = agreement.weigh(asked, stands, answer, reader)
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("probability", "verdict"),
    [(0.95, agreement.SUPPORTED), (0.5, agreement.UNCLEAR), (0.1, agreement.CONTRADICTED)],
)
def test_what_is_neither_likely_nor_unlikely_is_unclear(
    monkeypatch: pytest.MonkeyPatch, probability: float, verdict: str
) -> None:
    judged = supporting.Judged(probability, threshold=0.9, little=0.2)
    monkeypatch.setattr(agreement, "_claims", lambda *given: [judged])
    assert agreement.weigh("May I?", "You may.", "You can.", None).verdict == verdict
