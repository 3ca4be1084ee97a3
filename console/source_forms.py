"""Forms of sources. What `knowledge.sources.keeping` refuses is shown as a problem of the form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.words import AUDIENCE_WORDS, FOLLOW_WORDS, SCHEDULE_WORDS
from knowledge.models import Source
from knowledge.sources.keeping import LONGEST_NAME, Wanted
from knowledge.sources.settings import DEEPEST, MOST_PAGES, GitSettings, SiteSettings

LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$"


class SourceForm(forms.Form):
    """What every source has."""

    kind = ""
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    address = forms.CharField(label=_("Address"), max_length=500)
    every_hours = forms.TypedChoiceField(
        label=_("Read it again"),
        choices=list(SCHEDULE_WORDS.items()),
        coerce=int,
        initial=24,
    )
    audience = forms.ChoiceField(
        label=_("Who may read its articles"),
        choices=list(AUDIENCE_WORDS.items()),
        initial="public",
    )
    lang = forms.RegexField(
        label=_("Language"),
        help_text=_("Of pages that do not say it themselves, such as en or ru."),
        regex=LANGUAGE,
        max_length=12,
        initial="en",
    )

    def settings(self) -> SiteSettings | GitSettings:
        raise NotImplementedError

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(
            kind=self.kind,
            name=given["name"].strip(),
            address=given["address"].strip(),
            settings=self.settings(),
            every_hours=given["every_hours"],
        )


class SiteForm(SourceForm):
    kind = "site"
    follow = forms.ChoiceField(
        label=_("Find pages by"),
        help_text=_("A sitemap is looked for in robots.txt, or give its own address."),
        choices=list(FOLLOW_WORDS.items()),
    )
    inside = forms.CharField(
        label=_("Only pages below this path"),
        help_text=_("Such as /help/. Empty: the whole site."),
        max_length=200,
        required=False,
    )
    most_pages = forms.IntegerField(
        label=_("Pages at most"), min_value=1, max_value=MOST_PAGES, initial=500
    )
    deepest = forms.IntegerField(
        label=_("Links away from the first page at most"),
        min_value=0,
        max_value=DEEPEST,
        initial=5,
    )
    field_order = ("name", "address", "follow", "inside", "most_pages", "deepest")

    def settings(self) -> SiteSettings:
        given = self.cleaned_data
        return SiteSettings(
            follow=given["follow"],
            most_pages=given["most_pages"],
            deepest=given["deepest"],
            inside=given["inside"].strip(),
            lang=given["lang"],
            audience=given["audience"],
        )


class GitForm(SourceForm):
    kind = "git"
    branch = forms.CharField(
        label=_("Branch"), help_text=_("Empty: the main one."), max_length=200, required=False
    )
    folder = forms.CharField(
        label=_("Folder"), help_text=_("Empty: all of it."), max_length=300, required=False
    )
    pattern = forms.CharField(
        label=_("Files"),
        help_text=_("* stands for a name, **/ for any folders."),
        max_length=200,
        initial="**/*.md",
    )
    field_order = ("name", "address", "branch", "folder", "pattern")

    def settings(self) -> GitSettings:
        given = self.cleaned_data
        return GitSettings(
            branch=given["branch"].strip(),
            folder=given["folder"].strip().strip("/"),
            pattern=given["pattern"].strip(),
            lang=given["lang"],
            audience=given["audience"],
        )


FORMS: dict[str, type[SiteForm] | type[GitForm]] = {"site": SiteForm, "git": GitForm}


def initial(source: Source) -> dict[str, Any]:
    given = {"name": source.name, "address": source.location, "every_hours": source.every_hours}
    return {**source.settings, **given}
