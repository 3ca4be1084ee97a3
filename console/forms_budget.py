"""What may be spent on large models, and what time costs: a part of the settings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import WorkspaceSettings
from accounts.workspaces import MONEY, Setting


def _dollars(label: Any, help_text: Any) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        help_text=help_text,
        min_value=0,
        max_value=1_000_000,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )


class BudgetFields(forms.Form):
    """Empty: no limit, but for the day, which has the server's."""

    budget_usd_per_day = _dollars(
        _("Large model: US dollars a day"), _("When they are used up, people answer.")
    )
    budget_usd_per_month = _dollars(
        _("US dollars a month"), _("A calendar month, in UTC like the day. Empty: no limit.")
    )
    budget_usd_per_visitor = _dollars(_("US dollars a day for one visitor"), _("Empty: no limit."))
    budget_usd_per_conversation = _dollars(
        _("US dollars for one conversation"), _("Empty: no limit.")
    )
    budget_warning_percent = forms.FloatField(
        label=_("Warn at, in percent"),
        help_text=_(
            "When so much of the day's or month's budget is used, administrators read it here and "
            "get a mail."
        ),
        min_value=1,
        max_value=100,
        required=False,
        widget=forms.NumberInput(attrs={"step": "1"}),
    )
    weigh_people = forms.BooleanField(
        label=_("Once that is used, ask a free agent first"),
        help_text=_(
            "The rest of the budget is kept for when nobody is there or the line is long. The "
            "desk shows why a question went where it did."
        ),
        required=False,
    )
    agent_usd_per_hour = _dollars(
        _("An agent's hour costs, in US dollars"),
        _("For the savings statement. Empty: minutes are counted, no money."),
    )

    def budget_changes(self) -> dict[str, Setting]:
        given = self.cleaned_data
        percent = given["budget_warning_percent"]
        return {
            **{name: given[name] for name in MONEY},
            "weigh_people": given["weigh_people"],
            "budget_warning_share": _default_share() if percent is None else percent / 100,
        }


def budget_initial(row: WorkspaceSettings) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in MONEY},
        "weigh_people": row.weigh_people,
        "budget_warning_percent": round(row.budget_warning_share * 100, 4),
    }


def _default_share() -> float:
    return float(WorkspaceSettings().budget_warning_share)
