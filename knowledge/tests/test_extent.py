import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.extent import MOST, block_around

ARTICLE = """# Reset

Some words first. To reset your password, do this:

1. Open **Settings**.
2. Choose *Reset*.

   A note within the step.
3. Wait.

Then you are done. Call us otherwise.

| plan | price |
|------|-------|
| free | 0     |
| pro  | 10    |

```sh
reset --now
```
"""


def shown(words: str, text: str = ARTICLE) -> str:
    start = text.index(words)
    begin, end = block_around(text, start, start + len(words))
    return text[begin:end]


def test_a_few_words_bring_their_sentence() -> None:
    assert shown("you are") == "Then you are done."
    assert shown("done. Call") == "Then you are done. Call us otherwise."


@pytest.mark.parametrize("words", ["Choose", "Settings", "A note", "Wait"])
def test_a_step_brings_all_steps_and_the_sentence_that_leads_in(words: str) -> None:
    found = shown(words)
    assert found.startswith("To reset your password, do this:") and found.endswith("3. Wait.")


@pytest.mark.parametrize("before", ["---", "&nbsp;", "| * |", "…", "***"])
def test_what_holds_no_word_leads_nothing_in(before: str) -> None:
    assert shown("Open", f"{before}\n\n1. Open it.\n2. Wait.\n").endswith("1. Open it.\n2. Wait.")


def test_a_cell_brings_the_table_and_a_line_the_code() -> None:
    assert shown("pro").startswith("| plan") and shown("pro").endswith("| 10    |")
    assert shown("--now") == "```sh\nreset --now\n```"


def test_a_heading_brings_what_follows() -> None:
    assert shown("Reset").startswith("# Reset\n\nSome words first.")


def test_a_long_list_is_bounded_by_whole_items() -> None:
    text = "\n".join(f"- item {i} " + "word " * 20 for i in range(60))
    found = shown("item 30 ", text)
    assert len(found) <= MOST and found.startswith("- item") and "item 30 " in found
    assert all(line.startswith("- item") for line in found.splitlines())


@pytest.mark.parametrize(("start", "end"), [(3, 3), (5, 4), (-1, 2), (0, 10**6)])
def test_what_is_no_span_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no span"):
        block_around(ARTICLE, start, end)


def test_a_sentence_with_a_colon_brings_what_it_announces() -> None:
    text = "Set `PORT`, once or in `.env`:\n\n```\nPORT=9000 make run\n```\n\nThe default is 8000."
    begin, stop = block_around(text, 4, 10)
    assert text[begin:stop].endswith("make run\n```")
    steps = "Do this:\n\n1. Sit.\n2. Wait.\n\nGood."
    begin, stop = block_around(steps, 0, 2)
    assert steps[begin:stop].endswith("2. Wait.")


def test_a_heading_brings_the_first_words_under_it() -> None:
    text = "## Setting it up\n\n### Before you begin\n\n1. Sit.\n2. Wait.\n\nGood."
    begin, stop = block_around(text, 3, 10)
    assert text[begin:stop].startswith("## Setting it up")
    assert text[begin:stop].endswith("2. Wait.")
    assert block_around("# Alone", 2, 7) == (0, 7)


def test_a_span_in_the_blanks_before_a_row_is_held() -> None:
    assert block_around(" |x", 0, 1) == (0, 3)


@given(st.text(st.sampled_from("ab .\n-#|1`\r"), max_size=400), st.data())
@settings(max_examples=150, deadline=None)
def test_the_span_is_always_within(text: str, data: st.DataObject) -> None:
    text += "x"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    begin, stop = block_around(text, start, end)
    assert 0 <= begin <= start < end <= stop <= len(text)
