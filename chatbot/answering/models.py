"""The models of this worker process: loaded once, checked, warmed up."""

import logging
import threading
import time

from django.conf import settings

from inference import models as artefacts
from inference.errors import ModelUnavailable
from inference.models import Models
from inference.reader import ReaderPassage

log = logging.getLogger(__name__)
RETRY_S = 30.0


class _Holder:
    """The models, or when loading them failed last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models: Models | None = None
        self._failed_at: float | None = None

    def get(self) -> Models:
        with self._lock:
            if self._models is None:
                self._models = self._load()
            return self._models

    def _load(self) -> Models:
        if self._failed_at is not None and time.monotonic() - self._failed_at < RETRY_S:
            raise ModelUnavailable("the models could not be loaded")
        try:
            return artefacts.load(settings.MODELS_DIR, threads=settings.INFERENCE_THREADS)
        except ModelUnavailable:
            self._failed_at = time.monotonic()
            raise


_holder = _Holder()


def loaded() -> Models:
    """Raises ModelUnavailable: then tier 1 answers nothing. Tried again every 30 seconds."""
    return _holder.get()


def warm_up_or_log() -> None:
    """For a worker that starts: without models it still hands questions on."""
    try:
        warm_up()
    except ModelUnavailable as error:
        log.error("tier 1 is off", extra={"event": "models_unavailable", "reason": str(error)})


def warm_up() -> None:
    """The first run of a session is slow; take it before the first visitor does."""
    models = loaded()
    vectors = models.embedder.encode(["warm up"])
    models.intent.classify(vectors)
    models.reader.read("warm up", [ReaderPassage("Warm up", (), "This is read once.")] * 2)
