"""The pictures of the documentation are those that the program takes, and small."""

import io

from PIL import Image, ImageDraw

from config.env import BASE_DIR
from tests.pictures.screens import SCREENS
from tests.pictures.shots import LARGEST, small

PICTURES = sorted((BASE_DIR / "docs" / "pictures").glob("*.png"))
BY_HAND = {"widget"}  # on the demo page, with an answer of the documentation
MOST_TOGETHER = 3_000_000


def test_every_picture_can_be_taken_again() -> None:
    assert {path.stem for path in PICTURES} - BY_HAND - set(SCREENS) == set()
    assert len(PICTURES) > 20


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in PICTURES}
    assert {name for name, size in sizes.items() if size > LARGEST} == set()
    assert sum(sizes.values()) < MOST_TOGETHER


def test_fewer_colours_change_no_pixel_of_a_plain_page() -> None:
    page = Image.new("RGB", (300, 200), "#f6f7f9")
    ImageDraw.Draw(page).rectangle((20, 20, 200, 90), fill="#2450b8", outline="#ffffff")
    out = io.BytesIO()
    page.save(out, format="PNG")
    with Image.open(io.BytesIO(small(out.getvalue()))) as image:
        assert image.mode == "P"
        assert image.convert("RGB").tobytes() == page.tobytes()
