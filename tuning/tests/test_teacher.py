"""A reader that learns from a larger one, here played by one of its own size."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from tuning import base_model, train_reader
from tuning.dequantise import trained_reader
from tuning.reader_batches import ReaderRow, tensors
from tuning.reader_model import new_reader, run
from tuning.teacher import SPECIAL, Teacher, distance, token_ids

TOKENIZER = base_model.folder() / "tokenizer.json"


@pytest.fixture
def larger(tmp_path: Path) -> Path:
    """The base model with another vocabulary: numbers moved, special tokens of other names."""
    folder = tmp_path / "larger"
    shutil.copytree(base_model.folder(), folder)
    read = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    vocab = read["model"]["vocab"]
    moved = {SPECIAL.get(token, token): len(vocab) - 1 - at for token, at in vocab.items()}
    read["model"]["vocab"] = moved
    (folder / "tokenizer.json").write_text(json.dumps(read))
    return folder


def test_tokens_are_the_encoders_own(larger: Path) -> None:
    ours = json.loads(TOKENIZER.read_text("utf-8"))["model"]["vocab"]
    ids = token_ids(larger)
    assert {int(ids[ours[one]]) for one in ("[CLS]", "window")} == {
        len(ours) - 1 - ours[one] for one in ("[CLS]", "window")
    }
    read = json.loads((larger / "tokenizer.json").read_text("utf-8"))
    del read["model"]["vocab"]["window"]
    (larger / "tokenizer.json").write_text(json.dumps(read))
    with pytest.raises(ValueError, match="'window'"):
        token_ids(larger)


def test_the_reader_ends_nearer_to_its_teacher_than_by_labels_alone(
    few_rows: list[ReaderRow], larger: Path, tmp_path: Path
) -> None:
    rows = few_rows
    plan = train_reader.Plan(seconds=0.0, steps=4, encoder=larger)
    teacher = Teacher(larger, train_reader.train(rows, tmp_path / "teacher", plan))
    batch = tensors(rows)
    far = {}
    for name, told_by in (("labels", None), ("teacher", teacher)):
        plan = train_reader.Plan(seconds=0.0, steps=12)
        weights = train_reader.train(rows, tmp_path / name, plan, teacher=told_by)
        saved = torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)["state"]
        assert saved["step"] == 12
        model = new_reader().eval()
        model.load_state_dict(torch.load(weights, weights_only=True))
        far[name] = float(distance(run(model, batch), teacher(batch)).detach())
    told = teacher(batch)
    assert float(distance(told, told)) < far["teacher"] < far["labels"]


def test_a_reader_that_ships_is_a_teacher_too(few_rows: list[ReaderRow]) -> None:
    """Its logits are those of its own weights, which no untrained reader has."""
    folder, batch = Path("models/reader"), tensors(few_rows)
    told = Teacher(base_model.folder(), folder)(batch)
    shipped, untrained = new_reader().eval(), new_reader().eval()
    shipped.load_state_dict(trained_reader(folder))
    for found, model_told in zip(run(shipped, batch), told, strict=True):
        assert torch.allclose(found, model_told, atol=1e-5)
    far = distance(run(untrained, batch), told).detach()
    assert float(far) > 2 * float(distance(told, told))
