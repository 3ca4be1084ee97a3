"""Tidewheel, which rents out bicycles by subscription: its people and its help centre."""

from pathlib import Path
from uuid import UUID

from accounts.models import Role
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot.models import Widget
from chatbot.sessions import start_session
from chatbot.widgets import set_look
from console.provisioning import create_workspace
from knowledge.importing import import_path
from knowledge.models import Article
from learning.tests.auditing import work
from tests.cast import Cast, make_member

SLUG = "tidewheel"
HELP = Path(__file__).parent / "help"
COLOUR = "#0f5f73"


def found_company() -> Cast:
    """The cast of the tests under other names: mara (admin), jonas (agent), ines (editor)."""
    place = create_workspace(SLUG, name="Tidewheel")
    mara = make_member(place, "mara", role=Role.ADMIN)
    jonas = make_member(place, "jonas", role=Role.AGENT)
    ines = make_member(place, "ines", role=Role.EDITOR)
    vera = start_session(place.workspace.id, place.widget_key, token=None, language="en")
    change_settings(
        place.workspace.id, actor=mara, risk=0.3, audit_share=1.0, time_zone="Europe/Berlin"
    )
    with workspace_scope(place.workspace.id):
        row = Widget.objects.get()
        set_look(place.workspace.id, row.id, name="Tide", colour=COLOUR, actor=mara)
    import_path(place.workspace.id, HELP, name="help centre")
    work(place.workspace.id)
    return Cast(place, place, alice=mara, bob=jonas, charlie=ines, vera=vera)


def article_of(workspace_id: UUID, doc_id: str) -> Article:
    with workspace_scope(workspace_id):
        return Article.objects.get(external_id=doc_id)
