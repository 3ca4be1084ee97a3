"""The documentation says what is there: links, settings, commands; and it stays short."""

import importlib.util
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from config.env import BASE_DIR

DOCS = BASE_DIR / "docs"
PAGES = [BASE_DIR / "README.md", BASE_DIR / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
# Pages that a reader looks things up in; all others beside them answer one question.
REFERENCES = {"configuration.md", "protocol.md", "measurements.md"}
ARTICLES = [page for page in sorted(DOCS.glob("*.md")) if page.name not in REFERENCES]
MAX_WORDS = 250
MAX_PAGE_WORDS = 650
CHANGES = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", flags=re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```[^\n]*\n(.*?)^```|`([^`\n]+)`", flags=re.MULTILINE | re.DOTALL)
SETTING = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(BASE_DIR).as_posix()


def anchors(page: Path) -> set[str]:
    """Headings as GitHub names them."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", read(page)), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", read(page))):
        if re.match(r"https?://|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            broken.append(target)
    assert broken == []


def example() -> set[str]:
    return set(re.findall(r"^# ([A-Z_]+)=", read(BASE_DIR / ".env.example"), flags=re.MULTILINE))


def test_the_page_of_settings_names_every_setting_and_no_other() -> None:
    """.env.example and the code are compared by test_setup_environment."""
    rows = re.findall(r"^\| (`[^|]+) \|", read(DOCS / "configuration.md"), flags=re.MULTILINE)
    assert set(re.findall(r"`([A-Z_]+)`", " ".join(rows))) == example()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_settings_that_a_page_names_exist(page: Path) -> None:
    known = example() | {f"{name}_FILE" for name in example()} | {"NAME_FILE"}
    named = {word for code in codes(page) for word in SETTING.findall(code)}
    if page.is_relative_to(DOCS / "decisions") or page.name in REFERENCES:
        named = {word for word in named if word.startswith(("LLM_", "DATABASE_", "REDIS_"))}
    assert named - known == set()


def codes(page: Path) -> Iterator[str]:
    for block, inline in CODE.findall(read(page)):
        yield block or inline


def commands(pattern: str) -> list[tuple[str, str]]:
    """(page, what the pattern found) in the code of all pages."""
    return [
        (name_of(page), found)
        for page in PAGES
        for code in codes(page)
        for found in re.findall(pattern, code.replace("\\\n", " "))
    ]


def test_make_targets_exist() -> None:
    makefile = read(BASE_DIR / "Makefile")
    targets = set(re.findall(r"^([\w-]+):", makefile, flags=re.MULTILINE))
    named = commands(r"(?:^|\s)make ([a-z][\w-]*)")
    assert [row for row in named if row[1] not in targets] == []


def test_modules_to_run_exist() -> None:
    named = commands(r"python3? (?:-\w )*-m ([\w.]+)")
    assert [row for row in named if not runnable(row[1])] == []


def runnable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def test_commands_exist_with_their_options() -> None:
    known = get_commands()
    wrong = []
    for page, line in commands(r"manage\.py ([^\n|&;]+)"):
        name, *words = line.split()
        if name not in known:
            wrong.append(f"{page}: {name}")
            continue
        command = load_command_class(known[name], name)
        parser = command.create_parser("manage.py", name)
        options, subcommands = described(parser)
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        wrong += [f"{page}: {name} {option}" for option in used - options]
        if subcommands and words and words[0] not in subcommands:
            wrong.append(f"{page}: {name} {words[0]}")
    assert wrong == []


def described(parser: ArgumentParser) -> tuple[set[str], set[str]]:
    """All options of a command and of its subcommands, and the names of these."""
    options: set[str] = set()
    subcommands: set[str] = set()
    for action in parser._actions:
        options |= set(action.option_strings)
        choices: Any = action.choices
        if isinstance(choices, dict):
            subcommands |= set(choices)
            for inner in choices.values():
                options |= described(inner)[0]
    return options, subcommands


@pytest.mark.parametrize("page", ARTICLES, ids=name_of)
def test_an_article_answers_one_question_shortly(page: Path) -> None:
    text = read(page)
    titles = re.findall(r"^# (.+)$", FENCE.sub("", text), flags=re.MULTILINE)
    assert len(titles) == 1
    assert text.startswith("# ") and titles[0].endswith("?")
    assert len(text.split()) <= MAX_WORDS


def test_the_changelog_has_the_form_of_keep_a_changelog() -> None:
    title, *releases = re.split(r"^## ", read(BASE_DIR / "CHANGELOG.md"), flags=re.MULTILINE)
    assert title.startswith("# Changelog\n")
    assert releases
    for number, release in enumerate(releases):
        heading, *parts = re.split(r"^### ", release, flags=re.MULTILINE)
        name = heading.strip()
        dated = re.fullmatch(r"\[?\d+\.\d+\.\d+\]? - \d{4}-\d\d-\d\d", name)
        assert dated or (number == 0 and name in {"Unreleased", "[Unreleased]"}), name
        for part in parts:
            kind, _, entries = part.partition("\n")
            assert kind in CHANGES, kind
            assert re.search(r"^- \S", entries, flags=re.MULTILINE), f"{name}: {kind} is empty"


def test_every_decision_is_in_the_list_under_its_title() -> None:
    folder = DOCS / "decisions"
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", read(folder / "README.md"), flags=re.MULTILINE)
    pages = [page for page in sorted(folder.glob("*.md")) if page.name != "README.md"]
    titles = [(read(page).partition("\n")[0].removeprefix("# "), page.name) for page in pages]
    assert listed == titles
    for title, name in titles:
        assert re.match(r"\d{4}: \S", title) and name[:4] == title[:4]


def test_decisions_fit_on_a_page() -> None:
    long = {page.name: len(read(page).split()) for page in (DOCS / "decisions").glob("*.md")}
    assert {name: words for name, words in long.items() if words > MAX_PAGE_WORDS} == {}
