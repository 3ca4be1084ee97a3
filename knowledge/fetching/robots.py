"""What a site's robots.txt allows us: RFC 9309, with Crawl-delay and Sitemap beside it.

The longest rule that fits a path decides, and of two as long, the one that allows. Without a file
everything is allowed; while the server fails, nothing is.
"""

import re
from dataclasses import dataclass
from typing import Any

NAME = "firstlinebot"
LARGEST = 512_000  # bytes that are read
MOST_RULES = 2_000
LONGEST_RULE = 500
MOST_SITEMAPS = 50
LONGEST_DELAY_S = 30.0


@dataclass(frozen=True)
class Rules:
    """rules: (allowed, path pattern). delay_s: between two requests, as the site wishes."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay_s: float = 0.0
    sitemaps: tuple[str, ...] = ()

    def allow(self, target: str) -> bool:
        """target: path and query."""
        best, allowed = -1, True
        for allows, pattern in self.rules:
            longer = len(pattern) > best or (len(pattern) == best and allows)
            if longer and _fits(pattern, target):
                best, allowed = len(pattern), allows
        return allowed

    def as_json(self) -> dict[str, Any]:
        rules = [list(one) for one in self.rules]
        return {"rules": rules, "delay_s": self.delay_s, "sitemaps": list(self.sitemaps)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Rules":
        rules = tuple((bool(allows), str(pattern)) for allows, pattern in kept["rules"])
        return cls(rules, float(kept["delay_s"]), tuple(kept["sitemaps"]))


CLOSED = Rules(rules=((False, "/"),))


def parse(data: bytes) -> Rules:
    """The rules for us: those of our name, else those for everybody."""
    groups: dict[str, list[tuple[str, str]]] = {}
    names: list[str] = []
    begun = False  # a rule was read since the last name
    sitemaps = []
    for line in data[:LARGEST].decode("utf-8", errors="replace").splitlines():
        field, _, value = line.partition("#")[0].partition(":")
        field, value = field.strip().lower(), value.strip()
        if field == "sitemap":
            sitemaps.append(value)
        elif field == "user-agent":
            names = [*([] if begun else names), value.lower().partition("/")[0]]
            begun = False
        elif field in {"allow", "disallow", "crawl-delay"}:
            begun = True
            for name in names:
                groups.setdefault(name, []).append((field, value))
    ours = groups.get(NAME, groups.get("*", []))
    return Rules(_rules(ours), _delay(ours), tuple(sitemaps[:MOST_SITEMAPS]))


def _rules(lines: list[tuple[str, str]]) -> tuple[tuple[bool, str], ...]:
    found = [(field == "allow", value) for field, value in lines if field != "crawl-delay"]
    kept = [(allows, value) for allows, value in found if value and len(value) <= LONGEST_RULE]
    return tuple(kept[:MOST_RULES])


def _delay(lines: list[tuple[str, str]]) -> float:
    for field, value in lines:
        if field == "crawl-delay" and re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value):
            return min(float(value), LONGEST_DELAY_S)
    return 0.0


def _fits(pattern: str, target: str) -> bool:
    """`*` stands for anything, `$` for the end; without backtracking."""
    ends = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not target.startswith(first):
        return False
    at = len(first)
    if ends and rest:
        last = rest.pop()
        if len(target) - len(last) < at or not target.endswith(last):
            return False
        target = target[: len(target) - len(last)]
    elif ends:
        return len(target) == at
    for part in rest:
        found = target.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
