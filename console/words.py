"""Words of the console that stand for values: the same on every page."""

from django.utils.translation import gettext_lazy as _

STATE_WORDS = {
    "published": _("published"),
    "indexing": _("indexing"),
    "failed": _("failed"),
    "archived": _("archived"),
}
AUDIENCE_WORDS = {
    "public": _("everybody"),
    "signed_in": _("visitors who are signed in"),
    "internal": _("members alone"),
}
ROLE_WORDS = {
    "owner": _("owner"),
    "admin": _("admin"),
    "editor": _("editor"),
    "agent": _("agent"),
    "analyst": _("analyst"),
}
UPLOAD_WORDS = {
    "waiting": _("waiting"),
    "done": _("imported"),
    "failed": _("not imported"),
}
