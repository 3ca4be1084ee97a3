"""What reports are asked: days and filters, as links and forms carry them."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learning.outcomes import SAID, TIERS, Only, Span

DEFAULT_DAYS = 28
LONGEST_DAYS = 366
FILTERS = ("first", "last", "language", "article", "topic")


class DaysForm(forms.Form):
    """Which days, both included."""

    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day is before the first."))
        elif first and last and (last - first).days >= LONGEST_DAYS:
            self.add_error("last", _("At most 366 days at once."))
        return given


class SpanForm(DaysForm):
    """And which conversations of them."""

    language = forms.RegexField(label=_("Language"), regex=r"^[\w-]{2,12}$", required=False)
    article = forms.UUIDField(required=False, widget=forms.HiddenInput)
    topic = forms.UUIDField(label=_("Topic"), required=False)

    def span(self) -> Span:
        given = self.cleaned_data
        return Span(*(given[name] for name in FILTERS))

    def query(self, **more: str) -> str:
        """The same filters as a link carries them, and more."""
        given = {name: self.cleaned_data[name] for name in FILTERS}
        texts = {name: str(value) for name, value in given.items() if value}
        return urlencode(texts | more)


class OnlyForm(SpanForm):
    """And which of their figures is meant."""

    tier = forms.ChoiceField(choices=[(one, one) for one in TIERS], required=False)
    said = forms.ChoiceField(choices=[(one, one) for one in SAID], required=False)
    escalated = forms.RegexField(regex=r"^[a-z_]{1,40}$", required=False)
    handed_off = forms.RegexField(regex=r"^[a-z_]{1,40}$", required=False)
    reopened = forms.BooleanField(required=False)
    before = forms.CharField(max_length=100, required=False)

    def only(self) -> Only:
        given = self.cleaned_data
        fields = ("tier", "said", "escalated", "handed_off", "reopened")
        return Only(**{name: given[name] for name in fields})

    def clean_before(self) -> tuple[date, datetime, UUID] | None:
        """Where a page begins: a time and an id, as `place` wrote them."""
        at, _comma, row_id = self.cleaned_data["before"].partition(",")
        if not at:
            return None
        try:
            started_at = datetime.fromisoformat(at)
            return started_at.date(), started_at, UUID(row_id)
        except ValueError:
            raise forms.ValidationError(_("There is no such page.")) from None

    def only_query(self, **more: str) -> str:
        """Span and figure as a link carries them, and more."""
        given = self.cleaned_data
        fields = ("tier", "said", "escalated", "handed_off")
        texts = {name: given[name] for name in fields if given[name]}
        return self.query(**texts, **({"reopened": "1"} if given["reopened"] else {}), **more)


def place(before: tuple[date, datetime, UUID]) -> str:
    _day, started_at, row_id = before
    return f"{started_at.isoformat()},{row_id}"


def with_days(given: Any) -> Any:
    """The query with the last 28 days where it names none."""
    found = given.copy()
    today = timezone.now().date()
    found.setdefault("last", today.isoformat())
    found.setdefault("first", (today - timedelta(days=DEFAULT_DAYS - 1)).isoformat())
    return found


def spans() -> list[tuple[int, str]]:
    """Days and the query of the spans that are one click away."""
    today = timezone.now().date()
    return [
        (days, urlencode({"first": today - timedelta(days=days - 1), "last": today}))
        for days in (7, DEFAULT_DAYS, 90, 365)
    ]
