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
    "article": _("Other article"),
    "words": _("Other words"),
    "outdated": _("Out of date"),
    "person": _("Needs a person"),
}
UPLOAD_WORDS = {
    "waiting": _("waiting"),
    "done": _("imported"),
    "failed": _("not imported"),
}
VERSION_WORDS = {
    "built": _("ready to try"),
    "shadow": _("answers unseen"),
    "partial": _("answers a share"),
    "serving": _("answers"),
    "retired": _("answers no more"),
    "rejected": _("not better"),
}
PART_WORDS = {
    "calibration": _("confidence"),
    "embedder": _("embedder"),
    "intent": _("intent"),
    "ranker": _("rankers"),
    "reader": _("reader"),
}
SOURCE_WORDS = {
    "revision": _("articles"),
    "turn": _("conversation turns"),
    "message": _("messages"),
    "feedback": _("feedback"),
    "audit": _("checked answers"),
    "question": _("test questions"),
}
