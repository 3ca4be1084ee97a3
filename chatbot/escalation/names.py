"""Where people's names stand in a text, where the operator has named models that know.

NAMES_MODELS lists them by language. Each is a spaCy pipeline, as an installed package or a folder,
asked through Presidio's recogniser of names alone: its others look up domain suffixes on the
network. Every text is asked in every language, as nobody says which one it is in.

NamesUnavailable    a model is named but cannot be used: then nothing may leave
"""

import logging
import threading
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings

log = logging.getLogger(__name__)
LEAST_SCORE = 0.4  # of Presidio; its spaCy recogniser says 0.85 of whatever the model marks
_loading = threading.Lock()


class NamesUnavailable(Exception):
    """`code`: as an escalation that failed keeps it."""

    code = "redaction"


def names(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each. Nothing where no model is named. Raises NamesUnavailable."""
    for language, model in named_models():
        analyzer = _ready(language, model)
        for one in analyzer.analyze(
            text, language=language, entities=["PERSON"], score_threshold=LEAST_SCORE
        ):
            yield one.start, one.end


def named_models() -> list[tuple[str, str]]:
    """(language, model) as NAMES_MODELS has them: `en:en_core_web_lg`."""
    pairs = (one.partition(":") for one in settings.NAMES_MODELS)
    return [(language.strip(), model.strip()) for language, _, model in pairs]


def load() -> None:
    """Ahead of the first question. Raises NamesUnavailable."""
    for language, model in named_models():
        _ready(language, model)


def missing() -> list[str]:
    """The models that are named and not there, without loading any."""
    there = find_spec("presidio_analyzer") is not None
    return [model for _, model in named_models() if not (there and _is_there(model))]


def _is_there(model: str) -> bool:
    if Path(model).is_dir():
        return True
    return model.isidentifier() and find_spec(model) is not None


def _ready(language: str, model: str) -> Any:
    """Raises NamesUnavailable. Checked first: Presidio would download what is not there."""
    if not language or not _is_there(model):
        log.error("names model is missing", extra={"event": "names_model_missing"})
        raise NamesUnavailable
    try:
        with _loading:
            return _analyzer(language, model)
    except Exception as error:  # whatever a model's own code raises, nothing leaves
        kind = type(error).__name__
        log.error("names model fails", extra={"event": "names_model_failed", "kind": kind})
        raise NamesUnavailable from None


@cache
def _analyzer(language: str, model: str) -> Any:
    """Seconds, and the memory of the model, once in a process."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    engine = SpacyNlpEngine(models=[{"lang_code": language, "model_name": model}])
    engine.load()
    registry = RecognizerRegistry(supported_languages=[language])
    recogniser = SpacyRecognizer(supported_language=language, supported_entities=["PERSON"])
    registry.add_recognizer(recogniser)
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language])
