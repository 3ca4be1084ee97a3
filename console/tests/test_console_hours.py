"""Business hours as an administrator types them."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client

from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from accounts.workspaces import time_zones
from console.tests.pages import BASE, log_in, state
from tests.cast import Cast

HOURS = f"{BASE}settings/hours/"
GIVEN = {"time_zone": "Europe/Berlin", "day_0": "9-12:30, 13:30-18", "holidays": "2026-12-25"}


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.alice)


def test_hours_are_saved_shown_and_logged(admin: Client, cast: Cast) -> None:
    assert "People answer now." in admin.get(HOURS).text
    for _ in range(2):
        assert admin.post(HOURS, GIVEN).status_code == 302
    monday = [["09:00", "12:30"], ["13:30", "18:00"]]
    assert state(cast)["hours"] == (
        "Europe/Berlin",
        [monday, [], [], [], [], [], []],
        [date(2026, 12, 25)],
    )
    page = admin.get(HOURS).text
    assert 'value="09:00-12:30, 13:30-18:00"' in page and "2026-12-25" in page
    with workspace_scope(cast.workspace.id):
        entry = AuditEntry.objects.get(action="settings.changed")
    assert entry.detail["after"]["holidays"] == ["2026-12-25"]
    assert entry.detail["before"]["time_zone"] == "UTC"


def test_always_is_no_hours(admin: Client, cast: Cast) -> None:
    admin.post(HOURS, GIVEN)
    admin.post(HOURS, GIVEN | {"always": "on"})
    assert state(cast)["hours"][1] == []


@pytest.mark.parametrize(
    "bad",
    [
        {"time_zone": "Mars/Base"}, {"time_zone": "../etc/passwd"}, {"time_zone": ""},
        {"time_zone": "localtime"},
        {"day_0": "18-9"}, {"day_0": "soon"}, {"day_0": ""}, {"holidays": "Christmas"},
        {"holidays": "2026-02-30"},
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused_and_kept_to_be_mended(
    admin: Client, cast: Cast, bad: dict[str, str]
) -> None:
    before = state(cast)
    answer = admin.post(HOURS, GIVEN | bad)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert state(cast) == before


def test_every_time_zone_is_one_that_the_database_knows(cast: Cast) -> None:
    """It tells the days of reports by them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        known = {name for (name,) in cursor.fetchall()}
    assert time_zones() <= known
