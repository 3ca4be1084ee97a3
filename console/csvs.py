"""Tables as CSV for spreadsheets.

A cell that a spreadsheet would take for a formula is prefixed by an apostrophe: what visitors and
articles wrote must not be computed on somebody's desk (OWASP, CSV injection).
"""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")  # and full-width
MARK = "\ufeff"  # so that spreadsheets read UTF-8


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """An attachment of this name, which is ours and not a visitor's."""
    answer = HttpResponse(csv_text(head, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return MARK + text.getvalue()


def safe(cell: object) -> object:
    """Numbers stay numbers; texts that begin like a formula, spaces aside, become plain texts."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA):
        return f"'{cell}"
    return cell
