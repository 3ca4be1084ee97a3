"""A workspace's own reader and embedder: trained on from what ships, exported, and loadable."""

from pathlib import Path

import pytest
import torch

from inference.embedder import Embedder
from inference.intent import IntentHead
from inference.models import load_embedder, load_reader
from inference.reader import ReaderPassage
from tuning.artefact import FIXED_TEXTS
from tuning.finetune_embedder import FEWEST_PAIRS, carry_over, finetune_embedder
from tuning.finetune_reader import between, finetune_reader
from tuning.reading_examples import ReadingExample
from tuning.retrieval_pairs import RetrievalPair

MODELS = Path("models")
TEXT = "The anvil weighs 12 kilograms. It is made of steel."


def examples() -> list[ReadingExample]:
    found = []
    for number in range(8):
        question = f"How heavy is anvil {number}?"
        found.append(ReadingExample(question, "The anvil", TEXT, 17, 29, str(number)))
        found.append(ReadingExample(question, "Opening", "We open at 9.", None, None, str(number)))
    return found


def pairs(count: int) -> list[RetrievalPair]:
    return [
        RetrievalPair("own", f"page {at % 7}", (f"What is {at}?",), f"It is {at}.", f"{at}.", False)
        for at in range(count)
    ]


def test_a_reader_trained_on_is_whole_and_reads(tmp_path: Path) -> None:
    said: list[float] = []
    out = finetune_reader(examples(), MODELS / "reader", tmp_path, seconds=2, on_step=said.append)
    reader = load_reader(out.parent, name=out.name)
    assert reader.fingerprint != load_reader(MODELS).fingerprint
    (reading,) = reader.read("How heavy is anvil 1?", [ReaderPassage("The anvil", (), TEXT)])
    assert reading.relevance > 0.5 and 0 < max(said) <= 1


def test_what_stops_a_training_stops_it(tmp_path: Path) -> None:
    def stop(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        finetune_reader(examples(), MODELS / "reader", tmp_path, seconds=60, on_step=stop)
    assert not (tmp_path / "reader").exists()


def test_an_embedder_trained_on_takes_the_intent_head_along(tmp_path: Path) -> None:
    out = finetune_embedder(pairs(80), MODELS / "embedder", tmp_path, seconds=2)
    old, new = Embedder(MODELS / "embedder"), load_embedder(out.parent, name=out.name)
    assert new.fingerprint != old.fingerprint
    texts = [*FIXED_TEXTS, *(pair.passage for pair in pairs(40))]
    agreed = carry_over(MODELS / "intent", old, new, texts, tmp_path / "intent")
    # How far it moves in two seconds depends on the machine: .92 to 1 of these texts were seen.
    assert agreed >= 0.8
    head = IntentHead(tmp_path / "intent")
    assert head.embedder == new.fingerprint
    wishes = ["I want to talk to a person", "How do I reset my password?"]
    labels = [one.label for one in head.classify(new.encode(wishes))]
    assert labels == ["person", "question"]


def test_too_few_pairs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=str(FEWEST_PAIRS)):
        finetune_embedder(pairs(FEWEST_PAIRS - 1), MODELS / "embedder", tmp_path, seconds=1)


def test_weights_lie_on_the_way() -> None:
    start = {"a": torch.tensor([0.0, 2.0]), "n": torch.tensor([3])}
    end = {"a": torch.tensor([4.0, 2.0]), "n": torch.tensor([5])}
    found = between(start, end, 0.25)
    assert found["a"].tolist() == [1.0, 2.0] and found["n"].tolist() == [5]
