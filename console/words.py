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
VERDICT_WORDS = {
    "right": _("right"),
    "wrong": _("wrong"),
    "unclear": _("can't tell"),
}
WRONG_WORDS = {
    "article": _("Another article answers"),
    "words": _("Other words of the article answer"),
    "outdated": _("Out of date"),
    "person": _("A person should answer"),
}
UPLOAD_WORDS = {
    "waiting": _("waiting"),
    "done": _("imported"),
    "failed": _("not imported"),
}
