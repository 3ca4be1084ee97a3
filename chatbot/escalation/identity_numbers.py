"""Numbers that a state gave a person: by the form that a country gives them, or by their name.

Forms that are rare in other text count alone; where the country defines a check digit, it must be
right. Numbers of a common form (a driving licence, a passport) count where a word before names
them. Forms: the issuing offices' own descriptions, as the OECD collects them for tax numbers
(Automatic Exchange Portal, "Tax identification numbers").
"""

import re
from collections.abc import Callable, Iterator

Span = tuple[int, int]
Check = Callable[[str], bool]


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _weighed(weights: tuple[int, ...], digits: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False))


def _cpf(digits: str) -> bool:
    first = _weighed((10, 9, 8, 7, 6, 5, 4, 3, 2), digits) * 10 % 11 % 10
    second = _weighed((11, 10, 9, 8, 7, 6, 5, 4, 3, 2), digits) * 10 % 11 % 10
    return digits[9:] == f"{first}{second}"


def _pesel(digits: str) -> bool:
    month = int(digits[2:4]) % 20
    total = _weighed((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), digits)
    return 1 <= month <= 12 and 1 <= int(digits[4:6]) <= 31 and total % 10 == 0


def _nir(digits: str) -> bool:
    return int(digits[13:]) == 97 - int(digits[:13]) % 97


def _dni(number: str) -> bool:
    body = number[:-1].upper().translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23] == number[-1].upper()


def _always(_: str) -> bool:
    return True


_FORMS: tuple[tuple[str, Check], ...] = (
    (r"\d{3}-\d{2}-\d{4}", _always),  # United States, social security
    (r"\d{3} \d{2} \d{4}", _always),
    (r"[A-CEGHJ-PR-TW-Z][A-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", _always),  # United Kingdom
    (r"\d{3}[ -]\d{3}[ -]\d{3}", luhn),  # Canada
    (r"\d{3}-\d{3}-\d{3}[ -]\d{2}", _always),  # Russia, SNILS
    (r"[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}", _nir),  # France
    (r"(?:\d{8}|[XYZ]\d{7})-?[A-Z]", _dni),  # Spain
    (r"[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]", _always),  # Italy
    (r"\d{11}", _pesel),  # Poland
    (r"\d{3}\.\d{3}\.\d{3}-\d{2}", _cpf),  # Brazil
    (r"\d{6}[-+]\d{4}", luhn),  # Sweden
    (r"\d{6}[-+A]\d{3}[0-9A-FHJ-NPR-Y]", _always),  # Finland; Denmark's are alike
    (r"[2-9]\d{3} \d{4} \d{4}", _always),  # India, Aadhaar
)
_COMPILED = tuple(
    (re.compile(rf"(?<![\w.-])(?<!\d ){form}(?![\w-]| \d)", re.IGNORECASE), check)
    for form, check in _FORMS
)
_NAMED = re.compile(
    r"(?:\b(?:licen[cs]e|passport|social security|national insurance|identity card|id card|"
    r"tax(?:payer)? id(?:entification)?|medicare|nhs)(?:'?s)?(?:\s+(?:number|no\.?|nr\.?|id|card))*"
    r"|\b(?:ssn|itin|ein|nino|bsn|nif|nie|dni|cpf|pesel|aadhaar|steuer-?id|personalausweis\w*|"
    r"reisepass\w*|führerschein\w*|sozialversicherungsnummer|permis de conduire|passeport|"
    r"инн|снилс|паспорт\w*|водительск\w+(?:\s+удостоверени\w+)?|полис\w*)"
    r"(?:\s+(?:number|no\.?|nr\.?|номер|серия|№))*)"
    r"\s*(?:is|are|was|ist|lautet|est|es|[:=#№,–—-]|это|номер|серия|\s){0,4}\s*"
    r"(?P<value>(?:[A-ZА-Я]{1,4}[ -]?)?\d[\dA-Z]*(?:[ -]\d[\dA-Z]*){0,5})(?!\w)",
    re.IGNORECASE,
)
FEWEST = 5  # letters and digits of a number that a word names


def named_numbers(text: str) -> Iterator[Span]:
    """Numbers that a word before says are a person's."""
    for match in _NAMED.finditer(text):
        if sum(character.isalnum() for character in match["value"]) >= FEWEST:
            yield match.span("value")


def national_numbers(text: str) -> Iterator[Span]:
    """Numbers of a form that a country gives them; each form's in order."""
    for form, check in _COMPILED:
        for match in form.finditer(text):
            if check(re.sub(r"[^0-9A-Za-z]", "", match[0])):
                yield match.span()
