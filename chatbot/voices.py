"""How the service speaks in a workspace: the tone of its phrases and the languages offered."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_supported_language_variant

from accounts.chosen import settings_row
from accounts.models import Tone
from chatbot import phrases


@dataclass(frozen=True)
class Voice:
    """`people`: tier 3 is there, so phrases may speak of it."""

    tone: str = Tone.FRIENDLY
    languages: tuple[str, ...] = ()
    default_language: str = settings.LANGUAGE_CODE
    people: bool = True

    @property
    def offered(self) -> tuple[str, ...]:
        return self.languages or tuple(code for code, _ in settings.LANGUAGES)

    def says(self, language: str, key: str) -> str:
        """A fixed phrase."""
        return phrases.fixed(language, key, tone=self.tone, people=self.people)

    def language(self, *wanted: str) -> str:
        """The first wanted language that is offered, each as a browser writes it; else the default.

        `wanted` may hold empty words.
        """
        for one in wanted:
            found = _spoken(one)
            if found in self.offered:
                return found
        return self.default_language


def voice() -> Voice:
    """The voice of the scope's workspace."""
    row = settings_row()
    if row is None:
        return Voice()
    return Voice(row.tone, _known(row.languages), row.default_language, row.people_allowed)


def _known(languages: Sequence[str]) -> tuple[str, ...]:
    """Without one that a later release does not speak any more."""
    return tuple(one for one in languages if one in dict(settings.LANGUAGES))


def _spoken(wanted: str) -> str:
    try:
        return get_supported_language_variant(wanted.replace("_", "-").lower()[:12])
    except LookupError:
        return ""
