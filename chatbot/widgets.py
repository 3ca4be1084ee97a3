"""A workspace's widget: its public key, and the origins that may show it.

Each key stands in two tables: Widget, behind row-level security, and WidgetKey, which says whose
key it is before a scope is open. Only this module writes them, both in one transaction.
"""

import re
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Member, WidgetKey, Workspace
from accounts.scope import workspace_scope
from accounts.workspaces import lock
from chatbot.colours import COLOUR
from chatbot.errors import Invalid
from chatbot.models import Widget

PREFIX = "wk_"
KEY_BYTES = 18
MAX_ORIGINS = 50
MAX_GREETING = 500
MAX_NAME = 80
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,180}[a-z0-9])?|\[[0-9a-f:.]+\]")
DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_origin(text: str) -> str:
    """The origin as browsers write it (RFC 6454): scheme, host, and a port that is not the usual.

    A page's whole address is fine. Raises Invalid for anything but http and https.
    """
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise _not_an_origin(text) from None
    host = f"[{host}]" if ":" in host else host
    plain = text.strip().isprintable() and parts.username is None
    if not plain or parts.scheme not in DEFAULT_PORTS or not HOST.fullmatch(host):
        raise _not_an_origin(text)
    suffix = "" if port in {None, DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def _not_an_origin(text: str) -> Invalid:
    said = _("%(text)s is not an origin such as https://www.example.com")
    return Invalid(said % {"text": repr(text[:200])})


def ensure_widget(workspace: Workspace) -> Widget:
    """The workspace's first widget, made if there is none. Needs the workspace's scope."""
    lock(workspace.id)
    widget = Widget.objects.order_by("created_at", "id").first()
    if widget is None:
        key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
        WidgetKey.objects.create(key=key, workspace=workspace)
        widget = Widget.objects.create(workspace=workspace, key=key, name=workspace.name[:80])
    return widget


def set_origins(
    workspace_id: UUID, widget_id: UUID, origins: Iterable[str], *, actor: Member | str
) -> Widget:
    """The widget shows on these origins and no others. Raises Invalid, Widget.DoesNotExist."""
    wanted = list(dict.fromkeys(parse_origin(origin) for origin in origins))
    with workspace_scope(workspace_id):
        widget = Widget.objects.select_for_update().get(id=widget_id)
        return _store(widget, wanted, actor=actor)


def allow_origins(widget: Widget, origins: Iterable[str], *, actor: Member | str) -> Widget:
    """Add origins to those that may show the widget. Needs the scope. Raises Invalid."""
    added = [parse_origin(origin) for origin in origins]
    widget = Widget.objects.select_for_update().get(id=widget.id)
    return _store(widget, list(dict.fromkeys([*widget.origins, *added])), actor=actor)


def set_greeting(
    workspace_id: UUID, widget_id: UUID, greeting: str, *, actor: Member | str
) -> Widget:
    """What the widget says first; empty means its own words. Raises Invalid."""
    greeting = greeting.strip()
    if len(greeting) > MAX_GREETING:
        raise Invalid(_("A greeting has at most %(most)s characters") % {"most": MAX_GREETING})
    with workspace_scope(workspace_id):
        widget = Widget.objects.select_for_update().get(id=widget_id)
        if greeting != widget.greeting:
            before, widget.greeting = widget.greeting, greeting
            widget.save(update_fields=["greeting"])
            audit.record(
                actor,
                "widget.greeting_changed",
                target_kind="widget",
                target_id=widget.id,
                before=before,
                after=greeting,
            )
    return widget


def set_look(
    workspace_id: UUID, widget_id: UUID, *, name: str, colour: str, actor: Member | str
) -> Widget:
    """The bot's name, and the colour: #rrggbb, or empty for the widget's own. Raises Invalid."""
    after = {"name": " ".join(name.split()), "colour": colour.strip().lower()}
    if not 1 <= len(after["name"]) <= MAX_NAME or not after["name"].isprintable():
        raise Invalid(_("A name has 1 to %(most)s characters") % {"most": MAX_NAME})
    if after["colour"] and not COLOUR.fullmatch(after["colour"]):
        raise Invalid(_("This is not a colour such as #14665c"))
    with workspace_scope(workspace_id):
        widget = Widget.objects.select_for_update().get(id=widget_id)
        before = {"name": widget.name, "colour": widget.colour}
        if after != before:
            widget.name, widget.colour = after["name"], after["colour"]
            widget.save(update_fields=["name", "colour"])
            audit.record(
                actor,
                "widget.look_changed",
                target_kind="widget",
                target_id=widget.id,
                before=before,
                after=after,
            )
    return widget


def _store(widget: Widget, origins: list[str], *, actor: Member | str) -> Widget:
    if len(origins) > MAX_ORIGINS:
        raise Invalid(_("At most %(most)s origins") % {"most": MAX_ORIGINS})
    if origins == widget.origins:
        return widget
    before, widget.origins = widget.origins, origins
    widget.save(update_fields=["origins"])
    audit.record(
        actor,
        "widget.origins_changed",
        target_kind="widget",
        target_id=widget.id,
        before=before,
        after=origins,
    )
    return widget
