"""What an editor says about a source, as it lies in Source.settings.

KnowledgeError: it cannot be kept as given; the message is for the editor.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from knowledge.articles import KnowledgeError
from knowledge.fetching.errors import Refused
from knowledge.fetching.places import canonical
from knowledge.models import Audience

MOST_PAGES = 10_000
DEEPEST = 20
SCHEDULES_H = (0, 1, 6, 24, 168)
FOLLOWS = ("links", "sitemap")


@dataclass(frozen=True)
class _Kept:
    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """What was kept before a field was added has its default."""
        return cls(**{one.name: kept[one.name] for one in fields(cls) if one.name in kept})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class SiteSettings(_Kept):
    """follow: links or sitemap. inside: only pages below this path. lang: where a page has none."""

    follow: str = "links"
    most_pages: int = 500
    deepest: int = 5  # links from the first page
    inside: str = ""
    lang: str = "en"
    audience: str = Audience.PUBLIC.value


@dataclass(frozen=True)
class GitSettings(_Kept):
    """branch: empty for the default one. folder: below the root. pattern: as in a shell."""

    branch: str = ""
    folder: str = ""
    pattern: str = "**/*.md"
    lang: str = "en"
    audience: str = Audience.PUBLIC.value


Settings = SiteSettings | GitSettings
KINDS: dict[str, type[SiteSettings] | type[GitSettings]] = {
    "site": SiteSettings,
    "git": GitSettings,
}


def settings_of(kind: str, kept: dict[str, Any]) -> Settings:
    return KINDS[kind].from_json(kept)


def checked_address(kind: str, address: str) -> str:
    """The address in its one form. That its server is public is checked whenever it is asked."""
    try:
        found = canonical(address)
    except Refused as error:
        raise KnowledgeError(
            _("The address cannot be used: %(reason)s.") % {"reason": error}
        ) from None
    if kind == "git" and urlsplit(found).scheme != "https":
        raise KnowledgeError(_("A repository is read by https alone."))
    if len(found) > 500:
        raise KnowledgeError(_("The address is too long."))
    return found


def check(settings: Settings) -> None:
    """Raises KnowledgeError."""
    if settings.audience not in Audience.values:
        raise KnowledgeError(_("There is no such audience."))
    if isinstance(settings, SiteSettings):
        _check_site(settings)
    elif ".." in settings.folder.split("/") or "\0" in settings.folder + settings.pattern:
        raise KnowledgeError(_("The folder leads out of the repository."))


def _check_site(settings: SiteSettings) -> None:
    if settings.follow not in FOLLOWS:
        raise KnowledgeError(_("Pages are found by links or by a sitemap."))
    if not 1 <= settings.most_pages <= MOST_PAGES:
        raise KnowledgeError(_("Between 1 and %(most)s pages.") % {"most": MOST_PAGES})
    if not 0 <= settings.deepest <= DEEPEST:
        raise KnowledgeError(_("Between 0 and %(most)s links deep.") % {"most": DEEPEST})
    if settings.inside and not settings.inside.startswith("/"):
        raise KnowledgeError(_("The path begins with a slash."))
