"""The form of a replay: what is to be supposed, and of which questions."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from learning import golden
from learning.replay import LONGEST_DAYS, MOST, Wanted

LONGEST_PROVIDER = 160
LARGEST_NUMBER = 2**31 - 1  # of a revision, as the database can keep it


class ReplayForm(forms.Form):
    """versions: the numbers of the workspace's model versions."""

    days = forms.IntegerField(
        label=_("Of the last days"), min_value=1, max_value=LONGEST_DAYS, initial=30
    )
    risk = forms.FloatField(
        label=_("With the risk"),
        help_text=_("Share of wrong answers that is accepted, such as 0.05. Empty: as it is."),
        min_value=0.001,
        max_value=0.5,
        required=False,
    )
    version = forms.TypedChoiceField(
        label=_("With the model version"), coerce=int, empty_value=None, required=False
    )
    provider = forms.CharField(
        label=_("With the large model"),
        help_text=_("As vendor/model, or “none” for people in its place. Empty: as it is."),
        max_length=LONGEST_PROVIDER,
        required=False,
    )
    doc_id = forms.CharField(
        label=_("With the draft of an article"),
        help_text=_("Its id. Its newest text, which is not published, counts as published."),
        max_length=golden.LONGEST_NAME,
        required=False,
    )
    revision = forms.IntegerField(
        label=_("Its revision"),
        help_text=_("Another text of this article, such as an earlier one. Empty: its newest."),
        min_value=1,
        max_value=LARGEST_NUMBER,
        required=False,
    )
    limit = forms.IntegerField(
        label=_("At most so many questions"), min_value=1, max_value=MOST, initial=2_000
    )

    def __init__(self, *args: object, versions: Sequence[int] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # a form's own arguments
        choices = [("", _("as it is")), *((str(one), str(one)) for one in versions)]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> None:
        given = super().clean() or {}
        if given.get("revision") and not given.get("doc_id"):
            self.add_error("doc_id", _("A revision is one of an article: give its id too."))
        supposed = ("risk", "version", "provider", "doc_id")
        if not self.errors and not any(given.get(name) for name in supposed):
            raise forms.ValidationError(
                _("Say what is to be another: the risk, the model version, the large model or "
                  "the text of an article.")
            )  # fmt: skip

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(
            days=given["days"],
            risk=given["risk"],
            version=given["version"],
            provider=given["provider"],
            doc_id=given["doc_id"],
            revision=given["revision"],
            limit=given["limit"],
        )
