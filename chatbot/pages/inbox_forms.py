"""What the desk's inbox is asked, as its addresses carry it."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from chatbot.inbox.acting import MOST, Order
from chatbot.inbox.finding import LONGEST
from chatbot.inbox.listing import MOST_TOUCHED, Filters, Wanted, views
from chatbot.inbox.tags import LONGEST as LONGEST_TAG
from chatbot.models import Channel, Priority


def _ids(text: str, *, most: int) -> list[UUID]:
    try:
        found = [UUID(one) for one in text.split(",") if one]
    except ValueError:
        raise forms.ValidationError(_("That is no id.")) from None
    if len(found) > most:
        raise forms.ValidationError(_("Too many at once."))
    return found


class FilterForm(forms.Form):
    """The filters, for lists and for the search alike."""

    channel = forms.ChoiceField(choices=[("", ""), *Channel.choices], required=False)
    language = forms.RegexField(regex=r"^[\w-]{2,12}$", required=False)
    tag = forms.UUIDField(required=False)
    priority = forms.TypedChoiceField(
        choices=[("", ""), *((one.name.lower(), one.name) for one in Priority)],
        coerce=lambda name: Priority[name.upper()].value,
        empty_value=None,
        required=False,
    )
    agent = forms.RegexField(regex=r"^(bot|queue|[0-9a-f-]{36})$", required=False)
    first = forms.DateField(required=False)
    last = forms.DateField(required=False)
    after = forms.CharField(max_length=120, required=False)

    def clean_agent(self) -> str:
        agent = str(self.cleaned_data["agent"])
        if len(agent) == 36:
            _ids(agent, most=1)
        return agent

    def filters(self) -> Filters:
        given = self.cleaned_data
        return Filters(
            **{name: given[name] for name in Filters.__dataclass_fields__},
        )


class ViewForm(FilterForm):
    view = forms.ChoiceField(choices=lambda: [(name, name) for name in views()])
    sort = forms.ChoiceField(
        choices=[("", ""), *((name, name) for name in ("urgent", "oldest", "newest"))],
        required=False,
    )
    touched = forms.CharField(max_length=37 * MOST_TOUCHED, required=False)

    def clean_touched(self) -> list[UUID]:
        return _ids(self.cleaned_data["touched"], most=MOST_TOUCHED)

    def wanted(self) -> Wanted:
        """Who waits is shown most urgent first, everything else newest first, unless said."""
        given = self.cleaned_data
        sort = given["sort"] or "urgent"
        return Wanted(
            given["view"],
            self.filters(),
            oldest_first=sort == "oldest",
            urgent_first=sort == "urgent",
            after=given["after"],
            touched=tuple(given["touched"]),
        )


class FindForm(FilterForm):
    """The words are checked by chatbot.inbox.finding, which knows what it can look for."""

    q = forms.CharField(max_length=4 * LONGEST, required=False)


class ActForm(forms.Form):
    ids = forms.CharField(max_length=37 * MOST)
    action = forms.CharField(max_length=20)
    tag = forms.CharField(max_length=4 * LONGEST_TAG, required=False)
    until = forms.CharField(max_length=40, required=False)
    into = forms.UUIDField(required=False)
    seen = forms.CharField(max_length=11 * MOST, required=False)

    def clean_ids(self) -> list[UUID]:
        return _ids(self.cleaned_data["ids"], most=MOST)

    def clean_until(self) -> Any:
        """A moment with its offset, as the browser knows it."""
        text = self.cleaned_data["until"]
        if not text:
            return None
        try:
            found = forms.DateTimeField().to_python(text)
        except forms.ValidationError:
            found = None
        if found is None or found.tzinfo is None:
            raise forms.ValidationError(_("That is no time."))
        return found

    def clean_seen(self) -> dict[UUID, int]:
        """For each of the ids, in their order, the number of an event; or empty if not known."""
        ids, given = self.cleaned_data.get("ids", []), str(self.cleaned_data["seen"]).split(",")
        fits = len(given) == len(ids) and all(re.fullmatch("[0-9]{0,10}", one) for one in given)
        if not fits and given != [""]:
            raise forms.ValidationError(_("There must be one number for each id."))
        return {one: int(seq) for one, seq in zip(ids, given, strict=False) if seq}

    def order(self) -> Order:
        given = self.cleaned_data
        more = {name: given[name] for name in ("tag", "until", "into", "seen")}
        return Order(given["action"], **more)
