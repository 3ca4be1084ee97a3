"""Which section a question names by the words of headings, and what is shown of it."""

from pathlib import Path
from uuid import UUID

import pytest

from knowledge.importing import import_path
from knowledge.passages import MOST_CHARACTERS
from knowledge.retrieval import Candidate, Filters, View, search
from knowledge.sections import Named, named, section_of
from knowledge.tests.conftest import FakeEmbedder

RETURNS = """# Возврат товара

Мы принимаем посылки каждый день.

## Как вернуть деньги на карту

Деньги приходят за три дня:

1. Откройте заказ.
2. Нажмите «Вернуть».

Потом ждите письма.

## Доставка

### По городу

Курьер приезжает вечером.
"""
KEYS = "# Потерянные ключи\n\nНовый ключ стоит десять рублей.\n"


@pytest.fixture
def shop(alices: UUID, fake_model: FakeEmbedder, tmp_path: Path) -> UUID:
    (tmp_path / "returns.md").write_text(RETURNS, encoding="utf-8")
    (tmp_path / "keys.md").write_text(KEYS, encoding="utf-8")
    import_path(alices, tmp_path)
    return alices


def found(workspace_id: UUID, question: str) -> list[Candidate]:
    views = [View(question, None)]
    return search(workspace_id, views=views, filters=Filters(), model_version="none")


def asked(workspace_id: UUID, question: str) -> Named:
    chosen = named(workspace_id, question, found(workspace_id, question))
    assert chosen is not None
    return chosen


def shown(path: tuple[str, ...], text: str = RETURNS, *, markdown: bool = True) -> str | None:
    span = section_of(text, path, markdown=markdown)
    return None if span is None else text[slice(*span)]


def test_the_heading_that_the_question_repeats_is_named(shop: UUID) -> None:
    chosen = asked(shop, "как вернуть деньги на карту?")
    assert chosen.heading_path == ("Возврат товара", "Как вернуть деньги на карту")
    assert chosen.seen["heading_cover"] == chosen.seen["heading_precise"] == 1.0
    assert chosen.seen["heading_lead"] > 0 and chosen.seen["unknown"] == 0.0


def test_other_endings_of_the_words_name_it_too(shop: UUID) -> None:
    assert asked(shop, "Потеряла ключи").candidate.doc_id == "keys.md"


def test_words_that_no_article_has_make_a_question_less_known(shop: UUID) -> None:
    part, whole = asked(shop, "вернуть деньги из космоса"), asked(shop, "вернуть деньги")
    assert part.seen["unknown"] > whole.seen["unknown"] == 0.0
    assert part.seen["text_cover"] < whole.seen["text_cover"]


@pytest.mark.parametrize("question", ["", "?!"])
def test_a_question_without_words_names_nothing(shop: UUID, question: str) -> None:
    assert named(shop, question, found(shop, "деньги")) is None


def test_without_candidates_nothing_is_named(shop: UUID) -> None:
    assert named(shop, "деньги", []) is None


def test_another_workspaces_words_weigh_nothing(shop: UUID, charlies: UUID) -> None:
    assert found(charlies, "деньги на карту") == []
    candidates = found(shop, "деньги")
    elsewhere = named(charlies, "деньги", candidates)
    assert elsewhere is not None and elsewhere.seen["unknown"] == 1.0


def test_a_section_is_shown_to_the_next_heading_of_any_level() -> None:
    text = shown(("Возврат товара", "Как вернуть деньги на карту"))
    assert text is not None
    assert text.startswith("Деньги приходят") and text.endswith("Потом ждите письма.")


def test_the_title_shows_what_the_article_begins_with() -> None:
    assert shown(()) == "Мы принимаем посылки каждый день."
    assert shown(("Возврат товара",)) == "Мы принимаем посылки каждый день."
    assert shown((), "Сначала слова.\n\n# Потом заголовок\n\nИ ещё.") == "Сначала слова."


def test_headings_without_words_of_their_own_show_nothing() -> None:
    assert shown(("Возврат товара", "Доставка")) is None
    assert shown(("Возврат товара", "Нет такого")) is None


def test_a_long_section_is_cut_between_blocks() -> None:
    block = "Слово " * 90 + "конец."
    text = "# Заголовок\n\n" + "\n\n".join([block] * 5)
    kept = shown(("Заголовок",), text)
    assert kept is not None and kept.endswith("конец.") and len(kept) <= MOST_CHARACTERS
    assert shown(("Заголовок",), "# Заголовок\n\n" + "Слово " * 900) is None


def test_plain_text_has_no_headings() -> None:
    assert shown((), "# не заголовок\n\nдальше", markdown=False) == "# не заголовок\n\nдальше"
