"""What the savings pages are asked: a month, and which of its answers."""

from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from learning.statement import TIERS, Only

FIRST_YEAR, LAST_YEAR = 2000, 2999


def written(month: date) -> str:
    """As a form and a link carry it."""
    return f"{month:%Y-%m}"


class MonthForm(forms.Form):
    month = forms.CharField(
        label=_("Month"), max_length=7, widget=forms.TextInput(attrs={"type": "month"})
    )

    def clean_month(self) -> date:
        """Its first day."""
        try:
            found = date.fromisoformat(f"{self.cleaned_data['month']}-01")
        except ValueError:
            raise forms.ValidationError(_("A month is written like 2026-01.")) from None
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise forms.ValidationError(_("A month is written like 2026-01."))
        return found


class AnswersForm(MonthForm):
    """`untagged`: those of articles without a tag, or of none."""

    topic = forms.CharField(max_length=40, required=False)
    untagged = forms.BooleanField(required=False)
    tier = forms.TypedChoiceField(
        choices=[(one, one) for one in TIERS], coerce=int, empty_value=None, required=False
    )
    before = forms.CharField(max_length=100, required=False)

    def only(self) -> Only:
        given = self.cleaned_data
        return Only("" if given["untagged"] else given["topic"] or None, given["tier"])

    def query(self) -> str:
        given, only = self.cleaned_data, self.only()
        texts = {"month": written(given["month"])}
        if only.tier is not None:
            texts["tier"] = str(only.tier)
        if only.topic is not None:
            texts |= {"topic": only.topic} if only.topic else {"untagged": "1"}
        return urlencode(texts)

    def clean_before(self) -> tuple[datetime, UUID] | None:
        """Where a page begins: a time and an id."""
        at, _comma, row_id = self.cleaned_data["before"].partition(",")
        if not at:
            return None
        try:
            found = datetime.fromisoformat(at), UUID(row_id)
        except ValueError:
            raise forms.ValidationError(_("There is no such page.")) from None
        if found[0].tzinfo is None:
            raise forms.ValidationError(_("There is no such page."))
        return found
