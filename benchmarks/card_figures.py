"""What `manage.py evaluate` says of the models that ship, for their cards.

    python -m benchmarks.card_figures --data FOLDER --work FOLDER [--write]

Two knowledge bases that no model, ranker or calibration has seen: a help centre of 414 articles
with 207 questions of our own (benchmarks.help_centres), and the articles of docs/ with the
questions that ship. `--write` puts what is printed into each card, models/*/README.md.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks import help_centres
from benchmarks.managed import ROOT, manage, workspace, written

RISK = 0.15  # the dial's default
TITLE = "**In the whole.**"
SAID = (
    "`python -m benchmarks.card_figures --data DATA --work WORK` asks all models that ship "
    "together, by `manage.py evaluate` at a risk of 15%, about knowledge bases that none has "
    "seen; each figure with its 95% interval."
)


def evaluated(data: Path, work: Path) -> Iterator[tuple[str, str]]:
    """Knowledge base and what the command says of it."""
    name = help_centres.KEPT_APART
    workspace(work, name, help_centres.articles(data, name))
    asked = written(work / name / "asked.jsonl", list(help_centres.questions(data, name)))
    yield f"{name}'s help centre", _said(work, name, asked)
    if not (work / "docs").exists():
        manage(work, "workspace", "create", "docs")
        manage(work, "import_knowledge", str(ROOT / "docs"), "--workspace", "docs")
        (work / "docs").mkdir()
    asked = str(ROOT / "learning" / "docs_questions.jsonl")
    yield "the articles of docs/", _said(work, "docs", asked)


def _said(work: Path, slug: str, asked: str) -> str:
    out = str((work / slug / "results.jsonl").resolve())
    said = manage(work, "evaluate", asked, "--workspace", slug, "--risk", str(RISK), "--out", out)
    return said.strip()


def section(found: list[tuple[str, str]]) -> str:
    """Markdown, from its title to its last line."""
    lines = [f"{TITLE} {SAID}"]
    for name, said in found:
        lines.append(f"{name[0].upper()}{name[1:]}:\n\n```\n{said}\n```")
    return "\n\n".join(lines)


def put_into(card: Path, text: str) -> None:
    """In the place of the section of before, or at the end."""
    kept = card.read_text("utf-8").partition(TITLE)[0].rstrip()
    card.write_text(f"{kept}\n\n{text}\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Figures for the model cards.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="into models/*/README.md")
    given = parser.parse_args()
    text = section(list(evaluated(given.data, given.work)))
    print(text)
    if given.write:
        for card in sorted((ROOT / "models").glob("*/README.md")):
            put_into(card, text)


if __name__ == "__main__":
    main()
