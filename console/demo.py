"""The demo workspace: our own documentation as its knowledge base, and one member of each role.

Loading it again changes nothing that is the same, and takes no model unless an article changed.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.access import workspace_by_slug
from accounts.models import Role, Workspace
from accounts.workspaces import change_settings
from config import env
from config.local.folder import default_folder, open_folder
from console.provisioning import Provisioned, add_member, create_workspace
from knowledge.importing import Report, import_path

SLUG = "demo"
RISK = 0.3  # so that a newcomer sees answers; what an administrator sets later stays
ARTICLES = Path(settings.BASE_DIR) / "docs"


@dataclass(frozen=True)
class DemoMember:
    """`password` is the initial one; whoever changed theirs keeps it."""

    email: str
    name: str
    role: str
    password: str


@dataclass(frozen=True)
class Demo:
    """What there is to open, and how to log in."""

    place: Provisioned
    members: tuple[DemoMember, ...]
    urls: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        workspace = self.place.workspace
        return {
            "workspace": {"id": str(workspace.id), "slug": workspace.slug},
            "urls": self.urls,
            "members": [asdict(member) for member in self.members],
            "widget_key": self.place.widget_key,
            "api_key": self.place.api_key,
        }


def load() -> Report:
    """Make what is missing and import the articles. Raises what these raise."""
    is_new = not Workspace.objects.filter(slug=SLUG).exists()
    place = create_workspace(SLUG, name="Firstline", origins=_origins())
    if is_new:
        change_settings(place.workspace.id, actor="demo", risk=RISK)
    for member in _members():
        add_member(
            place.workspace,
            member.email,
            role=member.role,
            name=member.name,
            password=member.password,
        )
    return import_path(place.workspace.id, ARTICLES, name="documentation", sync=True)


def describe() -> Demo:
    """Raises accounts.errors.NotFound where it was not loaded."""
    workspace_by_slug(SLUG)
    return Demo(create_workspace(SLUG), tuple(_members()), _urls())


def _members() -> Iterator[DemoMember]:
    password = env.secret("DEMO_PASSWORD", "") or open_folder(default_folder()).demo_password
    for role in (Role.ADMIN, Role.EDITOR, Role.AGENT):
        yield DemoMember(f"{role.value}@example.com", f"Demo {role.value}", role.value, password)


def _origins() -> list[str]:
    """The demo page's own, by each name that a person at this machine may type."""
    local = [f"http://{host}:{settings.PORT}" for host in ("127.0.0.1", "localhost")]
    return [settings.BASE_URL, *local]


def _urls() -> dict[str, str]:
    paths = {
        "demo": "/demo/",
        "console": f"/console/{SLUG}/",
        "desk": f"/desk/{SLUG}/",
        "login": "/accounts/login/",
        "api": "/api/v1/",
    }
    return {name: settings.BASE_URL + path for name, path in paths.items()}
