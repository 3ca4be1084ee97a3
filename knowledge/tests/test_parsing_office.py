"""Slides, sheets, tables of questions, ZIPs; and what is locked, false or a bomb."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from pptx import Presentation
from pypdf import PdfReader, PdfWriter

from knowledge.parsing import reader
from knowledge.parsing.document import Broken, Document
from knowledge.tests import files
from knowledge.tests.test_parsing import document, reason

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def every(path: Path, data: bytes) -> list[Document | Broken]:
    path.write_bytes(data)
    return list(reader.read(path))


def slides(*texts: str) -> bytes:
    deck = Presentation()
    for text in texts:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text_frame.text = f"About {text}"
        slide.placeholders[1].text_frame.text = f"A {text} is here."
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def sheet(*rows: list[object]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def picture(width: int, height: int) -> bytes:
    """The head of a PNG; nothing needs the rest."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(9)


def added(data: bytes, name: str, more: bytes) -> bytes:
    """An Office file with one more part."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, more)
    return out.getvalue()


def locked(data: bytes) -> bytes:
    """The same ZIP with the bit that says that its first entry is encrypted."""
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(mark) + at
        data = data[:place] + bytes([data[place] | 1]) + data[place + 1 :]
    return data


def test_slides_give_their_titles_texts_and_order(tmp_path: Path) -> None:
    found = document(tmp_path / "a.pptx", slides("giraffe", "walrus"))
    assert found.text == (
        "## About giraffe\n\nA giraffe is here.\n\n## About walrus\n\nA walrus is here.\n"
    )


def test_a_workbook_gives_tables(tmp_path: Path) -> None:
    found = document(tmp_path / "prices.xlsx", sheet(["Plan", "Euro"], ["Big|one", 10.0]))
    assert found.title == "prices"
    assert found.text == "## Sheet\n\n| Plan | Euro |\n| --- | --- |\n| Big\\|one | 10 |\n"


@pytest.mark.parametrize("head", ["Question,Answer", "вопрос;Ответ", "\ufeffQ\tA"])
def test_a_table_of_questions_gives_an_article_each(tmp_path: Path, head: str) -> None:
    sign = next(sign for sign in ",;\t" if sign in head)
    rows = [head, f'Where?{sign}"Here,\nor there"', f"When?{sign}Now", f"Why?{sign}", f"{sign}So"]
    first, second, third, fourth = every(tmp_path / "faq.csv", "\n".join(rows).encode())
    assert isinstance(first, Document) and (first.title, first.text_format) == ("Where?", "text")
    assert first.text == "Here,\nor there" and first.doc_id.startswith("faq.csv#")
    assert isinstance(second, Document) and second.doc_id != first.doc_id
    assert isinstance(third, Broken) and third.reason == "has no answer"
    assert isinstance(fourth, Broken) and fourth.reason == "has no question"
    assert fourth.place == "faq.csv, line 5" or "line" in fourth.place


def test_a_sheet_of_questions_keeps_ids_addresses_and_audience(tmp_path: Path) -> None:
    rows = sheet(
        ["id", "Answer", "Question", "url", "audience"],
        [7, "Now", "When?", "https://a.example/", "internal"],
        [8, "No", "If?", "", "everyone"],
    )
    good, bad = every(tmp_path / "faq.xlsx", rows)
    assert good == Document(
        "faq.xlsx#7", "When?", "Now", "text", "https://a.example/", audience="internal"
    )
    assert isinstance(bad, Broken) and "audience is none of" in bad.reason


def test_a_zip_gives_each_of_its_files_and_a_line_for_each_that_is_refused(tmp_path: Path) -> None:
    data = packed(
        **{
            "help/a.md": b"# A\n\nA giraffe.",
            "../up.md": b"x",
            "/root.md": b"x",
            "inner.zip": packed(a=b"x"),
            "pic.png": b"x",
            ".hidden.md": b"x",
            "broken.pdf": b"%PDF broken",
            "b.txt": b"A walrus.",
        }
    )
    found = {
        one.doc_id: one.text if isinstance(one, Document) else one.reason
        for one in every(tmp_path / "all.zip", data)
    }
    assert found.pop("all.zip/broken.pdf").startswith("is no readable PDF")
    assert found == {
        "all.zip/help/a.md": "# A\n\nA giraffe.",
        "all.zip/../up.md": "leads out of the folder: refused",
        "all.zip//root.md": "leads out of the folder: refused",
        "all.zip/inner.zip": "is a ZIP inside a ZIP: refused",
        "all.zip/b.txt": "A walrus.",
        "all.zip": "1 file of another format was passed over",
    }


def test_links_and_locked_entries_of_a_zip_are_refused_one_by_one(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("locked.md", "x")
        link = zipfile.ZipInfo("link.md")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("fine.md", "fine")
    first, second, third = every(tmp_path / "a.zip", locked(out.getvalue()))
    assert isinstance(first, Broken) and first.reason == "is protected by a password"
    assert isinstance(second, Broken) and second.reason == "is a link: refused"
    assert isinstance(third, Document) and third.text == "fine"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({f"{number}.md": bytes(30_000_000) for number in range(3)}, "unpacks to 90,000,000"),
        ({f"{number}.md": b"x" for number in range(2_001)}, "holds 2,001 files"),
        ({".hidden": b"x"}, "holds no file that can be imported"),
    ],
)
def test_a_zip_bomb_is_refused_as_a_whole(
    tmp_path: Path, members: dict[str, bytes], said: str
) -> None:
    assert said in reason(tmp_path / "a.zip", packed(**members))


def test_what_is_locked_says_so(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(files.pdf("secret"))))
    writer.encrypt("giraffe", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert reason(tmp_path / "a.pdf", out.getvalue()) == "is protected by a password"
    office = OLE + "EncryptedPackage".encode("utf-16-le")
    for name in ("a.docx", "a.pptx", "a.xlsx"):
        assert reason(tmp_path / name, office) == "is protected by a password"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.docx", OLE, "is an old Office file; save it as DOCX"),
        ("a.docx", packed(a=b"x"), "is no readable DOCX"),
        ("a.pptx", b"PK\x03\x04 nothing", "is no readable PPTX"),
        ("a.xlsx", b"nothing", "is no readable XLSX"),
        ("a.pdf", b"\x89PNG", "is no readable PDF but PNG picture"),
        ("a.md", b"%PDF-1.4", "is another kind of file than its name says: PDF"),
        ("a.csv", b"PK\x03\x04", "another kind of file than its name says: ZIP or Office"),
        ("a.csv", b"one,two\n1,2", "has no columns named question and answer"),
        ("a.csv", b"question,answer\n", "has no questions"),
        ("a.zip", b"PK nothing", "is no readable ZIP"),
        ("a.pptx", slides(), "has no text (only pictures?)"),
        ("a.xlsx", sheet(), "has no text"),
        ("a.pdf", files.pdf(""), "has no text (scanned pages?)"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    assert said in reason(tmp_path / name, data)


def test_a_picture_of_fifty_thousand_pixels_is_never_opened(tmp_path: Path) -> None:
    said = "holds a picture of 50,000 × 50,000 pixels: refused"
    bomb = picture(50_000, 50_000)
    word = added(files.docx(heading="A", paragraphs=["b"]), "word/media/image1.png", bomb)
    assert reason(tmp_path / "a.docx", word) == said
    assert reason(tmp_path / "a.pptx", added(slides("x"), "ppt/media/image1.png", bomb)) == said
    fine = added(slides("x"), "ppt/media/image1.png", picture(800, 600))
    assert document(tmp_path / "b.pptx", fine).text
    page = files.pdf("words").replace(
        b"/Resources <<",
        b"/Resources << /XObject << /A 6 0 R >>",
    )
    image = b"6 0 obj\n<< /Type /XObject /Subtype /Image /Width 50000 /Height 50000 /Length 0 >>\n"
    page = page.replace(b"xref\n0 6", image + b"stream\n\nendstream\nendobj\nxref\n0 6")
    assert reason(tmp_path / "a.pdf", page) == said


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_xml_with_entities_is_refused(tmp_path: Path, part: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet(["a"]))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == part:
                data = files.BILLION_LAUGHS.encode() + data.partition(b"?>")[2]
            new.writestr(name, data)
    assert reason(tmp_path / "a.xlsx", out.getvalue()) == "holds XML with entities: refused"
