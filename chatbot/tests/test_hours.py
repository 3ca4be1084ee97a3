"""Business hours over time zones, daylight saving and holidays."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import handoff, hours, intake, phrases
from chatbot.hours import Hours, is_open, next_opening, parse, read_spans
from chatbot.models import Owner
from chatbot.presence import presence
from chatbot.tests.conftest import Visit

NINE_TO_FIVE = [[["09:00", "17:00"]]] * 5 + [[], []]
# Zones that put the clock forward and back by an hour or half an hour, at night or at midnight.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago",
         "Asia/Kathmandu", "Pacific/Apia", "Asia/Beirut")  # fmt: skip
# Nights on which some of them do, and days between.
STARTS = (datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC),
          datetime(2026, 3, 8, 0, tzinfo=UTC), datetime(2026, 11, 1, 0, tzinfo=UTC),
          datetime(2026, 4, 4, 8, tzinfo=UTC), datetime(2026, 9, 5, 22, tzinfo=UTC),
          datetime(2026, 6, 15, tzinfo=UTC))  # fmt: skip
STEP = timedelta(minutes=5)


def utc(found: datetime | None) -> datetime | None:
    """Two zones are never equal in an hour that comes twice (PEP 495)."""
    return found and found.astimezone(UTC)


@st.composite
def spans(draw: st.DrawFn) -> list[list[str]]:
    """Of a day, on whole five minutes, mostly in the night, where clocks are changed."""
    marks = draw(st.lists(st.integers(0, 288), max_size=6, unique=True).map(sorted))
    clocks = [f"{mark // 12:02}:{mark % 12 * 5:02}" for mark in marks]
    return [list(pair) for pair in zip(clocks[::2], clocks[1::2], strict=False)]


@st.composite
def weeks(draw: st.DrawFn) -> Hours:
    week = draw(st.lists(spans(), min_size=7, max_size=7))
    days = draw(st.lists(st.sampled_from([start.date() for start in STARTS]), max_size=3))
    return parse(draw(st.sampled_from(ZONES)), week, days)


@settings(deadline=None, max_examples=150)
@given(weeks(), st.sampled_from(STARTS), st.integers(0, 36 * 12))
def test_the_next_opening_is_the_first_open_moment(
    found: Hours, start: datetime, steps: int
) -> None:
    """Compared with a walk over three days in steps of five minutes, on which all spans begin."""
    at = start + steps * STEP
    walked = next((t for n in range(3 * 288) if is_open(found, t := at + n * STEP)), None)
    opening = utc(next_opening(found, at))
    if walked is not None:
        assert opening == walked
    else:
        assert opening is None or opening > at + timedelta(days=3) - STEP
    assert opening is None or is_open(found, opening)


@settings(deadline=None)
@given(weeks(), st.sampled_from(STARTS), st.integers(0, 10_000))
def test_open_is_what_the_clock_on_the_wall_says(
    found: Hours, start: datetime, minute: int
) -> None:
    at = start + timedelta(minutes=minute)
    local = at.astimezone(found.zone)
    clock = f"{local:%H:%M}"
    inside = any(
        f"{a:%H:%M}" <= clock < (f"{b:%H:%M}" if b else "24:00")
        for a, b in found.week[local.weekday()]
    )
    assert is_open(found, at) == (inside and local.date() not in found.holidays)


def at(zone: str, *when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone), fold=fold)  # type: ignore[arg-type, misc]  # year to minute


def test_a_weekend_and_a_holiday_are_passed_over() -> None:
    week = parse("Europe/Berlin", NINE_TO_FIVE, [date(2026, 11, 30)])
    friday = at("Europe/Berlin", 2026, 11, 27, 17, 0)
    assert not is_open(week, friday) and is_open(week, friday - timedelta(minutes=1))
    assert next_opening(week, friday) == at("Europe/Berlin", 2026, 12, 1, 9, 0)


def test_a_span_that_the_clock_jumps_over_opens_as_it_jumps() -> None:
    """Berlin, 29 March 2026: after 01:59 comes 03:00."""
    week = parse("Europe/Berlin", [[["02:30", "04:00"]]] * 7, [])
    found = next_opening(week, at("Europe/Berlin", 2026, 3, 29, 1, 0))
    assert found == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 03:00 in summer time


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    """Berlin, 25 October 2026: after 02:59 comes 02:00."""
    week = parse("Europe/Berlin", [[["02:15", "02:45"]]] * 7, [])
    between = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # 02:50, the first time
    assert not is_open(week, between)
    assert utc(next_opening(week, between)) == datetime(2026, 10, 25, 1, 15, tzinfo=UTC)


def test_without_any_span_nobody_ever_opens() -> None:
    assert next_opening(parse("UTC", [[]] * 7, []), STARTS[0]) is None
    assert is_open(parse("UTC", [], []), STARTS[0])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("9-17", [["09:00", "17:00"]]),
        ("9:00 – 12:30, 13:30-24", [["09:00", "12:30"], ["13:30", "24:00"]]),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, found: list[list[str]]) -> None:
    assert read_spans(text) == found
    assert read_spans(hours.written(found)) == found


@pytest.mark.parametrize(
    "text", ["9", "17-9", "9-9", "9-25", "9:60-10", "9-12,11-13", "9-12,", "nine-five", "24:30-25"]
)
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"span|order|day"):
        read_spans(text)


@pytest.fixture
def closed(alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acme is closed for the night: it is Tuesday, 24 November 2026, 22:00 in Berlin."""
    change_settings(
        alice.workspace_id, actor=alice, time_zone="Europe/Berlin", hours=NINE_TO_FIVE,
        holidays=[date(2026, 11, 25)],
    )  # fmt: skip
    now = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    monkeypatch.setattr("chatbot.presence.timezone.now", lambda: now)


