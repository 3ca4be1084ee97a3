"""What the child answers: a clean file, or why there is none."""

from dataclasses import dataclass

REASONS = ("unknown_type", "too_many_pixels", "damaged", "locked_pdf", "active_pdf", "long_pdf")


class Refused(Exception):
    """`code` is one of REASONS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Remade:
    """`preview`: a small picture as PNG or JPEG; empty for a PDF."""

    kind: str
    data: bytes
    preview: bytes = b""
    width: int = 0
    height: int = 0
    pages: int = 0
