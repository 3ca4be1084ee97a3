"""The words of the code, the catalogue and its compiled form are the same, and all in Russian.

The strings are found as makemessages finds them: calls in Python, and Django's own reading of
templates. Nothing here needs GNU gettext; the catalogue is made with it.
"""

import ast
import gettext
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation.template import templatize

from chatbot import phrases
from config.env import BASE_DIR
from tests.cast import Cast
from tests.test_architecture import is_test, ours, shown

CATALOGUE = BASE_DIR / "locale" / "ru" / "LC_MESSAGES" / "django.po"
COMPILED = CATALOGUE.with_suffix(".mo")
IN_CONTEXT = "pgettext_lazy"
CALLS = {IN_CONTEXT, "_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
TEMPLATES = sorted([*ours(".html"), *(BASE_DIR / "templates").rglob("*.txt")])
PACKAGES = ("accounts", "chatbot", "config", "console", "inference", "knowledge", "learning")
LITERAL = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
IN_TEMPLATE = re.compile(rf"\b(?:n?gettext|_)\(\s*{LITERAL}(?:\s*,\s*{LITERAL})?")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|%%|\{\w+\}")
LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr)(?:\[(\d)\])? )?(".*")')
RUSSIAN = {"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}
OF_CONTEXT = "\x04"  # as gettext puts a context before its words
Key = tuple[str, str | None]  # the words, and those for more than one


@dataclass
class Entry:
    """One msgid of a .po file; `said` is one translation, or one for each plural form."""

    words: str = ""
    plural: str | None = None
    fuzzy: bool = False
    said: dict[int, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return self.words, self.plural


def entries() -> list[Entry]:
    """Without the first, which is the header."""
    blocks = CATALOGUE.read_text(encoding="utf-8").strip().split("\n\n")
    return [_entry(block) for block in blocks[1:]]


def _entry(block: str) -> Entry:
    found, keyword, form = Entry(), "", 0
    for line in block.splitlines():
        if line.startswith("#"):
            assert not line.startswith("#~"), f"obsolete: {line}"
            found.fuzzy |= line.startswith("#,") and "fuzzy" in line
            continue
        parts = LINE.fullmatch(line)
        assert parts, line
        if parts[1]:
            keyword, form = parts[1], int(parts[2] or 0)
        text = ast.literal_eval(parts[3])
        if keyword == "msgctxt":
            found.words += text + OF_CONTEXT
        elif keyword == "msgid":
            found.words += text
        elif keyword == "msgid_plural":
            found.plural = (found.plural or "") + text
        else:
            found.said[form] = found.said.get(form, "") + text
    return found


def keys_of_python(path: Path) -> Iterator[Key]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id not in CALLS:
            continue
        texts = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
        words = [text for text in texts if isinstance(text, str)]
        if node.func.id == IN_CONTEXT:
            yield OF_CONTEXT.join(words), None
        elif words:
            yield words[0], words[1] if node.func.id.startswith("n") else None


def keys_of_template(path: Path) -> Iterator[Key]:
    for call in IN_TEMPLATE.finditer(templatize(path.read_text(encoding="utf-8"))):
        yield ast.literal_eval(call[1]), ast.literal_eval(call[2]) if call[2] else None


def keys() -> set[Key]:
    """Every string of the code that somebody may see."""
    python = [path for path in ours(".py") if path.relative_to(BASE_DIR).parts[0] in PACKAGES]
    found = {key for path in python if not is_test(path) for key in keys_of_python(path)}
    return found | {key for path in TEMPLATES for key in keys_of_template(path)}


class VisibleWords(HTMLParser):
    """Words of a template that stand outside translate tags; code and marked languages aside."""

    ATTRIBUTES = ("alt", "aria-label", "placeholder", "title", "data-copied")
    VOID = {"br", "hr", "img", "input", "link", "meta"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [given[name] or "" for name in self.ATTRIBUTES if name in given]
        if tag not in self.VOID:
            foreign = tag in {"code", "pre", "kbd", "script"} or given.get("lang") == "en"
            self.open.append((tag, foreign))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(foreign for _tag, foreign in self.open):
            self.found.append(data)


def unmarked(text: str) -> list[str]:
    text = re.sub(r"{#.*?#}", "", text)
    text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", text, flags=re.DOTALL)
    text = re.sub(r"{% block \w+_class %}.*?{% endblock %}", "", text)
    parser = VisibleWords()
    parser.feed(re.sub(r"{%.*?%}|{{.*?}}", "", text))
    words = [re.findall(r"[^\W\d_]{2,}", found) for found in parser.found]
    return [word for found in words for word in found if word != "Firstline"]


def test_the_catalogue_has_every_string_of_the_code_and_no_other() -> None:
    known = [entry.key for entry in entries()]
    assert len(known) == len(set(known))
    assert set(known) == keys()
    assert len(known) > 400


def test_every_string_has_a_sure_translation_with_the_same_placeholders() -> None:
    for entry in entries():
        assert not entry.fuzzy, entry.words
        assert sorted(entry.said) == ([0, 1, 2, 3] if entry.plural else [0]), entry.words
        for said in entry.said.values():
            assert said.strip(), entry.words
            wanted = sorted(PLACEHOLDER.findall(entry.plural or entry.words))
            assert sorted(PLACEHOLDER.findall(said)) == wanted, entry.words
            assert said.count("<a ") == entry.words.count("<a "), entry.words


def test_the_compiled_catalogue_is_the_same() -> None:
    data = COMPILED.read_bytes()
    count = struct.unpack("<3I", data[:12])[2]  # magic, revision, number of strings
    found = entries()
    assert count == len(found) + 1  # the header
    with COMPILED.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in found:
        if entry.plural is None:
            assert compiled.gettext(entry.words) == entry.said[0]
        else:
            said = [compiled.ngettext(entry.words, entry.plural, n) for n in (1, 3, 5, 11, 21)]
            assert said == [entry.said[form] for form in (0, 1, 2, 2, 0)]


@pytest.mark.parametrize("path", TEMPLATES, ids=shown)
def test_templates_show_no_words_that_cannot_be_translated(path: Path) -> None:
    assert unmarked(path.read_text(encoding="utf-8")) == []


def test_words_outside_translate_tags_are_found() -> None:
    page = '<p title="{% translate \'a\' %}">{% translate "in" %} <b>out</b></p><img alt="too">'
    assert unmarked(page) == ["out", "too"]


def test_the_service_speaks_russian_to_a_visitor() -> None:
    said = phrases.handoff("ru", "asked_for_person")
    assert said == "Передаю ваш вопрос сотруднику. Подождите немного, пожалуйста."
    assert phrases.handoff("en", "asked_for_person").startswith("I am passing you")
    owner = phrases.owner("ru", "claim", name="Боб")
    assert owner == "Боб теперь на связи и ответит вам."


def test_the_chat_window_is_russian_for_a_russian_browser(client: Client, cast: Cast) -> None:
    frame = client.get(f"/widget/v1/frame/{cast.acme.widget_key}/", headers=RUSSIAN)
    assert '<html lang="ru"' in frame.text and frame["Content-Language"] == "ru"
    assert "Позвать сотрудника" in frame.text and "Здравствуйте!" in frame.text
    english = client.get(
        f"/widget/v1/frame/{cast.acme.widget_key}/", {"language": "en"}, headers=RUSSIAN
    )
    assert "Talk to a person" in english.text and english["Content-Language"] == "en"


def test_the_desk_and_the_console_are_russian_and_can_be_switched(
    client: Client, cast: Cast
) -> None:
    client.force_login(cast.alice.user)
    for path, words in (("/desk/acme/", "Вернуть в очередь"), ("/console/acme/", "Обзор")):
        page = client.get(path, headers=RUSSIAN)
        assert words in page.text and 'action="/i18n/setlang/"' in page.text
        assert ">English</option>" in page.text and ">Русский</option>" in page.text
    chosen = client.post("/i18n/setlang/", {"language": "en", "next": "/desk/acme/"})
    assert chosen["Location"] == "/desk/acme/"
    assert "Give back to the bot" in client.get("/desk/acme/", headers=RUSSIAN).text
    client.post("/i18n/setlang/", {"language": "xx", "next": "https://evil.example/"})
    assert '<html lang="en"' in client.get("/desk/acme/", headers=RUSSIAN).text


def test_refusals_are_russian_too(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice.user)
    form = {"email": cast.bob.user.email, "role": "editor"}
    refused = client.post("/console/acme/settings/members/", form, headers=RUSSIAN)
    assert refused.status_code == 400
    assert f"{cast.bob.user.email} уже участник с ролью «оператор»" in refused.text