def told(vera: Visit) -> str:
    return str(vera.events(visitor=True)[-1].payload["text"])


def test_outside_of_the_hours_a_visitor_leaves_a_message_and_knows_when(
    vera: Visit, closed: None
) -> None:
    intake.request_person(*vera.where)
    assert vera.now().owner == Owner.QUEUE  # for whoever comes first
    assert told(vera) == (
        "Nobody of our team is here right now. Please leave your message; we are back on "
        "Thursday, November 26, 09:00 (Europe/Berlin)."
    )
    vera.says("My keys are lost")
    with workspace_scope(vera.workspace_id):
        assert vera.now().last_message_at is not None


def test_why_is_told_too_and_in_the_workspaces_tone(
    vera: Visit, closed: None, alice: Member
) -> None:
    change_settings(alice.workspace_id, actor=alice, tone="formal")
    with workspace_scope(vera.workspace_id):
        handoff.request(vera.now(), reason="low_confidence")
    assert told(vera).startswith("This question cannot be answered automatically with certainty. ")
    assert "it will be read from Thursday" in told(vera)


def test_a_conversation_given_back_to_the_queue_at_night_says_the_same(
    vera: Visit, closed: None, bob: Member
) -> None:
    intake.request_person(*vera.where)
    handoff.claim(bob, vera.conversation_id)
    handoff.release(bob, vera.conversation_id)
    assert "we are back on Thursday" in told(vera)


def test_within_the_hours_nothing_is_said_of_them(vera: Visit, alice: Member) -> None:
    change_settings(alice.workspace_id, actor=alice, hours=[[["00:00", "24:00"]]] * 7)
    intake.request_person(*vera.where)
    assert told(vera) == "I am passing you to a person. Please wait a moment."


def test_another_workspaces_hours_are_its_own(vera: Visit, charlie: Member) -> None:
    change_settings(charlie.workspace_id, actor=charlie, hours=[[]] * 7)
    with workspace_scope(vera.workspace_id):
        assert presence().here
    with workspace_scope(charlie.workspace_id):
        assert not presence().here and presence().back is None


def test_a_russian_reads_it_with_the_time_zone() -> None:
    said = phrases.when("ru", datetime(2026, 11, 26, 9, 0, tzinfo=ZoneInfo("Asia/Omsk")))
    assert "09:00 (Asia/Omsk)" in said and "26 ноября" in said.lower()
