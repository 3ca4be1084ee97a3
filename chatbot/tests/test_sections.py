"""Answers by headings in letters that no model reads: the dial, and what else becomes of them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from accounts.scope import workspace_scope
from chatbot.answering import pipeline, sections
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.models import ServedThresholds
from inference.calibration import Calibration
from inference.manifest import FORMAT, sha256
from knowledge.importing import import_path
from knowledge.models import Article
from tests.cast import Cast

RETURNS = """# Возврат товара

Мы принимаем посылки каждый день.

## Как вернуть деньги на карту

Деньги приходят на карту за три дня.

## Пустой раздел
"""
QUESTION = "Как вернуть деньги на карту?"
Calibrate = Callable[[float | None], None]


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Cast:
    (tmp_path / "returns.md").write_text(RETURNS, encoding="utf-8")
    import_path(cast.workspace.id, tmp_path / "returns.md")
    return cast


@pytest.fixture
def calibrate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Calibrate:
    """Every section gets confidence .5; the threshold of 5% risk is the test's."""

    def set_threshold(threshold: float | None) -> None:
        folder = tmp_path / "sections"
        folder.mkdir(exist_ok=True)
        raw: dict[str, object] = {key: [] for key in ("features", "mean", "scale", "weights")}
        text = json.dumps({**raw, "bias": 0.0, "thresholds": {"0.05": threshold}, "models": {}})
        (folder / "calibration.json").write_text(text, encoding="utf-8")
        manifest = {"format": FORMAT, "kind": "calibration", "name": "test", "settings": {}}
        files = {"calibration.json": sha256(folder / "calibration.json")}
        (folder / "manifest.json").write_text(json.dumps({**manifest, "files": files}))
        monkeypatch.setattr(sections, "shipped", lambda models: Calibration(folder))

    return set_threshold


def ask(cast: Cast, question: str = QUESTION, **fields: object) -> Decision:
    request = AnswerRequest(cast.workspace.id, question, language="ru", risk=0.05)
    return pipeline.answer(replace(request, **fields))  # type: ignore[arg-type]  # replace checks


def test_a_section_that_is_asked_for_is_answered_in_its_own_words(
    shop: Cast, calibrate: Calibrate
) -> None:
    calibrate(0.4)
    decision = ask(shop)
    assert (decision.kind, decision.reason) == ("answer", "")
    assert decision.text == "Деньги приходят на карту за три дня."
    cited = decision.citations[0]
    assert (cited.title, cited.heading) == ("Возврат товара", "Как вернуть деньги на карту")
    assert "#h-" in cited.url
    first = decision.evidence[0]
    assert RETURNS[first.answer_start : first.answer_end] == decision.text
    assert decision.by_heading and decision.confidence == 0.5 and decision.threshold == 0.4


def test_the_first_evidence_is_the_passage_that_is_shown(
    shop: Cast, calibrate: Calibrate, tmp_path: Path
) -> None:
    """Where the title is asked for, but a later passage was found by its words."""
    calibrate(0.4)
    text = "# Потерянный багаж\n\nПозвоните нам.\n\n## Адрес\n\nПотерянный багаж: улица Мира."
    (tmp_path / "lost.md").write_text(text, encoding="utf-8")
    import_path(shop.workspace.id, tmp_path / "lost.md")
    decision = ask(shop, "потерянный багаж")
    first = decision.evidence[0]
    assert decision.text == "Позвоните нам." and decision.citations[0].title == "Потерянный багаж"
    assert first.answer_start is not None and first.answer_end is not None
    assert first.text[first.answer_start - first.start : first.answer_end - first.start] == (
        decision.text
    )
    assert len({row.passage_id for row in decision.evidence}) == len(decision.evidence)


def test_below_the_dial_it_goes_to_who_can_read_it(shop: Cast, calibrate: Calibrate) -> None:
    calibrate(0.6)
    decision = ask(shop)
    assert (decision.kind, decision.reason) == ("escalate", "low_confidence")
    assert decision.text == "Деньги приходят на карту за три дня."  # kept for whoever checks it


@pytest.mark.parametrize("risk", [0.05, 0.01])
def test_a_risk_that_nothing_keeps_answers_nothing(
    shop: Cast, calibrate: Calibrate, risk: float
) -> None:
    calibrate(None)
    assert ask(shop, risk=risk).kind == "escalate"


def test_without_its_calibration_nothing_is_answered(
    shop: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sections, "shipped", lambda models: None)
    decision = ask(shop)
    assert (decision.kind, decision.text, decision.by_heading) == ("escalate", "", False)


def test_a_calibration_that_is_not_whole_is_none(tmp_path: Path) -> None:
    assert sections.shipped(tmp_path) is None


def test_tier_1_that_is_switched_off_answers_nothing(shop: Cast, calibrate: Calibrate) -> None:
    calibrate(0.4)
    decision = ask(shop, compact=False)
    assert (decision.kind, decision.reason) == ("escalate", "compact_off")


def test_a_heading_without_words_answers_nothing(shop: Cast, calibrate: Calibrate) -> None:
    calibrate(0.4)
    decision = ask(shop, "пустой раздел")
    assert (decision.kind, decision.reason) == ("escalate", "no_words")


def test_the_own_thresholds_of_the_models_are_not_those_of_sections(
    shop: Cast, calibrate: Calibrate
) -> None:
    calibrate(0.4)
    english = ask(shop, "How do I return a parcel?")
    with workspace_scope(shop.workspace.id):
        ServedThresholds.objects.create(
            workspace=shop.workspace,
            models_version=english.models_version,
            thresholds={"0.05": 0.9},
            labels=1,
        )
    decision = ask(shop)
    assert decision.kind == "answer" and not decision.certified
    assert decision.models_version != english.models_version


def test_an_article_for_others_is_never_the_section(shop: Cast, calibrate: Calibrate) -> None:
    calibrate(0.4)
    with workspace_scope(shop.workspace.id):
        Article.objects.update(audience="internal")
    assert ask(shop).kind == "escalate" and ask(shop).text == ""
    assert ask(shop, audiences=("public", "signed_in", "internal")).kind == "answer"


def test_a_stranger_s_workspace_has_no_such_section(shop: Cast, calibrate: Calibrate) -> None:
    calibrate(0.4)
    decision = ask(shop, workspace_id=shop.charlie.workspace_id)
    assert (decision.kind, decision.reason, decision.text) == ("escalate", "no_evidence", "")
