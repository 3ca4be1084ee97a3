"""What becomes of files that strangers send: made anew by a child with limits, or refused."""

import io

import pytest
from PIL import Image
from pypdf import PdfReader

from accounts.errors import RateLimited
from chatbot.filing import child
from chatbot.filing.contract import REASONS, Refused
from chatbot.filing.remaking import remake
from chatbot.filing.words import refusal
from chatbot.tests import files


def test_the_child_gives_a_clean_picture_with_a_small_one() -> None:
    made = child.remade(files.located_photo())
    assert (made.kind, made.width, made.height) == ("jpg", 30, 40)  # upright
    with Image.open(io.BytesIO(made.data)) as image:
        assert not image.getexif() and "comment" not in image.info
    assert b"Vera" not in made.data and b"home" not in made.data
    with Image.open(io.BytesIO(made.preview)) as small:
        assert max(small.size) <= 480


def test_a_child_that_is_killed_refuses_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "WALL_S", 0.01)
    with pytest.raises(Refused, match="damaged"):
        child.remade(files.picture())


def test_only_a_few_work_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "PATIENCE_S", 0.01)
    taken = [child._free.acquire() for _ in range(child.AT_ONCE)]
    try:
        with pytest.raises(RateLimited):
            child.remade(files.picture())
    finally:
        for _ in taken:
            child._free.release()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (files.picture("PNG"), "png"),
        (files.picture("JPEG"), "jpg"),
        (files.picture("WEBP"), "webp"),
        (files.animation(), "png"),
    ],
)
def test_pictures_are_known_by_their_content(data: bytes, kind: str) -> None:
    made = remake(data)
    assert made.kind == kind and made.preview
    with Image.open(io.BytesIO(made.data)) as image:
        assert getattr(image, "n_frames", 1) == 1


def test_a_large_picture_is_made_smaller() -> None:
    made = remake(files.picture("JPEG", (5_000, 100)))
    assert (made.width, made.height) == (4_096, 82)


def test_a_pdf_is_written_anew_without_its_author() -> None:
    made = remake(files.pdf())
    assert (made.kind, made.pages, made.preview) == ("pdf", 1, b"")
    assert b"Vera" not in made.data
    assert len(PdfReader(io.BytesIO(made.data)).pages) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (files.bomb(), "too_many_pixels"),
        (files.bomb(50_000, 1), "too_many_pixels"),
        (files.bomb(9_000, 9_000), "too_many_pixels"),
        (files.picture()[:60], "damaged"),
        (b"", "unknown_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown_type"),
        (b"MZ\x90\x00", "unknown_type"),
        (b"RIFF\x00\x00\x00\x00WAVE", "unknown_type"),
        (files.pdf(password="secret"), "locked_pdf"),
        (files.pdf(script="app.alert(1)"), "active_pdf"),
        (files.pdf(launch=True), "active_pdf"),
        (files.pdf(file=True), "active_pdf"),
        (b"%PDF-1.7\nnothing", "damaged"),
    ],
)
def test_what_does_harm_is_refused_in_words(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        remake(data)
    assert refused.value.code == reason and reason in REASONS
    assert refusal(reason)
