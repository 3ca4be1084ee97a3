"""Kept answers with the models that ship: paraphrases are answered again, near misses are not."""

import json
import shutil
from pathlib import Path

import pytest
from django.test import override_settings

from chatbot.answering import models, pipeline
from chatbot.escalation import cache_calibration
from chatbot.tests.caching import ANSWER, QUESTION, RETURNS, FakeReader, Shop, replies
from chatbot.tests.escalating import Escalated

pytestmark = pytest.mark.django_db(transaction=True)
SAME = [
    "How many days do I have to return the product?",
    "how many days do i have for returning a product",
]
OTHERS = [
    "How many days do I have to pay for a product?",
    "How many days do I not have to return a product?",
    "Where do I return a product?",
    "How many days does it take until a product is delivered?",
    "Can I exchange my shoes for another size?",
]


@pytest.fixture
def real(escalated: Escalated, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Only tier 1's decision is given: it escalates everything."""
    made = Shop(escalated, FakeReader())
    escalated.server.answer = ANSWER
    monkeypatch.setattr(pipeline, "answer", made.decides)
    made.publishes(Returns=RETURNS)
    return made


def test_the_calibration_that_ships_is_for_the_models_that_ship() -> None:
    calibration = cache_calibration.loaded()
    assert calibration is not None and calibration.fits(models.loaded().fingerprints)
    assert calibration.bounds(0.15) is not None
    assert calibration.bounds(0.01) is None  # then the same words alone are given again


def test_paraphrases_are_answered_again_and_other_questions_are_not(real: Shop) -> None:
    real.asks()
    for text in SAME:
        assert [one.repeated for one in replies(real.asks(text))] == [True], text
    assert real.calls() == 1
    for number, text in enumerate(OTHERS, start=2):
        real.asks(text)
        assert real.calls() == number, text
    assert QUESTION in [entry.question for entry in real.entries()]


def test_an_altered_or_missing_calibration_answers_nothing_again(tmp_path: Path) -> None:
    folder = tmp_path / cache_calibration.FOLDER
    with override_settings(MODELS_DIR=tmp_path):
        assert cache_calibration.loaded() is None
    other = tmp_path / "other"
    shutil.copytree(Path("models") / cache_calibration.FOLDER, other / folder.name)
    file = other / folder.name / cache_calibration.FILE
    raw = json.loads(file.read_text())
    raw["thresholds"] = {risk: {"cosine": 0.0, "gain": -99.0} for risk in raw["thresholds"]}
    file.write_text(json.dumps(raw))
    with override_settings(MODELS_DIR=other):
        assert cache_calibration.loaded() is None
