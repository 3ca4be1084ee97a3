"""Forms of the console. What the functions behind them refuse is shown as a problem of the form."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Tone
from accounts.workspaces import Setting
from chatbot.colours import OWN_COLOUR
from chatbot.widgets import MAX_NAME
from console.forms_budget import BudgetFields
from console.words import AUDIENCE_WORDS, ROLE_WORDS, TONE_WORDS, VERDICT_WORDS, WRONG_WORDS
from knowledge import tags
from knowledge.articles import KnowledgeError
from knowledge.drafts import LONGEST_NOTE
from knowledge.editing import Draft
from knowledge.parsing.document import LONGEST_TITLE, LONGEST_URL
from learning.models import DraftCheck

LONGEST_EDITED = 300_000  # characters; longer articles come from files
WEB_ADDRESS = r"(?i)^https?://"
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$"


class ArticleForm(forms.Form):
    """`base` is the revision that was opened; `doc_id` makes a new form's second click harmless.

    `translation_of`: the article that a new one translates.
    """

    doc_id = forms.UUIDField(widget=forms.HiddenInput)
    base = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    translation_of = forms.UUIDField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=_("Text"),
        help_text=_("Markdown: # for headings, - for lists, ** around bold words."),
        widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "true"}),
        max_length=LONGEST_EDITED,
        strip=False,
        validators=[RegexValidator(r"\S", _("The article has no text."))],
    )
    lang = forms.RegexField(
        label=_("Language"),
        help_text=_("Its code, such as en or ru."),
        regex=LANGUAGE,
        max_length=12,
        initial="en",
    )
    audience = forms.ChoiceField(
        label=_("Who may read it"), choices=list(AUDIENCE_WORDS.items()), initial="public"
    )
    url = forms.CharField(
        label=_("Address of the original page"),
        help_text=_("If the article has one elsewhere."),
        max_length=LONGEST_URL,
        required=False,
        validators=[RegexValidator(WEB_ADDRESS, _("This is not an http or https address."))],
    )
    tags = forms.CharField(
        label=_("Tags"),
        help_text=_("Separated by commas."),
        max_length=1_000,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Note for the review"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_tags(self) -> tuple[str, ...]:
        try:
            return tags.parsed(self.cleaned_data["tags"])
        except KnowledgeError as error:
            raise forms.ValidationError(str(error)) from None

    def original_id(self) -> UUID | None:
        found = self.cleaned_data["translation_of"]
        return found if isinstance(found, UUID) else None

    losing: DraftCheck | None = None  # by which publishing this text loses answers

    def draft(self) -> Draft:
        given = self.cleaned_data
        return Draft(
            title=given["title"],
            text=given["text"].replace("\r\n", "\n"),
            url=given["url"],
            lang=given["lang"],
            audience=given["audience"],
            tags=given["tags"] if "tags" in self.data else None,
        )


class ScheduleForm(forms.Form):
    """A moment by the clocks of the workspace; without one, none is scheduled."""

    at = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])

    def clean_at(self) -> datetime | None:
        found = self.cleaned_data["at"]
        return found.replace(tzinfo=None) if isinstance(found, datetime) else None


class SettingsForm(BudgetFields):
    """Empty numbers mean the server's default."""

    risk_percent = forms.FloatField(
        label=_("Risk dial: wrong answers allowed, in percent"),
        help_text=_("Of the questions that the bot answers by itself. 0.1 to 50."),
        min_value=0.1,
        max_value=50,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )
    compact_model_allowed = forms.BooleanField(
        label=_("The compact model may answer"),
        help_text=_(
            "Off: it still finds passages for whoever answers instead, and knows a greeting and a "
            "wish for a person."
        ),
        required=False,
    )
    large_model_allowed = forms.BooleanField(
        label=_("A large model may be asked"),
        help_text=_("Only if the server has one, and only with the text redacted."),
        required=False,
    )
    consent_required = forms.BooleanField(
        label=_("Visitors are asked before a large model is"),
        help_text=_(
            "Once, with two buttons. Until a visitor agrees nothing of theirs leaves the server; "
            "who doesn't goes to people."
        ),
        required=False,
    )
    people_allowed = forms.BooleanField(
        label=_("People answer"),
        help_text=_(
            "Off: nobody new waits at the desk. Visitors are told that there are automatic answers "
            "only. Who waits already can still be answered."
        ),
        required=False,
    )
    audit_percent = forms.FloatField(
        label=_("Answers to check, in percent of all questions"),
        help_text=_("Drawn at random, answered or not; agents give verdicts. 0 to 100."),
        min_value=0,
        max_value=100,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )

    clarify = forms.BooleanField(
        label=_("The bot may ask back"),
        help_text=_("When two articles fit a question, it asks once which one is meant."),
        required=False,
    )

    decline = forms.BooleanField(
        label=_("The bot may decline"),
        help_text=_(
            "What nobody's customers ask, such as sums or verses, and no article is about, gets a "
            "friendly no. Otherwise the large model or a person is asked."
        ),
        required=False,
    )

    review_required = forms.BooleanField(
        label=_("Articles are reviewed"),
        help_text=_(
            "What an editor writes is published by another member. Administrators may always "
            "publish."
        ),
        required=False,
    )

    check_required = forms.BooleanField(
        label=_("Golden questions are asked before anything goes live"),
        help_text=_(
            "Whoever publishes sees which answers get lost, and confirms it. Off: only where "
            "somebody asks for the check."
        ),
        required=False,
    )
    schedule_waits = forms.BooleanField(
        label=_("A schedule waits if golden answers would get lost"),
        help_text=_("They are asked when its moment has come; the article says so."),
        required=False,
    )
    imports_reviewed = forms.BooleanField(
        label=_("Imported articles wait for review"),
        help_text=_(
            "Files, web sites, Git folders and the REST API write drafts. Off: what they bring "
            "goes live at once."
        ),
        required=False,
    )

    def changes(self) -> dict[str, Setting]:
        given = self.cleaned_data
        percent, audited = given["risk_percent"], given["audit_percent"]
        return {
            "review_required": given["review_required"],
            "check_required": given["check_required"],
            "schedule_waits": given["schedule_waits"],
            "imports_reviewed": given["imports_reviewed"],
            "risk": None if percent is None else round(percent / 100, 6),
            "compact_model_allowed": given["compact_model_allowed"],
            "large_model_allowed": given["large_model_allowed"],
            "consent_required": given["consent_required"],
            "people_allowed": given["people_allowed"],
            "clarify": given["clarify"],
            "decline": given["decline"],
            **self.budget_changes(),
            "audit_share": None if audited is None else round(audited / 100, 6),
        }


