"""The models that ship, loaded once."""

from pathlib import Path

import pytest

from inference import models
from inference.models import Models

FOLDER = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture(scope="session")
def shipped() -> Models:
    return models.load(FOLDER)
