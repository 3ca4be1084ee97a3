"""When people answer: business hours by weekday in a time zone, without holidays.

Plain Python, no row is read here. Open means that the clock on the wall shows a time within the
hours of that day, so a day of 23 or 25 hours is as open as its clock says. Invariant, kept by a
property test: `next_opening` is the first open instant at or after the one that is asked about.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOOK_AHEAD_DAYS = 400
MIDNIGHT = "24:00"
SPAN = re.compile(r"(\d{1,2})(?::(\d\d))?\s*[-\u2013]\s*(\d{1,2})(?::(\d\d))?")
Span = tuple[time, time | None]  # None: until midnight


@dataclass(frozen=True)
class Hours:
    """`week`: the spans of Monday to Sunday, in order and apart. Empty: people are always there."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...] = ()
    holidays: frozenset[date] = frozenset()

    def spans(self, day: date) -> tuple[Span, ...]:
        return () if day in self.holidays else self.week[day.weekday()]


def parse(zone: str, week: Sequence[Sequence[Sequence[str]]], holidays: Sequence[date]) -> Hours:
    """From the workspace's settings. Raises ValueError for what is no time."""
    days = tuple(tuple((_time(a), None if b == MIDNIGHT else _time(b)) for a, b in d) for d in week)
    return Hours(ZoneInfo(zone), days, frozenset(holidays))


def read_spans(text: str) -> list[list[str]]:
    """What a person writes of one day, "9-12:30, 13:30–18:00": in order, apart, within the day.

    Empty: closed. Raises ValueError.
    """
    found = [_read_span(part) for part in text.split(",")] if text.strip() else []
    flat = [clock for span in found for clock in span]
    if flat != sorted(set(flat)):
        raise ValueError("out of order")
    return found


def _read_span(text: str) -> list[str]:
    match = SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError("not a span")
    ends = [(int(match[1]), int(match[2] or 0)), (int(match[3]), int(match[4] or 0))]
    if any(minute > 59 or (hour, minute) > (24, 0) for hour, minute in ends):
        raise ValueError("not a time of day")
    return [f"{hour:02}:{minute:02}" for hour, minute in ends]


def written(spans: Sequence[Sequence[str]]) -> str:
    """As read_spans reads it."""
    return ", ".join(f"{start}-{end}" for start, end in spans)


def is_open(hours: Hours, at: datetime) -> bool:
    if not hours.week:
        return True
    local = at.astimezone(hours.zone)
    clock = local.time()
    return any(
        start <= clock and (end is None or clock < end) for start, end in hours.spans(local.date())
    )


def next_opening(hours: Hours, at: datetime) -> datetime | None:
    """The first open instant from `at` on, local; None where there is none in over a year."""
    if is_open(hours, at):
        return at.astimezone(hours.zone)
    first = at.astimezone(hours.zone).date()
    for number in range(LOOK_AHEAD_DAYS):
        day = first + timedelta(days=number)
        found = [one for one in _candidates(hours, day) if one >= at and is_open(hours, one)]
        if found:
            return min(found).astimezone(hours.zone)
    return None


def _candidates(hours: Hours, day: date) -> Iterator[datetime]:
    """When it may open that day: as a span starts, both times if the clock shows it twice, and as
    the clock is put forward or back into one."""
    spans = hours.spans(day)
    for start, _ in spans:
        for fold in (0, 1):
            yield _instant(hours.zone, day, start, fold)
    if spans:
        yield from _changes(hours.zone, day)


def _changes(zone: ZoneInfo, day: date) -> Iterator[datetime]:
    """The instant at which the clock is changed between this day's midnight and the next one's."""
    low = _instant(zone, day, time(0), 0) - timedelta(hours=1)
    high = _instant(zone, day + timedelta(days=1), time(0), 1) + timedelta(hours=1)
    before = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == before:
        return
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    yield high


def _instant(zone: ZoneInfo, day: date, clock: time, fold: int) -> datetime:
    return datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC)


def _time(text: str) -> time:
    return time.fromisoformat(text)


def add_open(hours: Hours, at: datetime, seconds: float) -> datetime:
    """The instant at which that many seconds of open hours have passed since `at`.

    Where no hours lie ahead the clock on the wall counts, as with people who are always there.
    """
    if not hours.week:
        return at + timedelta(seconds=seconds)
    left, now = seconds, at
    for _ in range(LOOK_AHEAD_DAYS):
        opening = next_opening(hours, now)
        if opening is None:
            break
        end = _closing(hours, opening)
        open_s = (end - opening).total_seconds()
        if open_s >= left:
            return opening + timedelta(seconds=left)
        left, now = left - open_s, end
    return now + timedelta(seconds=left)


def _closing(hours: Hours, at: datetime) -> datetime:
    """When the span that holds this open instant ends."""
    local = at.astimezone(hours.zone)
    for start, end in hours.spans(local.date()):
        if start <= local.time() and (end is None or local.time() < end):
            day = local.date() if end else local.date() + timedelta(days=1)
            found = _instant(hours.zone, day, end or time(0), 1 if end else 0)
            return max(found, at + timedelta(seconds=1))
    return at + timedelta(seconds=1)
