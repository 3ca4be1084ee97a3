"""The form of what is decided about answers that a large model gives or checks."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chatbot.answer_rules import Rules
from chatbot.models import UnsupportedSentences

NEVER = ""


class AnswerRulesForm(forms.Form):
    """`seen_risk`, `seen_sentences`: what was set when the page was opened."""

    checked_risk = forms.ChoiceField(
        label=_("Answer at once and check afterwards"),
        help_text=_(
            "Where the bot is not sure enough for the dial, but for this risk: it answers, the "
            "answer says that it is being checked, and the large model checks it. What it does not "
            "bear out is changed or taken back where the visitor can see it."
        ),
        required=False,
    )
    unsupported_sentences = forms.ChoiceField(
        label=_("A sentence of the large model without support"),
        help_text=_("The passages that it cites do not say it."),
        choices=[
            (UnsupportedSentences.HAND_OVER, _("the whole answer goes to a person")),
            (UnsupportedSentences.REMOVE, _("is left out, if the rest still answers")),
        ],
    )
    seen_risk = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    seen_sentences = forms.CharField(widget=forms.HiddenInput, max_length=10)

    def __init__(self, *args: Any, risks: Iterable[float], **kwargs: Any) -> None:
        """risks: those that can be chosen, above the dial's."""
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [(NEVER, _("never"))]
        for risk in risks:
            words = _("where at most %(percent)s%% would be wrong") % {"percent": f"{risk * 100:g}"}
            choices.append((str(risk), words))
        field = self.fields["checked_risk"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @classmethod
    def of(cls, rules: Rules, *, risks: Iterable[float]) -> "AnswerRulesForm":
        risk = NEVER if rules.checked_risk is None else str(rules.checked_risk)
        initial = {
            "checked_risk": risk,
            "unsupported_sentences": rules.unsupported_sentences,
            "seen_risk": risk,
            "seen_sentences": rules.unsupported_sentences,
        }
        return cls(initial=initial, risks=risks)

    def clean_seen_risk(self) -> float | None:
        seen = self.cleaned_data["seen_risk"]
        try:
            return float(seen) if seen else None
        except ValueError:
            raise forms.ValidationError(_("This is no risk.")) from None

    def wanted(self) -> Rules:
        risk = self.cleaned_data["checked_risk"]
        return Rules(self.cleaned_data["unsupported_sentences"], float(risk) if risk else None)

    def seen(self) -> Rules:
        return Rules(self.cleaned_data["seen_sentences"], self.cleaned_data["seen_risk"])
