"""Telephone numbers in a text: what may be one, not only what is one in use.

The `phonenumbers` package (a port of Google's libphonenumber, Apache-2.0) finds groups of digits
that are as long as a number of one of REGIONS; no region is known for a visitor. Much that is none
is as long, so a number must have the look of one: seven digits or more in groups, or a word beside
it that says so. Dates, sums and version numbers are left.
"""

import re
from collections.abc import Iterator

from phonenumbers import Leniency, PhoneNumberMatcher

REGIONS = (None, "US", "GB", "FR", "DE", "NL", "DK", "ES", "IT", "PL", "RU", "BR")
FEWEST, FEWEST_NAMED, FEWEST_BARE, MOST = 7, 6, 10, 15  # digits
NEAR, NEARER = 30, 5  # characters beside, in which a word may name a number; one below FEWEST

_WORD = re.compile(
    r"\b(?:tel|phone|mobile|cell|fax|call|whatsapp|sms|office|reach|ring|answering|"
    r"handy|telefon|anruf|mobil|téléphone|teléfono|тел|телефон|звон|номер|моб)",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\s?(?:x|ext\.?|extension|доб\.?)\s?\d{1,6}(?!\w)", re.IGNORECASE)
_DATE = re.compile(
    r"(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d\d"
)
_SUM_BEFORE = re.compile(
    r"[$€£¥₽#№]\s?$|\b(?:USD|EUR|GBP|RUB|order|invoice|заказ)\s*[#№]?\s?$", re.I
)
_SUM_AFTER = re.compile(r"\s?(?:[$€£¥₽%]|(?:USD|EUR|GBP|RUB|euros?|dollars?|руб)\b)", re.IGNORECASE)
_PLACE_BEFORE = re.compile(r"\b(?:apt|suite|room|unit|flat|кв|дом|д)\.?\s?$", re.IGNORECASE)
_CARD_BEFORE = re.compile(r"\d{4}[ -]$")  # its groups of four are no telephone's
_RUSSIAN = re.compile(r"(?<![\w+])[78][ -]?\(?\d{3}\)?[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}(?!\w)")


def phones(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each, in order, without overlap, extension included."""
    found = {match.span() for match in _RUSSIAN.finditer(text)}
    for region in REGIONS:
        matcher = PhoneNumberMatcher(text, region, leniency=Leniency.POSSIBLE, max_tries=1_000)
        found |= {(match.start, match.end) for match in matcher}
    at = 0
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= at and _looks_like_one(text, start, end):
            more = _EXTENSION.match(text, end)
            at = more.end() if more else end
            yield start, at


def _looks_like_one(text: str, start: int, end: int) -> bool:
    number = text[start:end]
    digits = len(re.sub(r"\D", "", re.sub("[A-Za-z].*", "", number)))
    if not FEWEST_NAMED <= digits <= MOST or _DATE.fullmatch(number):
        return False
    before = text[:start][-12:]
    if _SUM_BEFORE.search(before) or _SUM_AFTER.match(text, end):
        return False
    inside_word = text[end : end + 1].isalpha() and _EXTENSION.match(text, end) is None
    if inside_word or _PLACE_BEFORE.search(before) or _CARD_BEFORE.search(before):
        return False
    near = NEARER if digits < FEWEST else NEAR
    words = _WORD.finditer(text, max(0, start - 2 * NEAR), end + 2 * NEAR)
    if any(one.end() >= start - near and one.start() <= end + near for one in words):
        return True
    return digits >= (FEWEST_BARE if number.isdigit() else FEWEST)
