"""How much of what must not leave is found: `chatbot.escalation.details` on labelled sentences.

    python -m benchmarks.redaction_quality FOLDER/toxicity_pii/generated_large.jsonl [--show 20]
        [--names en:MODEL]

Made-up sentences with their details marked (the data's README has the source). Found: every letter
and digit of a marked detail is replaced, whatever kind it is called. Precision of a kind: of what
was replaced as that kind, the share that overlaps a marked identifier. Names count with --names, a
model that finds them, as NAMES_MODELS has it; addresses of streets never. Intervals: Wilson's 95%.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from chatbot.escalation.details import FINDERS
from chatbot.escalation.redaction import LEAVING, found
from learning.intervals import wilson

KINDS = {
    "CREDIT_CARD",
    "IBAN_CODE",
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "IP_ADDRESS",
    "US_SSN",
    "US_DRIVER_LICENSE",
}
Marked = Mapping[str, Any]


def sentences(path: Path) -> Iterator[tuple[str, Sequence[Marked]]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["text"], row["spans"]


@dataclass
class Tally:
    """By type or kind: how many there are, and which of them are wrong, as lines to print."""

    count: Counter[str] = field(default_factory=Counter)
    wrong: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, *, wrong: str | None) -> None:
        self.count[name] += 1
        if wrong is not None:
            self.wrong[name].append(wrong)

    def rows(self, title: str, share: str, lost: str) -> Iterator[str]:
        yield f"| {title} | count | {share} | {lost} |\n|---|---|---|---|"
        for name, count in self.count.most_common():
            bad = len(self.wrong[name])
            yield f"| {name} | {count} | {_share(count - bad, count)} | {bad} |"
        count, bad = self.count.total(), sum(map(len, self.wrong.values()))
        yield f"| all | {count} | {_share(count - bad, count)} | {bad} |"


def tallies(path: Path, *, names: bool = False) -> tuple[Tally, Tally]:
    """Of what is marked, with what was missed; of what was replaced, with false alarms."""
    marked, replaced = Tally(), Tally()
    kinds, finders = (KINDS | {"PERSON"}, LEAVING) if names else (KINDS, FINDERS)
    for text, spans in sentences(path):
        taken = found(text, finders)
        known = [one for one in spans if one["type"] in kinds]
        for one in known:
            said = f"{text[one['start'] : one['end']]!r} in {text!r}"
            marked.add(one["type"], wrong=None if _covered(text, one, taken) else said)
        for start, end, kind in taken:
            said = f"{text[start:end]!r} in {text!r}"
            right = any(one["start"] < end and start < one["end"] for one in known)
            replaced.add(kind, wrong=None if right else said)
    return marked, replaced


def main() -> None:
    parser = argparse.ArgumentParser(description="Recall and precision of the redaction.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", type=int, default=0, help="print so many misses and false alarms")
    parser.add_argument("--names", nargs="+", default=[], metavar="LANGUAGE:MODEL")
    given = parser.parse_args()
    settings.configure(NAMES_MODELS=given.names)
    marked, replaced = tallies(given.file, names=bool(given.names))
    print("\n".join(marked.rows("marked", "found", "missed")), end="\n\n")
    print("\n".join(replaced.rows("replaced as", "precision", "false alarms")))
    for title, tally in (("missed", marked), ("false alarm", replaced)):
        for name, lines in tally.wrong.items():
            for line in lines[: given.show]:
                print(f"{title}, {name}: {line}")


def _covered(text: str, one: Marked, replaced: Sequence[tuple[int, int, str]]) -> bool:
    return all(
        any(start <= at < end for start, end, _ in replaced)
        for at in range(one["start"], one["end"])
        if text[at].isalnum()
    )


def _share(part: int, whole: int) -> str:
    bounds = wilson(part, whole)
    return f"{part / whole:.3f} [{bounds[0]:.3f}, {bounds[1]:.3f}]" if bounds else "none"


if __name__ == "__main__":
    main()
