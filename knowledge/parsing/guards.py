"""What a file is by its first bytes, and what no file may hold. Runs in the child.

Nothing here unpacks or decodes more than the first bytes of a part: a picture's size is read from
its header. ParseError says what is wrong, for whoever gave the file.
"""

import io
import stat
import struct
import zipfile

from knowledge.parsing.document import ParseError

LARGEST_PACKED = 200_000_000  # declared bytes of a file's parts together
MOST_PARTS = 5_000
LONGEST_SIDE = 20_000  # pixels of a picture
HEAD = 65_536  # bytes of a part that are looked at
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = "EncryptedPackage".encode("utf-16-le")
OFFICE = {
    ".docx": ("DOCX", "word/document.xml"),
    ".pptx": ("PPTX", "ppt/presentation.xml"),
    ".xlsx": ("XLSX", "xl/workbook.xml"),
}
KINDS = {
    b"%PDF-": "PDF",
    b"PK\x03\x04": "ZIP or Office",
    b"\x89PNG": "PNG picture",
    b"\xff\xd8\xff": "JPEG picture",
    b"GIF8": "GIF picture",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7-Zip",
    b"\x1f\x8b": "gzip",
    OLE: "old Office",
}


def check(suffix: str, data: bytes) -> None:
    """Refuse what is not what its name says, is locked, or is a bomb. Raises ParseError."""
    if suffix in OFFICE:
        _check_office(suffix, data)
    elif suffix == ".pdf":
        if b"%PDF-" not in data[:1024]:
            raise ParseError(f"is no readable PDF{_instead(data)}")
    elif found := kind(data):
        raise ParseError(f"is another kind of file than its name says: {found}")


def kind(data: bytes) -> str:
    """What the first bytes say, or nothing."""
    return next((name for magic, name in KINDS.items() if data.startswith(magic)), "")


def _instead(data: bytes) -> str:
    found = kind(data)
    return f" but {found}" if found else ""


def _check_office(suffix: str, data: bytes) -> None:
    name, main = OFFICE[suffix]
    if data.startswith(OLE):
        if LOCKED in data:
            raise ParseError("is protected by a password")
        raise ParseError(f"is an old Office file; save it as {name}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            check_parts(parts)
            if main not in archive.namelist():
                raise ParseError(f"is no readable {name}")
            for part in parts:
                _check_part(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        raise ParseError(f"is no readable {name}{_instead(data[:2])}") from None


def check_parts(parts: list[zipfile.ZipInfo]) -> None:
    """Sizes as the archive declares them; no part gives more than that when it is read."""
    declared = sum(part.file_size for part in parts)
    if declared > LARGEST_PACKED or len(parts) > MOST_PARTS:
        raise ParseError(f"unpacks to {declared:,} bytes in {len(parts):,} parts: refused")
    if any(is_locked(part) for part in parts):
        raise ParseError("is protected by a password")


def is_locked(part: zipfile.ZipInfo) -> bool:
    return bool(part.flag_bits & 1)


def is_link(part: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(part.external_attr >> 16)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    if part.filename.endswith((".xml", ".rels")):
        head = _head(archive, part).replace(b"\0", b"")  # also in UTF-16
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise ParseError("holds XML with entities: refused")
    elif "/media/" in part.filename:
        check_picture(picture_size(_head(archive, part)))


def _head(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    with archive.open(part) as file:
        return file.read(HEAD)


def check_picture(size: tuple[int, int] | None) -> None:
    """Pictures are not read, yet one of this size was made to break what opens it."""
    if size and max(size) > LONGEST_SIDE:
        raise ParseError(f"holds a picture of {size[0]:,} × {size[1]:,} pixels: refused")


def picture_size(head: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, BMP or JPEG from its header; None if it is none of them."""
    try:
        if head.startswith(b"\x89PNG"):
            width, height = struct.unpack(">II", head[16:24])
        elif head.startswith(b"GIF8"):
            width, height = struct.unpack("<HH", head[6:10])
        elif head.startswith(b"BM"):
            width, height = struct.unpack("<ii", head[18:26])
        elif head.startswith(b"\xff\xd8"):
            return _jpeg_size(head)
        else:
            return None
    except struct.error:
        return None
    return abs(width), abs(height)


def _jpeg_size(head: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        (length,) = struct.unpack(">H", head[at + 2 : at + 4])
        at += 2 + max(length, 2)
    return None
