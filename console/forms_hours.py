"""The form of business hours: a time zone, each weekday in words such as 9-12:30, 13:30-18."""

from datetime import date
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import WorkspaceSettings
from accounts.workspaces import Setting
from chatbot import hours

MOST_HOLIDAYS = 400
EXAMPLE = "9:00-17:00"


class HoursForm(forms.Form):
    """`day_0` is Monday. With `always` the days are kept to be seen, and not followed."""

    always = forms.BooleanField(
        label=_("People answer at any time"),
        help_text=_(
            "Else only in these hours. Outside of them visitors are told when you are back."
        ),
        required=False,
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        help_text=_("Such as Europe/Berlin."),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    holidays = forms.CharField(
        label=_("Holidays"),
        help_text=_("Days on which nobody answers, one a line, such as 2026-12-25."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=10_000,
        required=False,
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for number, name in WEEKDAYS.items():
            self.fields[f"day_{number}"] = forms.CharField(
                label=name,
                max_length=100,
                required=False,
                widget=forms.TextInput(attrs={"placeholder": _("closed")}),
            )

    def days(self) -> list[Any]:
        """The bound fields of the weekdays."""
        return [self[f"day_{number}"] for number in WEEKDAYS]

    def clean_holidays(self) -> list[date]:
        lines = self.cleaned_data["holidays"].split()
        try:
            found = sorted({date.fromisoformat(line) for line in lines})
        except ValueError:
            raise forms.ValidationError(gettext("Write each day as 2026-12-25.")) from None
        if len(found) > MOST_HOLIDAYS:
            raise forms.ValidationError(gettext("At most 400 days."))
        return found

    def clean(self) -> dict[str, Any]:
        week = [self._spans(number) for number in WEEKDAYS]
        self.cleaned_data["hours"] = [] if self.cleaned_data.get("always") else week
        if not self.cleaned_data.get("always") and not any(week) and not self.errors:
            self.add_error(None, gettext("Give the hours of one day at least, or tick the box."))
        return self.cleaned_data

    def _spans(self, number: int) -> list[list[str]]:
        name = f"day_{number}"
        try:
            return hours.read_spans(self.cleaned_data.get(name, ""))
        except ValueError:
            self.add_error(name, gettext("Write hours as 9:00-12:30, 13:30-18:00, in order."))
            return []

    def changes(self) -> dict[str, Setting]:
        given = self.cleaned_data
        return {name: given[name] for name in ("time_zone", "hours", "holidays")}


def current(row: WorkspaceSettings) -> HoursForm:
    week = row.hours or [hours.read_spans(EXAMPLE)] * 5 + [[], []]
    days = {f"day_{number}": hours.written(spans) for number, spans in enumerate(week)}
    return HoursForm(
        initial={
            "always": not row.hours,
            "time_zone": row.time_zone,
            "holidays": "\n".join(str(day) for day in row.holidays),
            **days,
        }
    )
