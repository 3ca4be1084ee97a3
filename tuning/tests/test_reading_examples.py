"""Examples are what their source says, and held-out pages stay out."""

import re
from pathlib import Path

from tuning import base_model
from tuning.reader_batches import MAX_TOKENS, batches, encode_all, tensors
from tuning.reading_examples import Overlap, ReadingExample, load, windows


def test_answers_stand_where_the_offsets_say(data: Path) -> None:
    answers = {
        one.passage[one.start : one.end].strip()
        for one in load(data).train
        if one.start is not None
    }
    assert {"1901", "1902"} <= answers
    assert any(answer.startswith("The fee of form") for answer in answers)


def test_unanswerable_questions_and_hard_negatives_hold_no_answer(data: Path) -> None:
    examples = load(data).train
    empty = [one for one in examples if not one.relevant]
    assert any(one.question == "When was machine 3 built?" for one in empty)
    negatives = [one for one in empty if "form" in one.question]
    assert negatives
    for one in negatives:
        (number,) = set(re.findall(r"form (\d)", one.question))
        assert f"The fee of form {number}" not in one.passage


def test_held_out_pages_are_in_no_example(data: Path) -> None:
    loaded = load(data)
    assert len(loaded.held_out_pages) == 2
    assert not {one.title for one in loaded.train} & set(loaded.held_out_pages)


def test_the_same_seed_gives_the_same_examples(data: Path) -> None:
    assert load(data).train == load(data).train
    assert load(data, seed=8).train != load(data).train


def test_the_last_stage_reads_few_of_the_encyclopedic_ones(data: Path) -> None:
    def titles(share: float) -> list[str]:
        return [one.title for one in load(data, encyclopedic_share=share).train]

    encyclopedic = sum("Machines" in title for title in titles(1.0))
    assert 0 < sum("Machines" in title for title in titles(0.2)) < encyclopedic / 2
    assert any(title.startswith("Form") for title in titles(0.0))
    assert not any("Machines" in title for title in titles(0.0))


def test_windows_cover_a_text_in_whole_lines() -> None:
    text = "".join(f"line {i} {'x' * 50}\n" for i in range(50))
    found = windows(text)
    assert "".join(text[a:b] for a, b in found) == text
    assert all(text[b - 1] == "\n" and b - a <= 900 for a, b in found)


def test_the_nearest_text_shares_the_rarest_words() -> None:
    texts = ["the red car", "the blue car is fast", "the answer itself is here"]
    assert Overlap(texts).nearest("how fast is the car?", besides="answer itself")[0] == texts[1]


def test_tokens_mark_the_answer_and_cut_answers_are_left_out() -> None:
    passage = "Zero. The fee is 12 dollars. End."
    start = passage.index("12")
    kept = ReadingExample("fee?", "Fees", passage, start, start + 10)
    cut = ReadingExample("fee?", "Fees", "word " * 600 + "12 dollars", 3000, 3010)
    rows = encode_all(base_model.folder() / "tokenizer.json", [kept, cut])
    assert len(rows) == 1
    assert rows[0].last - rows[0].first == 1
    assert len(rows[0].ids) <= MAX_TOKENS


def test_batches_hold_every_row_once() -> None:
    example = ReadingExample("q?", "T", "some words here", None, None)
    longer = ReadingExample("q?", "T", "some more words here " * 9, None, None)
    rows = encode_all(base_model.folder() / "tokenizer.json", [example, longer] * 20)
    groups = list(batches(rows, size=16, seed=1))
    assert sorted(len(row.ids) for group in groups for row in group) == sorted(
        len(row.ids) for row in rows
    )
    shapes = tensors(groups[0])
    assert shapes["input_ids"].shape == shapes["attention_mask"].shape
    assert shapes["attention_mask"].sum() == sum(len(row.ids) for row in groups[0])
