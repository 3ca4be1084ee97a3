"""Pairs and hard negatives are what their source says; training the embedder learns and mixes."""

import itertools
import random
from pathlib import Path

import pytest
import torch

from inference.embedder import Embedder
from inference.wordpiece import WordPiece
from tuning import base_model, train_embedder
from tuning.export_embedder import export_embedder, write_embedder
from tuning.hard_negatives import Miner, Piece
from tuning.reading_examples import load as load_examples
from tuning.retrieval_pairs import batches, held_out_group, load, one_view


def test_a_pair_has_the_words_that_answer_and_the_dialogue_in_three_views(data: Path) -> None:
    pairs = load(data)
    assert {pair.source for pair in pairs} == {"doc2dial", "dstc11", "medquad", "squad2"}
    assert all(p.answer in p.passage for p in pairs if p.source in {"doc2dial", "dstc11"})
    turn = next(pair for pair in pairs if pair.source == "dstc11" and len(pair.views) == 3)
    name = turn.group.removeprefix("hotel: ")
    assert turn.views[0] == "Can I bring a cat?"
    assert turn.views[1] == f"Can I bring a cat?\nI look for {name}"
    assert turn.views[2] == f"Can I bring a cat?\nFound it.\nI look for {name}"


def test_pages_places_and_illnesses_that_are_held_out_are_in_no_training_example(
    data: Path,
) -> None:
    held_out = {pair.group for pair in load(data) if pair.held_out and pair.source != "squad2"}
    assert {"hotel: YEW", "hotel: BEECH", "S: Measles", "S: Gout"} < held_out
    titles = {one.title for one in load_examples(data).train}
    assert not titles & {"Yew", "Beech", "Measles > Symptoms", "Gout > Treatment"}
    assert {"Oak", "Mumps > Symptoms"} < titles
    assert not any(held_out_group(p.group) for p in load(data) if p.group == "hotel: OAK")


def test_sets_that_bind_what_is_made_from_them_can_be_left_out(data: Path) -> None:
    assert {p.source for p in load(data, share_alike=False)} == {"doc2dial", "medquad"}
    titles = {one.title for one in load_examples(data, share_alike=False).train}
    assert "Mumps > Symptoms" in titles
    assert not titles & {"Oak", "Machines 0", "Machines 1"}


def test_a_batch_is_of_one_source_and_the_same_for_a_seed(data: Path) -> None:
    pairs = load(data)
    found = list(batches(pairs, size=4, seed=3))
    assert found == list(batches(load(data), size=4, seed=3))
    assert all(len(batch) == 4 and len({pair.source for pair in batch}) == 1 for batch in found)
    assert {one_view(pair, random.Random(1)) for pair in found[0]}


def test_the_nearest_pieces_share_words_and_meaning() -> None:
    pieces = [
        Piece("Cats", "Cats sleep all day.", "a"),
        Piece("Parking", "The car park is free.", "b"),
        Piece("Opening hours", "We open at nine.", "c"),
    ]
    embedder = Embedder(Path("models/embedder"))
    (near,) = Miner(pieces, embedder).nearest(["where can I leave my vehicle?"], count=2)
    assert near[0].title == "Parking" and len(near) == 2
    (near,) = Miner(pieces, None).nearest(["when do you open"], count=1)
    assert near[0].title == "Opening hours"


def test_negatives_are_offered_beside_each_answer(data: Path) -> None:
    examples = load_examples(data).train
    groups: dict[str, list[bool]] = {}
    for one in examples:
        if one.title in {"Oak", "Elm", "Lime"}:
            groups.setdefault(one.group, []).append(one.relevant)
    assert groups and all(found.count(True) <= 1 for found in groups.values())
    places = [one for one in examples if one.question.startswith("Can I bring a cat?")]
    named = [one for one in places if "I look for OAK" in one.question]
    assert [one.title for one in named if one.relevant] == ["Oak"]
    assert {one.title for one in named if not one.relevant} - {"Oak"}


def test_training_the_embedder_lowers_the_loss_and_mixes(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [pair for pair in load(data) if not pair.held_out and pair.source == "squad2"]
    monkeypatch.setattr(train_embedder, "BATCH", 4)
    clock = itertools.count()
    monkeypatch.setattr("tuning.timed_training.time.monotonic", lambda: float(next(clock)))
    weights = train_embedder.train(pairs, tmp_path, seconds=60)
    words = WordPiece(base_model.folder() / "tokenizer.json")
    with torch.no_grad():
        losses = [
            float(train_embedder.loss(train_embedder.between(weights, share), words, pairs, 1))
            for share in (0.0, 0.5, 1.0)
        ]
    assert losses[0] > losses[1] and losses[0] > losses[2]
    found = train_embedder.recall(train_embedder.between(weights, 1.0), load(data))
    assert set(found) == {"doc2dial", "dstc11", "medquad", "squad2"}
    assert all(0 <= one <= five <= twenty <= 1 for one, five, twenty in found.values())
    cosines = write_embedder(train_embedder.between(weights, 1.0), tmp_path / "out", name="trained")
    assert cosines["cosine_mean"] > 0.97
    assert Embedder(tmp_path / "out").encode(["hi"]).shape == (1, 384)


def test_the_base_model_is_exported_as_before(tmp_path: Path) -> None:
    assert export_embedder(tmp_path / "embedder")["cosine_mean"] > 0.98
