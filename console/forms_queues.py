"""Forms of the queues: a queue with its targets, and the rules of the desk."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatbot.models import DeskRules, Priority, Queue
from chatbot.queues.choosing import TAG
from chatbot.queues.setting_up import Minutes, Wanted
from chatbot.queues.staff import Colleague

PRIORITY_WORDS = {0: _("normal"), 1: _("high"), 2: _("urgent")}
TARGET_WORDS = {
    "first_reply": _("First reply"),
    "next_reply": _("Next reply"),
    "resolution": _("Resolution"),
}
TOPIC_WORDS = {
    "asked_for_person": _("the visitor asked for a person"),
    "complaint": _("the visitor complains"),
    "unsafe_topic": _("a topic for people alone"),
    "repeated_failure": _("the answers did not help"),
    "low_confidence": _("the bot was not sure enough"),
    "no_provider": _("no large model is set up"),
    "no_consent": _("the visitor did not agree that a large model is asked"),
    "timeout": _("it took too long"),
}
MOST_MINUTES = 100_000
MOST_LINES = 100


def _minutes(**more: Any) -> forms.IntegerField:
    return forms.IntegerField(min_value=1, max_value=MOST_MINUTES, required=False, **more)


class QueueForm(forms.Form):
    """`sla_<priority>_<kind>`: minutes; empty is no target."""

    name = forms.CharField(label=_("Name"), max_length=60)
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        help_text=_("None chosen: all languages."),
        choices=settings.LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    topics = forms.MultipleChoiceField(
        label=_("Reasons"),
        help_text=_("Why conversations come here. None chosen and no tags: every reason."),
        choices=list(TOPIC_WORDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    tags = forms.CharField(
        label=_("Tags"),
        help_text=_("Tags of articles, with commas: questions about these come here."),
        max_length=1_000,
        required=False,
    )
    members = forms.MultipleChoiceField(
        label=_("Agents"),
        help_text=_("None chosen: every agent."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    assign = forms.BooleanField(
        label=_("Offer conversations to agents in turn"),
        help_text=_("Else agents claim by hand."),
        required=False,
    )
    take_up_s = forms.IntegerField(
        label=_("Seconds to take an offered conversation"),
        min_value=10,
        max_value=3600,
        initial=60,
    )

    def __init__(self, *args: Any, agents: Iterable[Colleague], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["members"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(one.id), one.name) for one in agents]
        for priority, word in PRIORITY_WORDS.items():
            for kind, target in TARGET_WORDS.items():
                label = gettext("%(target)s, priority %(priority)s, minutes")
                said = label % {"target": target, "priority": word}
                self.fields[f"sla_{priority}_{kind}"] = _minutes(label=said)

    def targets(self) -> list[tuple[Any, list[Any]]]:
        """The bound fields of the targets, a row for each priority."""
        return [
            (word, [self[f"sla_{priority}_{kind}"] for kind in TARGET_WORDS])
            for priority, word in PRIORITY_WORDS.items()
        ]

    def clean_tags(self) -> list[str]:
        found = [part.strip().casefold() for part in self.cleaned_data["tags"].split(",")]
        kept = list(dict.fromkeys(one for one in found if one))
        if any(len(one) > 70 for one in kept) or len(kept) > MOST_LINES:
            raise forms.ValidationError(gettext("At most 100 tags of 70 characters."))
        return kept

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        targets: dict[int, Minutes] = {
            priority: (
                given[f"sla_{priority}_first_reply"],
                given[f"sla_{priority}_next_reply"],
                given[f"sla_{priority}_resolution"],
            )
            for priority in PRIORITY_WORDS
        }
        return Wanted(
            name=given["name"],
            languages=given["languages"],
            topics=[*given["topics"], *(f"{TAG}{one}" for one in given["tags"])],
            assign=given["assign"],
            take_up_s=given["take_up_s"],
            members=given["members"],
            targets=targets,
        )


def shown(row: Queue) -> dict[str, Any]:
    """What a form of this queue begins with."""
    targets = {
        f"sla_{target.priority}_{kind}": getattr(target, f"{kind}_min")
        for target in row.targets.all()
        for kind in TARGET_WORDS
    }
    return {
        "name": row.name,
        "languages": row.languages,
        "topics": [one for one in row.topics if not one.startswith(TAG)],
        "tags": ", ".join(one[len(TAG) :] for one in row.topics if one.startswith(TAG)),
        "members": [str(one.member_id) for one in row.people.all()],
        "assign": row.assign,
        "take_up_s": row.take_up_s,
        **targets,
    }


class RulesForm(forms.Form):
    """Empty minutes: never. `priority_<topic>`: of each reason; tags are lines of their own."""

    silent_min = _minutes(
        label=_("Minutes until a silent agent's conversation goes back to its queue"),
        help_text=_("Counted while the visitor waits for a reply. Empty: never."),
    )
    gone_min = _minutes(
        label=_("Minutes until the conversation of an agent who is away goes back"),
        help_text=_("Also where the connection was lost. Empty: never."),
    )
    visitor_gone_min = _minutes(
        label=_("Minutes until a conversation closes in which the visitor is silent"),
        help_text=_("After the agent's last reply. Empty: never."),
    )
    visitor_left_min = _minutes(
        label=_("Minutes until the conversation of a waiting visitor who has left closes"),
        help_text=_(
            "Counted in business hours, while their chat window is not open. Whoever left "
            "an e-mail address is waited for. Empty: never."
        ),
    )
    holding_min = _minutes(
        label=_("Minutes until a waiting visitor is told that they are not forgotten"),
        help_text=_("Then again after twice the time. Empty: never."),
    )
    unsafe_words = forms.CharField(
        label=_("Words and phrases for people alone"),
        help_text=_("One a line. Who writes one is passed to a person before the bot answers."),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    tags = forms.CharField(
        label=_("Priority of tags"),
        help_text=_("One a line, such as: invoices = high"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for topic, word in TOPIC_WORDS.items():
            self.fields[f"priority_{topic}"] = forms.TypedChoiceField(
                label=word, choices=list(PRIORITY_WORDS.items()), coerce=int
            )

    def priorities(self) -> list[Any]:
        """The bound fields of the reasons."""
        return [self[f"priority_{topic}"] for topic in TOPIC_WORDS]

    def timings(self) -> list[Any]:
        names = (
            "silent_min",
            "gone_min",
            "visitor_gone_min",
            "visitor_left_min",
            "holding_min",
            "unsafe_words",
        )
        return [self[name] for name in names]

    def clean_unsafe_words(self) -> list[str]:
        lines = [one.strip() for one in self.cleaned_data["unsafe_words"].splitlines()]
        found = [one for one in lines if one]
        if len(found) > MOST_LINES or any(len(one) > 80 for one in found):
            raise forms.ValidationError(gettext("At most 100 lines of 80 characters."))
        return found

    def clean_tags(self) -> dict[str, int]:
        words = {str(word): number for number, word in PRIORITY_WORDS.items()}
        words |= {one.name.lower(): one.value for one in Priority}
        found = {}
        for line in filter(str.strip, self.cleaned_data["tags"].splitlines()):
            name, _equals, word = (part.strip().casefold() for part in line.partition("="))
            if not name or len(name) > 70 or word not in words:
                raise forms.ValidationError(gettext("Write each line as: invoices = high"))
            found[f"{TAG}{name}"] = words[word]
        return found

    def given(self) -> tuple[dict[str, Any], dict[str, int]]:
        """Fields of the rules, and the priority of each topic."""
        minutes = (
            "silent_min",
            "gone_min",
            "visitor_gone_min",
            "visitor_left_min",
            "holding_min",
            "unsafe_words",
        )
        fields = {name: self.cleaned_data[name] for name in minutes}
        own = {topic: self.cleaned_data[f"priority_{topic}"] for topic in TOPIC_WORDS}
        return fields, own | self.cleaned_data["tags"]


def current_rules(row: DeskRules, priorities: dict[str, int]) -> RulesForm:
    tags = [
        f"{topic[len(TAG) :]} = {PRIORITY_WORDS[number]}"
        for topic, number in priorities.items()
        if topic.startswith(TAG)
    ]
    return RulesForm(
        initial={
            "silent_min": row.silent_min,
            "gone_min": row.gone_min,
            "visitor_gone_min": row.visitor_gone_min,
            "visitor_left_min": row.visitor_left_min,
            "holding_min": row.holding_min,
            "unsafe_words": "\n".join(row.unsafe_words),
            "tags": "\n".join(tags),
            **{f"priority_{topic}": priorities.get(topic, 0) for topic in TOPIC_WORDS},
        }
    )
