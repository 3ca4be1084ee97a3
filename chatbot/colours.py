"""The widget's own colour, and what can be read on it.

Contrast is that of WCAG 2.2: of black and white one always has 4.5 to 1 or more.
"""

import re

COLOUR = re.compile(r"#[0-9a-f]{6}")
OWN_COLOUR = "#14665c"  # as in loader.css and widget.css
WHITE, BLACK = "#ffffff", "#000000"


def colours(chosen: str) -> dict[str, str] | None:
    """Background and text; None for the widget's own."""
    if not COLOUR.fullmatch(chosen):
        return None
    return {"brand": chosen, "on_brand": readable_on(chosen)}


def readable_on(colour: str) -> str:
    """White or black, whichever stands out more."""
    light = _luminance(colour)
    return WHITE if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else BLACK


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
