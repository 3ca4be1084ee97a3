"""The form of what visitors are offered beside the talk, and what they are asked before it."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import WorkspaceSettings
from accounts.workspaces import LONGEST_SILENCE_HOURS, Setting
from chatbot.prechat import LONGEST, MOST_TOPICS, NAMES, OPTIONAL, REQUIRED

MODES = [("", _("not asked")), (OPTIONAL, _("may be left empty")), (REQUIRED, _("required"))]
ASKED = {
    "name": _("Name"),
    "email": _("E-mail"),
    "topic": _("Topic, from a list"),
    "note": _("One line of your own"),
}
SWITCHES = (
    "ratings_asked",
    "attachments_allowed",
    "transcripts_allowed",
    "replies_by_mail",
    "browser_suggestions",
)


class VisitorsForm(forms.Form):
    """`ask_NAME`, one for each of chatbot.prechat.NAMES; `topics_LANGUAGE`, `note_LANGUAGE`."""

    ratings_asked = forms.BooleanField(
        label=_("Ask for a rating when a conversation is closed"), required=False
    )
    attachments_allowed = forms.BooleanField(
        label=_("Visitors may send pictures and PDFs"), required=False
    )
    transcripts_allowed = forms.BooleanField(
        label=_("Visitors may have their conversation sent by e-mail"), required=False
    )
    replies_by_mail = forms.BooleanField(
        label=_("Outside of your hours, ask for an e-mail address and answer there too"),
        required=False,
    )
    browser_suggestions = forms.BooleanField(
        label=_("Suggest help pages while a visitor types, by a model in their browser"),
        help_text=_(
            "Nothing of what they type leaves their device before they send it. Their browser "
            "fetches about 21 MB once, but not on a slow or metered connection."
        ),
        required=False,
    )
    close_after_hours = forms.IntegerField(
        label=_("Close a conversation with the bot after so many hours of silence"),
        help_text=_("Only after the bot's word. Empty: never."),
        min_value=1,
        max_value=LONGEST_SILENCE_HOURS,
        required=False,
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in NAMES:
            self.fields[f"ask_{name}"] = forms.ChoiceField(
                label=ASKED[name], choices=MODES, required=False
            )
        for code, language in settings.LANGUAGES:
            self.fields[f"topics_{code}"] = forms.CharField(
                label=gettext("Topics, one a line (%(language)s)") % {"language": language},
                widget=forms.Textarea(attrs={"rows": 3}),
                max_length=4_000,
                required=False,
            )
            self.fields[f"note_{code}"] = forms.CharField(
                label=gettext("Words of your own line (%(language)s)") % {"language": language},
                max_length=120,
                required=False,
            )

    def asked(self) -> list[Any]:
        return [self[f"ask_{name}"] for name in NAMES]

    def words(self) -> list[Any]:
        """The bound fields of each language."""
        parts = ("topics", "note")
        return [self[f"{part}_{code}"] for part in parts for code, _name in settings.LANGUAGES]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        topics = {code: self._topics(code) for code, _name in settings.LANGUAGES}
        notes = {code: given.get(f"note_{code}", "") for code, _name in settings.LANGUAGES}
        given["prechat"] = {
            "fields": {name: given[f"ask_{name}"] for name in NAMES if given.get(f"ask_{name}")},
            "topics": {code: found for code, found in topics.items() if found},
            "note_label": {code: words for code, words in notes.items() if words},
        }
        if given.get("ask_topic") and not any(topics.values()) and not self.errors:
            self.add_error("ask_topic", gettext("Write the topics to choose from."))
        if given.get("ask_note") and not any(notes.values()) and not self.errors:
            self.add_error("ask_note", gettext("Write the words of your own line."))
        return given

    def _topics(self, code: str) -> list[str]:
        name = f"topics_{code}"
        lines = [" ".join(one.split()) for one in self.cleaned_data.get(name, "").splitlines()]
        found = list(dict.fromkeys(filter(None, lines)))
        if len(found) > MOST_TOPICS:
            self.add_error(name, gettext("At most %(most)s topics.") % {"most": MOST_TOPICS})
        if any(len(one) > LONGEST["topic"] for one in found):
            said = gettext("A topic has at most %(most)s characters.")
            self.add_error(name, said % {"most": LONGEST["topic"]})
        return found

    def changes(self) -> dict[str, Setting]:
        given = self.cleaned_data
        return {name: given[name] for name in (*SWITCHES, "close_after_hours", "prechat")}


def current(row: WorkspaceSettings) -> VisitorsForm:
    initial: dict[str, Any] = {name: getattr(row, name) for name in SWITCHES}
    initial["close_after_hours"] = row.close_after_hours
    prechat = row.prechat
    initial |= {f"ask_{name}": mode for name, mode in prechat.get("fields", {}).items()}
    initial |= {
        f"topics_{code}": "\n".join(found) for code, found in prechat.get("topics", {}).items()
    }
    initial |= {f"note_{code}": words for code, words in prechat.get("note_label", {}).items()}
    return VisitorsForm(initial=initial)