class DialForm(forms.Form):
    """`seen`: the risk that was set when the page was opened; empty for the server's default."""

    risk = forms.FloatField(min_value=0.001, max_value=0.5)
    seen = forms.FloatField(min_value=0, max_value=1, required=False)


class CheckForm(forms.Form):
    """`seen`: how many verdicts the answer had when the page was opened."""

    verdict = forms.ChoiceField(choices=list(VERDICT_WORDS.items()))
    seen = forms.IntegerField(min_value=0, max_value=10_000)


class ReasonForm(forms.Form):
    reason = forms.ChoiceField(choices=list(WRONG_WORDS.items()))


class WidgetForm(forms.Form):
    """How the widget looks and speaks. No name: the workspace's; no language: all of them."""

    name = forms.CharField(
        label=_("Name of the bot"),
        help_text=_("Above the chat and beside each answer. Empty: the workspace's name."),
        max_length=MAX_NAME,
        required=False,
    )
    origins = forms.CharField(
        label=_("Origins that may show the widget"),
        help_text=_("One a line, such as https://www.example.com."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=12_000,
        required=False,
    )
    greeting = forms.CharField(
        label=_("Greeting"),
        help_text=_("What the widget says first."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    colour = forms.RegexField(
        label=_("Colour"),
        help_text=_("Of the button, the visitor's messages and what can be pressed."),
        regex=r"(?i)^#[0-9a-f]{6}$",
        required=False,
        initial=OWN_COLOUR,
        widget=forms.TextInput(attrs={"type": "color", "data-own": OWN_COLOUR}),
    )
    tone = forms.ChoiceField(
        label=_("Tone of the fixed phrases"),
        help_text=_("Answers keep the words of your articles."),
        choices=list(TONE_WORDS.items()),
        required=False,
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages offered"),
        help_text=_("None ticked: all of them."),
        choices=settings.LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    default_language = forms.ChoiceField(
        label=_("Default language"),
        help_text=_("For visitors whose browser asks for none of these."),
        choices=settings.LANGUAGES,
        required=False,
    )

    def voice(self) -> dict[str, Setting]:
        """What is the workspace's of it."""
        given = self.cleaned_data
        chosen: list[str] = given["languages"]
        return {
            "tone": given["tone"] or Tone.FRIENDLY.value,
            "languages": [] if len(chosen) == len(settings.LANGUAGES) else chosen,
            "default_language": given["default_language"]
            or (chosen or [settings.LANGUAGE_CODE])[0],
        }

    def wanted_colour(self) -> str:
        colour = str(self.cleaned_data["colour"]).lower()
        return "" if colour == OWN_COLOUR else colour

    def wanted_origins(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["origins"].splitlines() if line.strip()]


class MemberForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    role = forms.ChoiceField(
        label=_("Role"), choices=list(ROLE_WORDS.items()), initial=Role.AGENT.value
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=list(ROLE_WORDS.items()))


class KeyForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What it is for."))
