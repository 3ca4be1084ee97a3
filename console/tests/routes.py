"""Every route of the console: who may open it, who may change what by it, and a row for its ids.

A new route without an entry in ROUTES fails test_console_access. None: the method is not allowed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, reverse

from accounts.models import Role
from console import urls
from console.tests import pages

Roles = frozenset[str]
Given = dict[str, Any]
ADMINS: Roles = frozenset({Role.OWNER, Role.ADMIN})
EDITORS = ADMINS | {Role.EDITOR}
AGENTS = ADMINS | {Role.AGENT}
READERS = EDITORS | {Role.ANALYST}
DIAL_READERS = ADMINS | {Role.ANALYST}
CHECK_READERS = AGENTS | {Role.ANALYST}


@dataclass(frozen=True)
class Route:
    """given: what a form sends; "{row}" stands for its id. rows: of the ids in the address.

    path: arguments of the address that are no ids.

    gone: the answer where an id is of no row, or of another workspace's; 302 where deleting what
    is not there is no mistake.
    """

    get: Roles | None = None
    post: Roles | None = None
    given: Given = field(default_factory=dict)
    path: Given = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    gone: int = 404


def _read(roles: Roles, *rows: str, **path: Any) -> Route:
    return Route(get=roles, rows=rows, path=path)


def _form(roles: Roles, *rows: str, **given: Any) -> Route:
    return Route(get=roles, post=roles, rows=rows, given=given)


def _act(roles: Roles, *rows: str, **given: Any) -> Route:
    path = {"action": given.pop("action")} if "action" in given else {}
    return Route(post=roles, rows=rows, given=given, path=path)


ALL = {"which": "all"}
EDITED = pages.ARTICLE | {"base": "1"}
MONTH = {"retention_days": "30"}
ROUTES: dict[str, Route] = {
    "console-overview": _read(READERS),
    "console-articles": _read(EDITORS),
    "console-new": _form(EDITORS, **pages.ARTICLE),
    "console-preview": _act(EDITORS, text="# x"),
    "console-pictures": _act(EDITORS),
    "console-article": _form(EDITORS, "article", **EDITED),
    "console-revisions": _read(EDITORS, "article"),
    "console-revision": _read(EDITORS, "article", number=1),
    "console-restore": Route(post=EDITORS, rows=("article",), path={"number": 1}),
    "console-draft-submit": _act(EDITORS, "article"),
    "console-draft-send-back": _act(EDITORS, "article", seen="1", note="no"),
    "console-draft-publish": _act(EDITORS, "article", seen="1"),
    "console-draft-discard": _act(EDITORS, "article"),
    "console-schedule": _act(EDITORS, "article", action="archive", at="2031-01-01T10:00"),
    "console-translations": _read(EDITORS, "article"),
    "console-translation-link": Route(
        post=EDITORS, rows=("article",), given={"other": "{other_article}"}
    ),
    "console-translation-unlink": _act(EDITORS, "article"),
    "console-translation-checked": _act(EDITORS, "article"),
    "console-draft-check": _act(EDITORS, "article", **EDITED),
    "console-draft-check-new": _act(EDITORS, **pages.ARTICLE),
    "console-draft-checked": _read(EDITORS, "check"),
    "console-act": _act(EDITORS, "article", action="archive"),
    "console-tags": _read(EDITORS),
    "console-tag-suggest": _read(EDITORS),
    "console-tag-rename": _act(EDITORS, "tag", name="x"),
    "console-tag-delete": _act(EDITORS, "tag", sure="yes"),
    "console-bulk": Route(post=EDITORS, given=ALL | {"action": "archive"}),
    "console-bulk-confirm": Route(post=EDITORS, given=ALL | {"action": "archive"}),
    "console-bulk-progress": _read(EDITORS, "bulk"),
    "console-bulk-decide": _act(EDITORS, "bulk"),
    "console-bulk-stop": _act(EDITORS, "bulk"),
    "console-sources": _read(EDITORS),
    "console-source-add": Route(EDITORS, EDITORS, pages.SITE, {"kind": "site"}),
    "console-source": _form(EDITORS, "source", **pages.SITE),
    "console-source-status": _read(EDITORS, "source"),
    "console-source-act": _act(EDITORS, "source", action="delete-all"),
    "console-uploads": _form(EDITORS),
    "console-upload-one": _act(EDITORS),
    "console-upload-status": _read(EDITORS),
    "console-upload-cancel": _act(EDITORS, "upload"),
    "console-golden": _read(EDITORS),
    "console-golden-new": _form(EDITORS, **pages.GOLDEN),
    "console-golden-articles": _read(EDITORS),
    "console-golden-import": _act(EDITORS),
    "console-golden-export": _read(EDITORS),
    "console-golden-run": _act(EDITORS),
    "console-golden-stop": _act(EDITORS),
    "console-golden-progress": _read(EDITORS),
    "console-golden-question": _form(EDITORS, "question", **pages.GOLDEN),
    "console-golden-delete": _act(EDITORS, "question"),
    "console-playground": _form(EDITORS, **pages.TRIED),
    "console-playground-run": _read(EDITORS, "tried"),
    "console-playground-result": _read(EDITORS, "tried"),
    "console-playground-keep": _act(EDITORS, "tried", expected="nothing"),
    "console-gaps": _read(EDITORS),
    "console-gap": _read(EDITORS, "group"),
    "console-gap-status": _read(EDITORS, "group"),
    "console-gap-merge": _act(EDITORS, "group", into="{other_group}"),
    "console-gap-article": _act(EDITORS, "group"),
    "console-gap-act": _act(EDITORS, "group", action="dismiss"),
    "console-confirmed": _read(EDITORS),
    "console-confirm": _act(EDITORS, "turn"),
    "console-confirmed-undo": _act(EDITORS, "confirmed"),
    "console-replays": _form(EDITORS, days="30", risk="0.1", limit="10"),
    "console-replay": _read(EDITORS, "replay"),
    "console-replay-stop": _act(EDITORS, "replay"),
    "console-checks": _read(CHECK_READERS),
    "console-check-next": _act(AGENTS),
    "console-check": Route(
        CHECK_READERS, AGENTS, {"verdict": "right", "seen": "0"}, rows=("audit",)
    ),
    "console-check-reason": _act(AGENTS, "audit", reason="words"),
    "console-digest": _read(READERS),
    "console-digest-week": _read(READERS, week="2026-01-05"),
    "console-digest-mail": _act(READERS, wanted="yes"),
    "console-outcomes": _read(DIAL_READERS),
    "console-outcomes-csv": _read(DIAL_READERS, table="days"),
    "console-conversations": _read(DIAL_READERS),
    "console-conversations-csv": _read(DIAL_READERS),
    "console-conversation": _read(DIAL_READERS, "conversation"),
    "console-savings": _read(DIAL_READERS),
    "console-savings-answers": _read(DIAL_READERS),
    "console-savings-csv": _read(DIAL_READERS),
    "console-desk-report": _read(DIAL_READERS),
    "console-desk-csv": _read(DIAL_READERS, table="agents"),
    "console-dial": Route(DIAL_READERS, ADMINS, {"risk": "0.1", "seen": ""}),
    "console-models": _read(ADMINS),
    "console-models-back": _act(ADMINS, revision="0"),
    "console-promote": _act(ADMINS, "version", stage="shadow", revision="0"),
    "console-model-card": _read(ADMINS, "version"),
    "console-training": _read(ADMINS),
    "console-training-start": _act(ADMINS),
    "console-training-cancel": _act(ADMINS, "training"),
    "console-training-resume": _act(ADMINS, "training"),
    "console-settings": _form(ADMINS, risk_percent="2"),
    "console-data": _form(ADMINS, **MONTH),
    "console-erase-visitor": _act(ADMINS, "visitor"),
    "console-large-models": _form(ADMINS, vendor="openai", model="m", key="k"),
    "console-large-model-rows": _read(ADMINS),
    "console-large-model": _form(ADMINS, "large_model", vendor="openai", model="m"),
    "console-large-model-act": _act(ADMINS, "large_model", action="remove"),
    "console-answer-cache": _read(ADMINS),
    "console-answer-cache-switch": _act(ADMINS, cache="off"),
    "console-answer-cache-forget": _act(ADMINS, "cached"),
    "console-answer-cache-forget-all": _act(ADMINS),
    "console-desk": _form(ADMINS, ask_colleague="on", colleague_minutes="5"),
    "console-canned": _act(ADMINS, name="hello", text="Hello."),
    "console-canned-one": _act(ADMINS, "canned", name="hello", text="Hello."),
    "console-canned-delete": Route(post=ADMINS, rows=("canned",), gone=302),
    "console-hours": _form(ADMINS, time_zone="UTC", day_0="9-17"),
    "console-queues": _form(ADMINS),
    "console-queue-new": _form(ADMINS, name="Bills", take_up_s="60"),
    "console-queue": _form(ADMINS, "queue", name="Bills", take_up_s="60"),
    "console-queue-delete": _act(ADMINS, "queue"),
    "console-capacity": _act(ADMINS, "agent", capacity="3"),
    "console-visitors": _form(ADMINS),
    "console-identity": _form(ADMINS),
    "console-identity-retire": _act(ADMINS, kid="{kid}"),
    "console-widget": _form(ADMINS, origins="https://evil.example"),
    "console-widget-preview": _read(ADMINS),
    "console-members": _form(ADMINS, email="eve@example.com", role="admin"),
    "console-role": _act(ADMINS, "agent", role="admin"),
    "console-remove": _act(ADMINS, "agent"),
    "console-keys": _form(ADMINS, name="mine"),
    "console-revoke": _act(ADMINS, digest="{key}"),
    "console-audit": _read(ADMINS),
}  # fmt: skip


# Which argument of an address a row is for.
ARGUMENTS = {
    "agent": "member_id", "article": "article_id", "audit": "audit_id", "bulk": "bulk_id",
    "cached": "entry_id", "canned": "canned_id", "check": "check_id", "confirmed": "confirmed_id",
    "conversation": "conversation_id", "group": "group_id", "large_model": "row_id",
    "question": "question_id", "queue": "queue_id", "replay": "run_id", "source": "source_id",
    "tag": "tag_id", "training": "run_id", "tried": "run_id", "turn": "turn_id",
    "upload": "upload_id", "version": "version_id", "visitor": "contact_id",
}  # fmt: skip


def names() -> Iterator[str]:
    """Of all routes below a workspace's console."""
    waiting: list[Any] = list(urls.workspace)
    while waiting:
        one = waiting.pop()
        if isinstance(one, URLPattern):
            yield str(one.name)
        else:
            waiting.extend(one.url_patterns)


def form(name: str, ids: dict[str, Any]) -> Given:
    return {
        field: str(ids[value[1:-1]]) if str(value).startswith("{") else value
        for field, value in ROUTES[name].given.items()
    }


def address(name: str, ids: dict[str, Any], slug: str = "acme") -> str:
    route = ROUTES[name]
    given = {ARGUMENTS[row]: ids[row] for row in route.rows}
    return reverse(name, kwargs={"slug": slug} | given | route.path)
