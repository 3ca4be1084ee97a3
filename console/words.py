"""Words of the console that stand for values: the same on every page."""

from django.utils.translation import gettext_lazy as _

STATE_WORDS = {
    "published": _("published"),
    "indexing": _("indexing"),
    "failed": _("failed"),
    "archived": _("archived"),
    "draft": _("draft"),
}
FILTER_WORDS = {
    "published": _("published"),
    "draft": _("with a draft"),
    "review": _("in review"),
    "scheduled": _("scheduled"),
    "indexing": _("indexing"),
    "failed": _("failed"),
    "archived": _("archived"),
}
DRAFT_WORDS = {
    "draft": _("draft"),
    "review": _("in review"),
    "returned": _("sent back"),
}
REVIEW_WORDS = {
    "submitted": _("sent it for review"),
    "returned": _("sent it back"),
    "published": _("published it"),
    "held": _("was not kept, as golden answers would get lost"),
}
BULK_WORDS = {
    "publish": _("Publish"),
    "archive": _("Archive"),
    "tag": _("Put a tag on"),
    "untag": _("Take a tag off"),
    "audience": _("Change who may read them"),
    "language": _("Change the language"),
}
BULK_STATE_WORDS = {
    "checking": _("golden questions are asked"),
    "held": _("waits for you"),
    "waiting": _("waits"),
    "running": _("under way"),
    "done": _("done"),
    "stopped": _("stopped"),
    "failed": _("failed"),
}
BULK_PROBLEM_WORDS = {
    "too_many": _("These are too many articles to ask the golden questions for each of them."),
    "no_models": _("The compact models cannot be used now, so nothing was asked."),
    "no_worker": _("No worker could finish it. Try again."),
    "The change could not be finished.": _("The change could not be finished."),
    "Its author may not change articles any more.": _(
        "Its author may not change articles any more."
    ),
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
TONE_WORDS = {
    "friendly": _("friendly"),
    "formal": _("formal"),
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
    "reading": _("being read"),
    "done": _("imported"),
    "failed": _("not imported"),
    "stopped": _("stopped"),
}
SOURCE_KIND_WORDS = {
    "site": _("web site"),
    "git": _("Git folder"),
    "upload": _("uploaded files"),
    "api": _("REST API"),
    "console": _("written in the console"),
    "folder": _("folder, by command"),
    "file": _("file, by command"),
    "jsonl": _("file, by command"),
}
SOURCE_STATE_WORDS = {
    "idle": _("at rest"),
    "running": _("being read"),
    "paused": _("paused"),
    "deleting": _("being deleted"),
}
PAGE_WORDS = {
    "waiting": _("waiting"),
    "done": _("read"),
    "skipped": _("left out"),
    "failed": _("not read"),
    "gone": _("gone"),
}
COUNT_WORDS = {
    "new": _("new"),
    "changed": _("changed"),
    "unchanged": _("unchanged"),
    "retired": _("retired"),
    "failed": _("not read"),
    "skipped": _("left out"),
}
SCHEDULE_WORDS = {
    0: _("by hand"),
    1: _("every hour"),
    6: _("every 6 hours"),
    24: _("every day"),
    168: _("every week"),
}
FOLLOW_WORDS = {
    "links": _("links, from the address on"),
    "sitemap": _("the site's sitemap"),
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

RUN_WORDS = {
    "queued": _("waits"),
    "running": _("under way"),
    "cancelling": _("is being stopped"),
    "cancelled": _("stopped"),
    "failed": _("failed"),
    "done": _("done"),
}
STAGE_WORDS = {
    "collect": _("Collecting what there is to learn from"),
    "evaluate": _("Asking the models that answer now"),
    "observe": _("Watching what is found for each question"),
    "rankers": _("Training and judging the rankers"),
    "confidence": _("Setting the confidence"),
    "embedder": _("Training the embedder"),
    "reader": _("Training the reader"),
    "shipped": _("Asking the questions that ship"),
    "register": _("Writing it down"),
}
TRIAL_WORDS = {
    "waiting": _("is being tried"),
    "ok": _("it answers"),
    "timeout": _("it took too long"),
    "rate_limited": _("it turned the call away: too many calls, or no money left"),
    "unreachable": _("nothing answers at its address"),
    "provider_error": _("it answered with an error: the key, the model's name or the address"),
    "cut": _("the answer broke off"),
    "filtered": _("its filter held the answer back"),
    "too_long": _("the answer was too long"),
    "empty": _("it answered nothing"),
    "key_unreadable": _("the key cannot be read any more: put it in again"),
    "not_loaded": _("it cannot be loaded: see the log of its worker"),
    "prompt_too_long": _("it cannot read so much text at once"),
    "no_worker": _("no worker for models in the house runs"),
    "worker_failed": _("the trial broke off; try again"),
}
