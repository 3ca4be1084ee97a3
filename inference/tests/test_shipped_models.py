"""The models that ship: they load, give the same numbers alone and in company, and make sense."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from inference import models
from inference.embedder import MAX_TEXTS
from inference.errors import InputTooLong, ModelUnavailable
from inference.manifest import NO_RANKER
from inference.models import Models
from inference.reader import MAX_PASSAGES, ReaderPassage
from inference.tests.conftest import FOLDER

RETURNS = ReaderPassage("Returns", ("Refunds",), "A refund is paid within 14 days of the return.")
OPENING = ReaderPassage("Shop", (), "Our shop in Lisbon opens at nine and closes at eighteen.")


def test_vectors_have_unit_length_and_near_meanings_are_near(shipped: Models) -> None:
    question, near, far = shipped.embedder.encode(
        ["How do I get my money back?", RETURNS.text, "The moon is far away."]
    )
    assert np.linalg.norm(question) == pytest.approx(1.0, abs=1e-5)
    assert question @ near > question @ far + 0.1


def test_a_text_gets_the_same_vector_alone_and_among_others(shipped: Models) -> None:
    alone = shipped.embedder.encode(["short"])
    among = shipped.embedder.encode(["a much longer text " * 30, "short", "short"])
    assert np.array_equal(alone[0], among[1])
    assert np.array_equal(among[1], among[2])


def test_empty_and_endless_texts_have_vectors(shipped: Models) -> None:
    vectors = shipped.embedder.encode(["", "word " * 50_000, "\x00 \ud7ff 📱"])
    assert np.isfinite(vectors).all()


def test_too_many_texts_and_passages_are_refused(shipped: Models) -> None:
    with pytest.raises(InputTooLong, match="4097 texts"):
        shipped.embedder.encode(["x"] * (MAX_TEXTS + 1))
    with pytest.raises(InputTooLong, match="65 passages"):
        shipped.reader.read("x", [OPENING] * (MAX_PASSAGES + 1))


def test_the_reader_finds_the_words_in_code_points(shipped: Models) -> None:
    passage = ReaderPassage("Shop", (), "📱 Ünïcode first. " + OPENING.text)
    reading = shipped.reader.read("When does the shop in Lisbon open?", [passage])[0]
    assert reading.start is not None and reading.end is not None
    assert "nine" in passage.text[reading.start : reading.end]


def test_the_reader_prefers_the_passage_that_answers(shipped: Models) -> None:
    right, wrong = shipped.reader.read(
        "How many days until the refund is paid?", [RETURNS, OPENING]
    )
    assert right.relevance > wrong.relevance
    assert right.span_score - right.no_answer_score > wrong.span_score - wrong.no_answer_score


def test_a_passage_is_read_the_same_alone_and_among_others(shipped: Models) -> None:
    alone = shipped.reader.read("When does it open?", [OPENING])[0]
    among = shipped.reader.read("When does it open?", [RETURNS, OPENING])[1]
    assert alone == among


def test_a_passage_without_words_holds_no_answer(shipped: Models) -> None:
    reading = shipped.reader.read("When?", [ReaderPassage("", (), " ")])[0]
    assert reading.start is None
    assert reading.span_score < reading.no_answer_score


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("hello there", "greeting"),
        ("thank you so much", "thanks"),
        ("I want to talk to a person", "person"),
        ("can I speak to a human please?", "person"),
        ("How do I reset my password?", "question"),
        ("hi, where is my order?", "question"),
        ("How do I add an agent to my team?", "question"),
        ("Привет", "greeting"),
        ("Do you share my information with others?", "question"),
        ("Your support is useless and I am fed up", "complaint"),
        ("Where can I complain about a parcel?", "question"),
        ("Write an essay about the second world war", "out_of_scope"),
        ("Do you have a shop in Porto?", "question"),
    ],
)
def test_intents(shipped: Models, text: str, label: str) -> None:
    assert shipped.intent.classify(shipped.embedder.encode([text]))[0].label == label


def test_the_calibration_is_for_these_models(shipped: Models) -> None:
    used = {"embedder": shipped.embedder.fingerprint, "reader": shipped.reader.fingerprint}
    used["ranker"] = shipped.ranker.fingerprint if shipped.ranker else NO_RANKER
    used["intent"] = shipped.intent.fingerprint
    assert shipped.calibration.fits(used)
    assert not shipped.calibration.fits({**used, "reader": "another"})
    assert not shipped.calibration.fits({**used, "ranker": "another"})
    assert not shipped.calibration.fits({**used, "intent": "another"})


def test_the_calibration_knows_what_is_out_of_scope(shipped: Models) -> None:
    features = dict.fromkeys(shipped.calibration.feature_names, 0.0)
    near = features | {"dense": 0.8, "margin": 8.0, "relevance": 0.99, "overlap": 0.9}
    far, close = shipped.calibration.out_of_scope(features), shipped.calibration.out_of_scope(near)
    assert far is not None and close is not None and close < far


def copy_of_models(folder: Path) -> Path:
    target = folder / "models"
    shutil.copytree(FOLDER, target)
    return target


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    folder = copy_of_models(tmp_path)
    with (folder / "reader" / "model.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelUnavailable, match=r"model\.onnx is missing or was altered"):
        models.load(folder)


def test_a_model_that_gives_other_numbers_is_refused(tmp_path: Path) -> None:
    folder = copy_of_models(tmp_path)
    path = folder / "reader" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["checks"][0]["relevance"] += 0.5
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="gives other numbers"):
        models.load(folder)


def test_a_calibration_of_other_models_is_refused(tmp_path: Path) -> None:
    folder = copy_of_models(tmp_path)
    shutil.copytree(folder / "reader", folder / "old")
    manifest = json.loads((folder / "calibration" / "manifest.json").read_text(encoding="utf-8"))
    raw = json.loads((folder / "calibration" / "calibration.json").read_text(encoding="utf-8"))
    raw["models"]["reader"] = "0" * 16
    path = folder / "calibration" / "calibration.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    from inference.manifest import sha256

    manifest["files"]["calibration.json"] = sha256(path)
    (folder / "calibration" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="computed for other models"):
        models.load(folder)
