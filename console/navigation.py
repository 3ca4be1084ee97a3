"""The pages of the console in their groups: what a member may open, and what is open now.

A new page is one line in GROUPS: the name of its path, its title, who may open it. Which page is
open is told by the address alone: of the listed pages that the address lies under, the longest.
A page of the console that is not listed stands under the page that its address continues.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import ADMINS, EDITORS
from accounts.models import Member
from console.gate import CHECK_READERS, CONSOLE_ROLES, DIAL_READERS

Words = str | Promise


@dataclass(frozen=True)
class Page:
    """A listed page. `name` is the name of its path, which takes the workspace's slug alone."""

    name: str
    title: Words
    roles: Collection[str]


@dataclass(frozen=True)
class Group:
    title: Words
    pages: tuple[Page, ...]


GROUPS = (
    Group(
        pgettext_lazy("navigation", "Start"),
        (
            Page("console-overview", _("Overview"), CONSOLE_ROLES),
            Page("console-digest", _("Digest"), CONSOLE_ROLES),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Knowledge"),
        (
            Page("console-articles", _("Articles"), EDITORS),
            Page("console-tags", _("Tags"), EDITORS),
            Page("console-sources", _("Sources"), EDITORS),
            Page("console-uploads", _("Upload"), EDITORS),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Quality"),
        (
            Page("console-playground", _("Playground"), EDITORS),
            Page("console-golden", _("Golden questions"), EDITORS),
            Page("console-gaps", _("Gaps"), EDITORS),
            Page("console-confirmed", _("Confirmed answers"), EDITORS),
            Page("console-replays", _("Replay"), EDITORS),
            Page("console-checks", _("Answers to check"), CHECK_READERS),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Results"),
        (
            Page("console-outcomes", _("Outcomes"), DIAL_READERS),
            Page("console-savings", _("Savings"), DIAL_READERS),
            Page("console-desk-report", _("Agents"), DIAL_READERS),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Bot"),
        (
            Page("console-settings", _("Answers"), ADMINS),
            Page("console-dial", _("Risk dial"), DIAL_READERS),
            Page("console-models", _("Models"), ADMINS),
            Page("console-large-models", _("Large models"), ADMINS),
            Page("console-answer-cache", _("Earlier answers"), ADMINS),
        ),
    ),
    Group(
        _("Widget"),
        (
            Page("console-widget", _("Widget and words"), ADMINS),
            Page("console-visitors", _("Visitors"), ADMINS),
            Page("console-identity", _("Identity"), ADMINS),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Team"),
        (
            Page("console-members", _("Members"), ADMINS),
            Page("console-queues", _("Queues"), ADMINS),
            Page("console-hours", _("Business hours"), ADMINS),
            Page("console-desk", _("Desk"), ADMINS),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "Workspace"),
        (
            Page("console-data", _("Data"), ADMINS),
            Page("console-keys", _("API keys"), ADMINS),
            Page("console-audit", _("Audit log"), ADMINS),
        ),
    ),
)


@dataclass(frozen=True)
class Tab:
    """What a link of the navigation shows. `pages` are a group's, empty for a page."""

    title: Words
    url: str
    current: bool
    pages: tuple["Tab", ...] = ()


def for_member(member: Member, path: str) -> list[Tab]:
    """The groups that hold a page for this member, each leading to the first of its pages."""
    slug = member.workspace.slug
    open_now = _open_page(slug, path)
    tabs = []
    for group in GROUPS:
        pages = tuple(
            Tab(page.title, reverse(page.name, args=[slug]), page.name == open_now)
            for page in group.pages
            if member.role in page.roles
        )
        if pages:
            is_open = any(page.current for page in pages)
            tabs.append(Tab(group.title, pages[0].url, is_open, pages))
    return tabs


def _open_page(slug: str, path: str) -> str:
    """Empty outside of the console. The overview's address begins all others: the last resort."""
    addresses = {
        reverse(page.name, args=[slug]): page.name for group in GROUPS for page in group.pages
    }
    under = [address for address in addresses if path.startswith(address)]
    return addresses[max(under, key=len)] if under else ""
