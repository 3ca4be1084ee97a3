"""Slides and sheets to text. Runs in the child; pictures, formulas and macros are never run."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.parsing.document import ParseError

MOST_CELLS = 1_000_000
MOST_COLUMNS = 100
MOST_SHEETS = 100


@dataclass(frozen=True)
class Sheet:
    """rows: cells as text, read as they are asked for."""

    name: str
    rows: Iterable[Sequence[str]]


def slides(data: bytes) -> tuple[str, str]:
    """(title, Markdown): a heading for each slide, its text, tables and notes."""
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    try:
        deck = Presentation(io.BytesIO(data))
        parts = [_slide(slide, number) for number, slide in enumerate(deck.slides, start=1)]
    except (PythonPptxError, KeyError, ValueError) as error:
        raise ParseError("is no readable PPTX") from error
    shown = [part for part in parts if part.partition("\n")[2].strip() or part]
    if not any(part.strip() for part in shown):
        raise ParseError("has no text (only pictures?)")
    heading = next((part[3:].partition("\n")[0] for part in shown if part.startswith("## ")), "")
    return str(deck.core_properties.title or "") or heading, "\n\n".join(shown) + "\n"


def _slide(slide: Any, number: int) -> str:
    title = slide.shapes.title
    head = " ".join(title.text_frame.text.split()) if title is not None else ""
    texts = [
        text
        for shape in _shapes(slide.shapes)
        if title is None or shape.shape_id != title.shape_id
        for text in _of_shape(shape)
    ]
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        texts.append(slide.notes_slide.notes_text_frame.text.strip())
    texts = [text for text in texts if text]
    if not head and not texts:
        return ""
    return "\n\n".join([f"## {head or number}", *texts])


def _shapes(shapes: Any, depth: int = 0) -> Iterator[Any]:
    for shape in shapes:
        if hasattr(shape, "shapes") and depth < 10:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _of_shape(shape: Any) -> Iterator[str]:
    if getattr(shape, "has_table", False) and shape.has_table:
        yield table([[cell.text for cell in row.cells] for row in shape.table.rows])
    elif shape.has_text_frame:
        lines = [
            f"{'  ' * line.level}- {line.text}" if line.level else line.text
            for line in shape.text_frame.paragraphs
        ]
        yield "\n".join(line for line in lines if line.strip())


def sheets(data: bytes) -> Iterator[Sheet]:
    """Sheets with the values that were computed last. Raises ParseError."""
    import warnings

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    warnings.simplefilter("ignore")  # styles and extensions that openpyxl leaves out
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets[:MOST_SHEETS]:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()  # what the file claims need not be so
                yield Sheet(sheet.title, _rows(sheet))
    except (InvalidFileException, KeyError, ValueError, TypeError) as error:
        raise ParseError("is no readable XLSX") from error


def _rows(sheet: Any) -> Iterator[list[str]]:
    cells = 0
    for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
        cells += len(row)
        if cells > MOST_CELLS:
            raise ParseError(f"has more than {MOST_CELLS:,} cells")
        yield ["" if value is None else _shown(value) for value in row]


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).removesuffix(" 00:00:00")


def workbook(data: bytes) -> str:
    """Each sheet as a heading and a table, in Markdown."""
    parts = []
    for sheet in sheets(data):
        rows = [row for row in sheet.rows if any(cell.strip() for cell in row)]
        width = max(
            (number for row in rows for number, cell in enumerate(row, 1) if cell), default=0
        )
        if rows:
            parts.append(f"## {sheet.name}\n\n{table([row[:width] for row in rows])}")
    if not parts:
        raise ParseError("has no text")
    return "\n\n".join(parts) + "\n"


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; the first row is its head."""
    width = max((len(row) for row in rows), default=0)
    if not width:
        return ""
    lines = [
        "| " + " | ".join(_cell(cell) for cell in [*row, *[""] * (width - len(row))]) + " |"
        for row in rows
    ]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
