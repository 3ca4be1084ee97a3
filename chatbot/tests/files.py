"""Files as visitors send them: good ones, and those that somebody made to do harm."""

import io
import struct
import zlib

from PIL import Image
from PIL.ExifTags import Base
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, format=kind)
    return out.getvalue()


def located_photo() -> bytes:
    """A JPEG that says where and by whom it was taken, and is to be turned."""
    exif = Image.Exif()
    exif[Base.Artist] = "Vera of the Lane"
    exif[Base.Orientation] = 6
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "blue").save(out, format="JPEG", exif=exif, comment=b"home")
    return out.getvalue()


def animation() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("P", (8, 8), colour) for colour in (1, 2, 3)]
    frames[0].save(out, format="GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of a few bytes that claims to be this large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"\x00" * 1_000))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def pdf(*, password: str = "", script: str = "", launch: bool = False, file: bool = False) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(200, 100)
    writer.add_metadata({"/Author": "Vera of the Lane"})
    if script:
        name, code = NameObject("/JavaScript"), TextStringObject(script)
        action = DictionaryObject({NameObject("/S"): name, NameObject("/JS"): code})
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)
    if launch:
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("a.exe")}
        )
        page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): action})
    if file:
        writer.add_attachment("a.exe", b"MZ")
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
