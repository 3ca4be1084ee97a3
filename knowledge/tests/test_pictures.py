"""Pictures are what Pillow says they are, carry nothing hidden, and are shown to readers alone."""

import io
import struct
import zlib
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from PIL import Image, PngImagePlugin
from pytest_django import Settings

from accounts.models import AuditEntry, Member
from accounts.scope import workspace_scope
from knowledge import articles, editing, pictures
from knowledge.editing import Draft
from knowledge.models import Picture, PictureUse
from knowledge.pictures import PictureRefused
from knowledge.rendering import render_article, render_html
from knowledge.tests.test_editing import editor
from knowledge.tests.worker import work

pytestmark = pytest.mark.usefixtures("fake_model")


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> Path:
    place = {"BACKEND": settings.STORAGES["pictures"]["BACKEND"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"pictures": place}
    return tmp_path


@pytest.fixture
def erin(alices: UUID) -> Member:
    return editor(alices, "erin")


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 4), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode != "L" else 9).save(out, format=kind)
    return out.getvalue()


def huge_png() -> bytes:
    """50,000 pixels a side, in a few bytes; its pixels are never there."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1_000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body


def wide_png() -> bytes:
    return picture(size=(8_001, 5_000), mode="1")


@pytest.mark.parametrize(
    ("kind", "kept"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "png")]
)
def test_a_picture_is_kept_once_by_its_content(
    erin: Member, storage: Path, kind: str, kept: str
) -> None:
    one = pictures.keep(erin, picture(kind))
    assert pictures.keep(erin, picture(kind)).id == one.id
    assert (one.kind, one.width, one.height) == (kept, 8, 4)
    assert [path.name for path in storage.rglob("*") if path.is_file()] == [one.digest]
    assert Image.open(io.BytesIO(pictures.content(one))).size == (8, 4)
    with workspace_scope(erin.workspace_id):
        assert AuditEntry.objects.filter(action="picture.added").count() == 1


def test_nothing_hidden_is_kept(erin: Member) -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "secret")
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "secret", 6  # a description; turned by a quarter
    Image.new("RGB", (8, 4)).save(out, format="PNG", pnginfo=note, exif=exif)
    one = pictures.keep(erin, out.getvalue() + b"<script>secret</script>")
    kept = pictures.content(one)
    assert b"secret" not in kept and not Image.open(io.BytesIO(kept)).getexif()
    assert (one.width, one.height) == (4, 8)  # upright without its exif


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (b"", "no picture"),
        (b"%PDF-1.7", "no picture"),
        (picture("BMP"), "no picture"),
        (huge_png(), "no picture|million pixels"),
        (wide_png(), "40 million pixels"),
        (picture()[:45], "damaged|no picture"),
        (b"x" * 10_000_001, "10 MB"),
    ],
    ids=["svg", "empty", "pdf", "bmp", "huge", "wide", "cut", "large"],
)
def test_what_is_no_such_picture_is_refused(
    erin: Member, storage: Path, data: bytes, said: str
) -> None:
    with pytest.raises(PictureRefused, match=said):
        pictures.keep(erin, data)
    assert list(storage.iterdir()) == []
    with workspace_scope(erin.workspace_id):
        assert not Picture.objects.exists()


def shown_in(author: Member, doc_id: str, path: str, audience: str = "public") -> None:
    draft = Draft(doc_id, f"# Keys\n\n![A key]({path})\n\nGiraffe.", audience=audience)
    editing.save(author, doc_id, draft, base=0)
    work(author.workspace_id)


def test_a_visitor_sees_a_picture_as_long_as_a_public_article_shows_it(
    erin: Member, client: Client
) -> None:
    path = pictures.path("alices", pictures.keep(erin, picture()))
    assert client.get(path).status_code == 404
    shown_in(erin, "staff", path, audience="internal")
    assert client.get(path).status_code == 404
    shown_in(erin, "keys", path)
    answer = client.get(path)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "private" in answer["Cache-Control"]
    assert client.post(path).status_code == 405
    articles.archive(erin.workspace_id, "keys")
    assert client.get(path).status_code == 404


def test_a_draft_shows_its_pictures_to_nobody_outside(erin: Member, client: Client) -> None:
    path = pictures.path("alices", pictures.keep(erin, picture()))
    shown_in(erin, "keys", path)
    editing.save_draft(erin, "keys", Draft("keys", "no picture"), base=1)
    assert client.get(path).status_code == 200
    editing.save(erin, "keys", Draft("keys", "no picture"), base=2)
    work(erin.workspace_id)
    assert client.get(path).status_code == 404


def test_members_see_their_own_pictures_and_no_others(
    erin: Member, charlies: UUID, client: Client
) -> None:
    path = pictures.path("alices", pictures.keep(erin, picture()))
    client.force_login(erin.user)
    assert client.get(path).status_code == 200
    assert client.get(path.replace(".png", ".jpg")).status_code == 404
    assert client.get(path.replace("/alices/", "/charlies/")).status_code == 404
    assert client.get(path.replace("/alices/", "/nobody/")).status_code == 404
    client.force_login(editor(charlies, "charlie").user)
    assert client.get(path).status_code == 404


def test_a_file_that_was_altered_is_not_shown(erin: Member, storage: Path, client: Client) -> None:
    one = pictures.keep(erin, picture())
    client.force_login(erin.user)
    (file,) = (path for path in storage.rglob("*") if path.is_file())
    file.write_bytes(b"<script>")
    assert client.get(pictures.path("alices", one)).status_code == 404
    file.unlink()
    assert client.get(pictures.path("alices", one)).status_code == 404


def test_a_picture_of_another_workspace_is_no_use_of_ones_own(
    erin: Member, charlies: UUID, client: Client
) -> None:
    charlie = editor(charlies, "charlie")
    path = pictures.path("alices", pictures.keep(erin, picture()))
    shown_in(charlie, "mine", path)
    assert client.get(path).status_code == 404
    with workspace_scope(charlies):
        assert not PictureUse.objects.exists()


def test_articles_and_answers_show_our_pictures_and_no_other_relative_ones() -> None:
    own = f"/help/acme/pictures/{'a' * 64}.png"
    for render in (render_html, lambda text: render_article(text, "markdown")):
        assert f'<img src="{own}" alt="A key"' in render(f"![A key]({own})")
        for bad in ("/console/x.png", f"//evil.example{own}", f"{own}?x", "../x.png"):
            assert "src=" not in render(f"![x]({bad})")
