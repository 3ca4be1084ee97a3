"""Names are taken out of what leaves where a model for them is named; without it nothing leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy
from django.core.checks import run_checks
from django.test import override_settings

from chatbot.escalation import names
from chatbot.escalation.redaction import LEAVING, Redactor
from chatbot.tests.escalating import Escalated

TEXT = "I am Vera Lund. My colleague Igor Petrov asked the same."


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Path]:
    """A real pipeline of spaCy that knows two people."""
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    people = ["Vera Lund", "Igor Petrov"]
    ruler.add_patterns([{"label": "PERSON", "pattern": one} for one in people])  # type: ignore[attr-defined]  # the pipe is an EntityRuler
    pipeline.to_disk(tmp_path / "people")
    with override_settings(NAMES_MODELS=[f"en:{tmp_path / 'people'}"]):
        yield tmp_path / "people"
    names._analyzer.cache_clear()


def test_names_become_placeholders_and_come_back(model: Path) -> None:
    redactor = Redactor(LEAVING)
    left = redactor.redact(TEXT)

    assert left == "I am [NAME_1]. My colleague [NAME_2] asked the same."
    assert redactor.restore(left) == TEXT
    assert redactor.counts == {"NAME": 2}


def test_without_a_model_names_stay() -> None:
    assert Redactor(LEAVING).redact(TEXT) == TEXT


def test_what_stays_in_the_house_is_not_asked_for_names(model: Path) -> None:
    assert Redactor().redact(TEXT) == TEXT


@pytest.mark.django_db(transaction=True)
def test_no_name_reaches_the_large_model(escalated: Escalated, model: Path) -> None:
    assert escalated.asks(f"How long can I return a product? {TEXT}") is None
    escalated.works()

    (request,) = escalated.server.requests
    sent = str(request["body"])
    assert "Vera" not in sent and "Petrov" not in sent and "[NAME_1]" in sent
    assert escalated.egress()[0].redactions["NAME"] == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("named", ["en:no_such_model", "en:/nowhere/at/all", "en_core_web_lg"])
def test_without_the_model_that_is_named_nothing_leaves(escalated: Escalated, named: str) -> None:
    with override_settings(NAMES_MODELS=[named]):
        assert escalated.asks() is None
        escalated.works()

    assert escalated.server.requests == [] and escalated.egress() == []
    assert escalated.escalation().failure == "redaction"
    assert escalated.handoffs() == ["provider_error"]


@pytest.mark.django_db(transaction=True)
def test_a_broken_model_lets_nothing_leave(escalated: Escalated, model: Path) -> None:
    (model / "config.cfg").write_text("[broken", encoding="utf-8")
    assert escalated.asks() is None
    escalated.works()

    assert escalated.server.requests == [] and escalated.egress() == []
    assert escalated.handoffs() == ["provider_error"]


def test_the_start_says_which_model_is_missing() -> None:
    with override_settings(NAMES_MODELS=["en:no_such_model"]):
        assert [one.id for one in run_checks(tags=["firstline"])] == ["firstline.W002"]
