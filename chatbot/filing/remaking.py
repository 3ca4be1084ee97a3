"""What a file is by its content, and a clean one made of it. Runs in the child alone.

A picture is decoded and written again from its pixels: no metadata, no hidden payload, of an
animation the first picture; its size is looked at before anything is decoded. A PDF is looked
through, object by object: one that is locked, runs programs or carries files is refused; what is
left is written again without what its author said of it.
"""

import io
import warnings
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from chatbot.filing.contract import Refused, Remade

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
KINDS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"RIFF", b"%PDF-")
LONGEST_SIDE = 20_000
MOST_PIXELS = 40_000_000
KEPT_SIDE = 4_096  # larger pictures are made smaller
PREVIEW_SIDE = 480
MOST_PAGES, MOST_OBJECTS = 2_000, 300_000
# Names of actions and parts that make a PDF do something, or carry something else (ISO 32000-2).
ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"}
)
ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR", "/Rendition",
        "/Movie", "/Sound", "/RichMediaExecute", "/GoTo3DView",
    }
)  # fmt: skip
ACTIVE_TYPES = frozenset({"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/3D", "/Movie"})
UNTOLD = ("/Metadata", "/AF", "/OpenAction", "/AA", "/PieceInfo")


def remake(data: bytes) -> Remade:
    """Raises Refused."""
    if not data.startswith(MAGIC):
        raise Refused("unknown_type")
    return _pdf(data) if data.startswith(b"%PDF-") else _picture(data)


def _picture(data: bytes) -> Remade:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd files; what matters is checked below
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _decoded(image)
    except UnidentifiedImageError:
        raise Refused("unknown_type") from None
    except Image.DecompressionBombError:
        raise Refused("too_many_pixels") from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError):
        raise Refused("damaged") from None


def _decoded(image: Image.Image) -> Remade:
    if max(image.size) > LONGEST_SIDE or image.width * image.height > MOST_PIXELS:
        raise Refused("too_many_pixels")
    wanted = "PNG" if image.format == "GIF" else str(image.format)
    image.seek(0)
    image.load()
    upright = ImageOps.exif_transpose(image)
    clean = upright.convert(_mode(upright, wanted))
    clean.info.clear()
    clean.thumbnail((KEPT_SIDE, KEPT_SIDE))
    small = clean.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return Remade(
        KINDS[wanted],
        _written(clean, wanted),
        preview=_written(small, wanted),
        width=clean.width,
        height=clean.height,
    )


def _written(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    options = {"quality": 88} if kind in {"JPEG", "WEBP"} else {"optimize": True}
    image.save(out, format=kind, **options)
    return out.getvalue()


def _mode(image: Image.Image, wanted: str) -> str:
    """Colours as every browser shows them."""
    if wanted == "JPEG":
        return "L" if image.mode == "L" else "RGB"
    return "RGBA" if image.has_transparency_data else "RGB"


def _pdf(data: bytes) -> Remade:
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise Refused("locked_pdf")
        pages = len(reader.pages)
        if not 1 <= pages <= MOST_PAGES:
            raise Refused("long_pdf" if pages else "damaged")
        _look_through(reader.trailer)
        writer = PdfWriter(clone_from=reader)
        _forget(writer)
        out = io.BytesIO()
        writer.write(out)
    except Refused:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError):
        raise Refused("damaged") from None
    except (RecursionError, MemoryError):
        raise Refused("damaged") from None
    return Remade("pdf", out.getvalue(), pages=pages)


def _look_through(trailer: DictionaryObject) -> None:
    """Every object that can be reached from the trailer, each once."""
    for number, one in enumerate(_objects(trailer)):
        if number > MOST_OBJECTS:
            raise Refused("long_pdf")
        if isinstance(one, DictionaryObject) and _is_active(one):
            raise Refused("active_pdf")


def _objects(start: Any) -> Iterator[Any]:
    seen: set[tuple[int, int]] = set()
    waiting = [start]
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            one = one.get_object()
        yield one
        if isinstance(one, DictionaryObject):
            waiting.extend(dict.values(one))
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))


def _is_active(one: DictionaryObject) -> bool:
    if not ACTIVE_KEYS.isdisjoint(one.keys()):
        return True
    named = {_name(one, key) for key in ("/Type", "/Subtype")}
    return _name(one, "/S") in ACTIVE_ACTIONS or not ACTIVE_TYPES.isdisjoint(named)


def _name(one: DictionaryObject, key: str) -> str:
    value = one.get(key)
    if isinstance(value, IndirectObject):
        value = value.get_object()
    return str(value) if isinstance(value, NameObject) else ""


def _forget(writer: PdfWriter) -> None:
    """What is said about the file, and what should happen when it is opened."""
    root = writer.root_object
    for key in UNTOLD:
        if key in root:
            del root[NameObject(key)]
    writer.metadata = None
