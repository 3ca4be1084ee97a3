"""The form of one large model. A key goes in and is never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chatbot.escalation.large_models import LONGEST_KEY, MOST_PRICE, Wanted
from chatbot.escalation.vendors import VENDORS
from chatbot.local_models import store
from chatbot.models import LargeModel


def _price(label: Any) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        help_text=_("US dollars. Empty: from the list of known prices."),
        min_value=0,
        max_value=MOST_PRICE,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


class LargeModelForm(forms.Form):
    vendor = forms.ChoiceField(
        label=_("Provider"), choices=[(name, _(one.label)) for name, one in VENDORS.items()]
    )
    model = forms.CharField(
        label=_("Model"), help_text=_("Its name, as the provider writes it."), max_length=120
    )
    base_url = forms.CharField(
        label=_("Address"),
        help_text=_("Only where it is not the provider's own, such as your Azure resource."),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    key = forms.CharField(
        label=_("Key"),
        max_length=LONGEST_KEY,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    price_input_per_mtok = _price(_("Price of a million input tokens"))
    price_output_per_mtok = _price(_("Price of a million output tokens"))
    enabled = forms.BooleanField(label=_("Is asked"), required=False, initial=True)

    @classmethod
    def of(cls, row: LargeModel) -> "LargeModelForm":
        names = [name for name in cls.base_fields if name != "key"]
        form = cls(initial={name: getattr(row, name) for name in names})
        if row.sealed_key:
            form.fields["key"].help_text = _("A key is kept. Empty: it stays.")
        return form

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if in_house := store.names():
            self.fields["model"].help_text = _(
                "Its name, as the provider writes it. In the house there are: %(names)s."
            ) % {"names": ", ".join(in_house)}

    def wanted(self) -> Wanted:
        return Wanted(**{**self.cleaned_data, "key": self.cleaned_data["key"] or None})
