"""The whole story in one call."""

from accounts.scope import workspace_scope
from chatbot.models import Widget
from chatbot.widgets import allow_origins
from tests.hostpage import HostPage
from tests.pictures.company import found_company
from tests.pictures.editing import edit
from tests.pictures.screens import Story
from tests.pictures.story import tell


def told(shop: HostPage) -> Story:
    """On an empty database; the shop's page gets the company's widget."""
    cast = found_company()
    shop.key = cast.acme.widget_key
    with workspace_scope(cast.workspace.id):
        allow_origins(Widget.objects.get(), [shop.origin], actor=cast.alice)
    tell(cast)
    return Story(cast, edit(cast), shop)
