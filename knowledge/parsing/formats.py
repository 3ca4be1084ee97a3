"""One function for each file format: bytes to title and text. Runs in the parser's subprocess."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knowledge.parsing import front as front_matter
from knowledge.parsing import guards, office
from knowledge.parsing.document import ParseError

LARGEST_FILE = 50_000_000  # bytes, after decompression
MOST_PAGES = 5_000  # of a PDF

if TYPE_CHECKING:
    from pypdf import PageObject

_FIRST_HEADING = re.compile(r"^ {0,3}# +(.+?)[ \t#]*$", re.MULTILINE)
DROPPED = "script style noscript template nav header footer aside form iframe svg button dialog"


@dataclass(frozen=True)
class Parsed:
    """title is empty when the file has none. fields: url, lang, audience where the file says."""

    title: str
    text: str
    text_format: str = "markdown"
    fields: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def markdown(data: bytes) -> Parsed:
    """Front matter gives title, url, lang, audience and tags and is left out of the text."""
    front, text = front_matter.split(decoded(data))
    heading = _FIRST_HEADING.search(text)
    title = front.fields.pop("title", "") or (heading[1] if heading else "")
    told = tuple(front.tags), tuple(front.notes)
    return Parsed(_unmarked(title), text, "markdown", front.fields, *told)


def plain(data: bytes) -> Parsed:
    return Parsed("", decoded(data), "text")


def html(data: bytes) -> Parsed:
    """The main content alone, as Markdown."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(data, "html.parser")
    heading = page.find("h1") or page.title
    title = heading.get_text(" ", strip=True) if heading else ""
    root = page.find("html")
    lang = str(root.get("lang") or "")[:12] if root else ""
    for element in page.find_all(DROPPED.split()):
        element.decompose()
    main = page.find("main") or page.find(role="main") or page.find("article")
    text = as_markdown(str(main or page.body or page))
    return Parsed(title, text, "markdown", {"lang": lang.split("-")[0]} if lang else {})


def pdf(data: bytes) -> Parsed:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        document = PdfReader(io.BytesIO(data))
        if document.is_encrypted and not document.decrypt(""):
            raise ParseError("is protected by a password")
        if len(document.pages) > MOST_PAGES:
            raise ParseError(f"has more than {MOST_PAGES:,} pages")
        for page in document.pages:
            _check_pictures(page)
        pages = [page.extract_text() for page in document.pages]
        title = str((document.metadata and document.metadata.title) or "")
    except PyPdfError as error:
        raise ParseError(f"is no readable PDF: {error}") from error
    text = "\n\n".join(page.strip() for page in pages if page.strip()).replace("\0", "")
    if not text:
        raise ParseError("has no text (scanned pages?)")
    return Parsed(title, text, "text")


def _check_pictures(page: "PageObject") -> None:
    """By what the file says of them; none is decoded."""
    resources = page.get("/Resources")
    found = resources.get_object().get("/XObject") if resources is not None else None
    for one in (found.get_object() if found is not None else {}).values():
        picture = one.get_object()
        if picture.get("/Subtype") == "/Image":
            guards.check_picture((int(picture.get("/Width", 0)), int(picture.get("/Height", 0))))


def docx(data: bytes) -> Parsed:
    import mammoth

    try:
        page = mammoth.convert_to_html(io.BytesIO(data), convert_image=_no_image)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise ParseError("is no readable DOCX") from error
    text = as_markdown(page.value)
    if not text.strip():
        raise ParseError("has no text (only pictures?)")
    heading = _FIRST_HEADING.search(text)
    return Parsed(_unmarked(heading[1]) if heading else "", text)


def pptx(data: bytes) -> Parsed:
    title, text = office.slides(data)
    return Parsed(title, text)


def xlsx(data: bytes) -> Parsed:
    """A workbook without columns of questions and answers: its sheets as tables."""
    return Parsed("", office.workbook(data))


def _no_image(image: object) -> list[object]:
    return []


def as_markdown(page: str) -> str:
    import markdownify

    text = markdownify.markdownify(page, heading_style="ATX", bullets="-", strip=["img"])
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ParseError(f"is not UTF-8 text (byte {error.start:,})") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unmarked(title: str) -> str:
    title = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title)
    return " ".join(re.sub(r"\{#[^}]*\}|<[^>]+>|[`*]", "", title).split())


PARSERS: dict[str, Callable[[bytes], Parsed]] = {
    ".md": markdown,
    ".markdown": markdown,
    ".mdx": markdown,
    ".html": html,
    ".htm": html,
    ".txt": plain,
    ".text": plain,
    ".pdf": pdf,
    ".docx": docx,
    ".pptx": pptx,
    ".xlsx": xlsx,
}
ROWS = frozenset({".jsonl", ".ndjson"})
TABLES = frozenset({".csv", ".tsv"})  # of questions and answers: knowledge.parsing.tables
ARCHIVE = ".zip"
KNOWN = frozenset({*PARSERS, *ROWS, *TABLES, ARCHIVE})


def suffix(name: str) -> str:
    """The lower-case suffix that tells the format, without `.gz`; empty if none is known."""
    name = name.lower().removesuffix(".gz")
    found = "." + name.rpartition(".")[2]
    return found if found in KNOWN else ""
