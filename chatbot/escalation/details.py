"""Where personal details and secrets stand in a text.

Each finder yields (start, end) spans; the finders are listed in order of precedence. Card numbers
must pass Luhn (ISO/IEC 7812), IBANs the remainder of ISO 13616, IP addresses the parser. For the
rest a false alarm only costs the model a word, since every replacement is put back.
"""

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address

from chatbot.escalation.identity_numbers import luhn, named_numbers, national_numbers
from chatbot.escalation.phones import phones

Span = tuple[int, int]
Finder = Callable[[str], Iterator[Span]]
TAKEN = "\ue000"  # stands where an earlier finder found something; no pattern matches it

_LOCAL_PART = r"[^\s@<>()\[\]\",;:\\\ue000]"
_EMAIL = re.compile(rf"(?<!{_LOCAL_PART}){_LOCAL_PART}+@[\w-]+(?:\.[\w-]+)+")
_KEYS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----"
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"  # JSON web token
    r"|\b(?:sk|pk|rk|ghp|gho|ghu|ghs|github_pat|glpat|xox[abeoprs]|hf|npm|pypi)[-_][\w-]{8,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bAIza[\w-]{30,}"
    r"|\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9_]{24,}\b"
)
_NAMED_SECRET = re.compile(
    r"(?:\bbearer\s+|(?:api[ _-]?key|token|secret|password|passwd|pwd|пароль|токен|ключ)\s*[:=]\s*)"
    r"[\"']?(?P<value>(?=\S*\d)[^\s\"',;\ue000]{6,})",
    re.IGNORECASE,
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{1,4}){3,9}", re.IGNORECASE)
_DIGIT_RUN = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,30}(?!\d)")
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)"
    r"|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:]))"
)


def _matches(pattern: re.Pattern[str], group: str | int = 0) -> Finder:
    return lambda text: (match.span(group) for match in pattern.finditer(text))


def _cards(text: str) -> Iterator[Span]:
    """The longest groups of 13 to 19 digits inside each run of digits that pass Luhn."""
    for run in _DIGIT_RUN.finditer(text):
        groups = list(re.finditer(r"\d+", run[0]))
        at = 0
        while at < len(groups):
            last = next(
                (n for n in range(min(len(groups), at + 19), at, -1) if _is_card(groups[at:n])),
                None,
            )
            if last is not None:
                yield run.start() + groups[at].start(), run.start() + groups[last - 1].end()
            at = last or at + 1


def _is_card(groups: list[re.Match[str]]) -> bool:
    digits = "".join(group[0] for group in groups)
    return 13 <= len(digits) <= 19 and luhn(digits)


def _ibans(text: str) -> Iterator[Span]:
    """Account numbers, without the words that may follow them."""
    for match in _IBAN.finditer(text):
        for end in range(len(match[0]), 14, -1):
            ends_word = end == len(match[0]) or not match[0][end].isalnum()
            if ends_word and passes_mod_97(match[0][:end]):
                yield match.start(), match.start() + end
                break


def passes_mod_97(account: str) -> bool:
    compact = re.sub(r"[^A-Za-z0-9]", "", account).upper()
    if not 15 <= len(compact) <= 34:
        return False
    number = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return int(number) % 97 == 1


def _addresses(text: str) -> Iterator[Span]:
    for match in _IP.finditer(text):
        try:
            ip_address(match[0])
        except ValueError:
            continue
        yield match.span()


FINDERS: tuple[tuple[str, Finder], ...] = (
    ("KEY", _matches(_KEYS)),
    ("KEY", _matches(_NAMED_SECRET, "value")),
    ("EMAIL", _matches(_EMAIL)),
    ("IBAN", _ibans),
    ("ID", named_numbers),
    ("CARD", _cards),
    ("IP", _addresses),
    ("ID", national_numbers),
    ("PHONE", phones),
)
