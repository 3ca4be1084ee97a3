"""Files of every format, broken and hostile ones included, through the parser's subprocess."""

import gzip
import json
import time
from pathlib import Path

import pytest

from knowledge.parsing import reader
from knowledge.parsing.document import Broken, Document
from knowledge.tests import files


def one(path: Path, data: bytes) -> Document | Broken:
    path.write_bytes(data)
    (found,) = reader.read(path)
    return found


def document(path: Path, data: bytes) -> Document:
    found = one(path, data)
    assert isinstance(found, Document), found
    return found


def reason(path: Path, data: bytes) -> str:
    found = one(path, data)
    assert isinstance(found, Broken), found
    assert found.doc_id == found.place == path.name
    return found.reason


def test_markdown_keeps_its_text_and_takes_fields_from_front_matter(tmp_path: Path) -> None:
    data = b"---\ntitle: Keys\nlang: de\nurl: https://a.example/k\n---\n# Other\n\nText \xc3\xa4.\n"
    assert document(tmp_path / "a.md", data) == Document(
        "a.md", "Keys", "# Other\n\nText ä.\n", "markdown", "https://a.example/k", "de"
    )


def test_plain_text_is_no_markdown(tmp_path: Path) -> None:
    found = document(tmp_path / "read me.txt", b"# one\r\ntwo")
    assert (found.title, found.text, found.text_format) == ("read me", "# one\ntwo", "text")


def test_html_gives_the_main_content_without_scripts(tmp_path: Path) -> None:
    page = b"""<html lang=en-GB><title>T</title><nav>Menu</nav><main><h1>Reset</h1>
    <script>steal()</script><p>Open <b>Settings</b>.</p><ul><li>one</li></ul></main></html>"""
    found = document(tmp_path / "a.html", page)
    assert (found.title, found.lang) == ("Reset", "en")
    assert found.text == "# Reset\n\nOpen **Settings**.\n\n- one\n"


def test_word_gives_headings_and_paragraphs(tmp_path: Path) -> None:
    data = files.docx(heading="Returns", paragraphs=["Within 30 days.", "With receipt."])
    found = document(tmp_path / "a.docx", data)
    assert (found.title, found.text) == (
        "Returns",
        "# Returns\n\nWithin 30 days.\n\nWith receipt.\n",
    )


def test_pdf_gives_its_words(tmp_path: Path) -> None:
    found = document(tmp_path / "a.pdf", files.pdf("Shipping takes two days."))
    assert (found.text, found.text_format) == ("Shipping takes two days.", "text")


def test_rows_keep_their_text_to_the_character(tmp_path: Path) -> None:
    text = " \r\nA\u2028B 😀\t\n\n"
    rows = [{"doc_id": "a", "title": "A", "text": text}, {"doc_id": "b", "title": "", "text": "x"}]
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    first, second = reader.read(path)
    assert first == Document("a", "A", text) and second == Document("b", "b", "x")


def test_a_compressed_file_is_named_by_its_whole_name(tmp_path: Path) -> None:
    found = document(tmp_path / "a.md.gz", gzip.compress(b"# A\n\nb"))
    assert (found.doc_id, found.title) == ("a.md.gz", "A")


def test_hidden_and_unknown_files_are_passed_over(tmp_path: Path) -> None:
    for name in (".git/a.md", ".b.md", "c.png", "d/e.md", "a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [name for _, name in reader.files(tmp_path)] == ["a.txt", "d/e.md"]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.md", b"caf\xe9", "is not UTF-8 text (byte 3)"),
        ("a.md", b" \n", "has no text"),
        ("a.md", b"a\0b", "text contains a NUL character"),
        ("a.md.gz", b"no gzip", "Not a gzipped file"),
        ("a.md.gz", gzip.compress(b"x" * 9_000)[:-12], "Compressed file ended"),
        ("a.pdf", b"%PDF-1.4 nothing", "is no readable PDF"),
        ("a.docx", b"PK nothing", "is no readable DOCX"),
        ("a.png", b"x", "is of no format that can be imported"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    assert said in reason(tmp_path / name, data)


def test_a_page_nested_without_end_is_one_line(tmp_path: Path) -> None:
    assert reason(tmp_path / "a.html", b"<div>" * 20_000 + b"x") == "is nested too deeply"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[1]", "is not a JSON object"),
        ("{", "is not JSON"),
        ('{"doc_id": "a", "title": "t"}', "has no text"),
        ('{"doc_id": "a", "title": "t", "text": "x", "lang": 3}', "field that is no string"),
        ('{"doc_id": "a", "title": "t", "text": "\\ud800"}', "half of a surrogate pair"),
        ('{"doc_id": "", "title": "t", "text": "x"}', "doc_id is empty"),
        ('{"doc_id": "a", "title": "t", "text": "x", "url": "javascript:1"}', "url is not"),
    ],
)
def test_a_broken_row_is_one_line_and_the_next_goes_on(
    tmp_path: Path, line: str, said: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{line}\n\n{{"doc_id": "z", "title": "Z", "text": "z"}}')
    broken, good = reader.read(path)
    assert isinstance(broken, Broken) and said in broken.reason
    assert broken.place == "rows.jsonl, line 1"
    assert isinstance(good, Document) and good.doc_id == "z"


def test_rows_behind_a_damaged_place_are_not_known(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"doc_id": "a", "title": "A", "text": "a"}\n' * 99)[:-12])
    *_, last = reader.read(path)
    assert isinstance(last, Broken) and last.doc_id is None


def test_bombs_are_refused(tmp_path: Path) -> None:
    zeros = bytes(250_000_000)
    assert "larger than" in reason(tmp_path / "a.txt.gz", gzip.compress(zeros, 1))
    packed = files.docx(heading="h", paragraphs=[], extra=zeros)
    assert "refused" in reason(tmp_path / "a.docx", packed)
    laughs = files.docx(heading="&a11;", paragraphs=[], prolog=files.BILLION_LAUGHS)
    assert reason(tmp_path / "b.docx", laughs)


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read(tmp_path: Path) -> None:
    rows = tmp_path / "a.jsonl.gz"  # blank lines without end, as far as the limit is concerned
    rows.write_bytes(gzip.compress(b"\n" * 400_000_000, 1))
    (tmp_path / "b.md").write_text("fine")
    started = time.monotonic()
    slow, good = reader.read(tmp_path, wall_s=1.0)
    assert slow == Broken(None, "a.jsonl.gz", "takes longer than 1 s to read")
    assert isinstance(good, Document) and good.text == "fine"
    assert time.monotonic() - started < 10
