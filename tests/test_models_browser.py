"""Model versions in the console, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from learning.tests.trained import trained
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live
from tests.test_console_browser import accessible, opened

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_administrator_tries_a_version_and_goes_back(
    web: Live, new_page: NewPage, cast: Cast, tmp_path: Path, settings: Settings
) -> None:
    settings.STORAGES = settings.STORAGES | {
        "artefacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "kept"},
        }
    }
    trained(cast, tmp_path / "1")
    page = opened(new_page, web, cast.alice, "models/")
    expect(page.get_by_text("The shipped models answer.")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Answer a share").click()
    expect(page.get_by_text("answers 10% of the conversations")).to_be_visible()
    page.get_by_role("button", name="Answer all").click()
    expect(page.get_by_text("Version 1 answers.")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Go back").click()
    expect(page.get_by_text("The shipped models answer.")).to_be_visible()
