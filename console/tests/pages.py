"""What tests of the console's pages say again and again."""

from typing import Any
from uuid import UUID

from django.test import Client

from accounts.models import AuditEntry, Member
from accounts.scope import workspace_scope
from knowledge import articles, bulk, uploads
from knowledge.articles import upsert_article
from knowledge.listing import Chosen
from knowledge.models import (
    Article,
    ArticleTag,
    BulkChange,
    Picture,
    Revision,
    Source,
    Tag,
    Upload,
)
from learning import draft_checks, golden, playground
from learning.models import DraftCheck, GoldenQuestion, GoldenRun, PlaygroundRun
from learning.questions import Question
from tests.cast import Cast, make_member

BASE = "/console/acme/"
ARTICLE = {
    "doc_id": "0198c0de-0000-7000-8000-000000000001",
    "base": "0",
    "title": "Keys",
    "text": "# Keys\r\n\r\nA lost key costs **ten**.",
    "lang": "en",
    "audience": "public",
    "url": "",
}
GOLDEN = {"question": "A giraffe?", "audience": "public", "expected": "nothing"}
TRIED = {"question": "A giraffe?", "audience": "public", "language": "en"}

SITE = {
    "name": "Help",
    "address": "https://help.shop.example/",
    "follow": "links",
    "inside": "",
    "most_pages": "100",
    "deepest": "3",
    "lang": "en",
    "audience": "public",
    "every_hours": "24",
}


def member(cast: Cast, role: str) -> Member:
    """Somebody of acme with this role."""
    return make_member(cast.acme, f"{role}-of-acme", role=role)


def log_in(client: Client, who: Member) -> Client:
    client.force_login(who.user)
    return client


def article(cast: Cast, text: str = "A giraffe.", doc_id: str = "a") -> Article:
    """One of acme's, not indexed yet."""
    return upsert_article(cast.workspace.id, doc_id=doc_id, title="The A", text=text).article


def tag(cast: Cast) -> Tag:
    """One of acme's, on no article."""
    with workspace_scope(cast.workspace.id):
        return Tag.objects.get_or_create(workspace_id=cast.workspace.id, name="billing")[0]


def bulk_change(cast: Cast) -> BulkChange:
    """One that was done for alice."""
    with workspace_scope(cast.workspace.id):
        rows = BulkChange.objects.filter(author=cast.alice)
        return rows.first() or bulk.start(cast.alice, "archive", "", ids=[], chosen=Chosen())


def source(cast: Cast) -> Source:
    """One of acme's, a web site that nothing reads."""
    with workspace_scope(cast.workspace.id):
        found = Source.objects.filter(kind="site").first()
        return found or Source.objects.create(
            workspace=cast.workspace, kind="site", name="A site", location="https://a.example/"
        )


def upload(cast: Cast) -> Upload:
    """One of acme's that nobody has read yet."""
    return uploads.accept(cast.alice, "keys.md", b"# Keys")


def golden_question(cast: Cast, key: str = "one", **fields: Any) -> GoldenQuestion:
    """One of acme's; that there is no answer is expected if nothing is said."""
    given = fields or {"answerable": False}
    golden.keep(cast.workspace.id, [Question(key, "Who won?", **given)], actor=cast.alice)
    with workspace_scope(cast.workspace.id):
        return GoldenQuestion.objects.get(key=key)


def tried(cast: Cast) -> PlaygroundRun:
    """Asked by alice in the playground, and not answered yet."""
    return playground.ask(cast.alice, playground.Try("Who won?"))


def checked(cast: Cast, text: str = "A lemur.") -> DraftCheck:
    """A new article of alice's, whose check has not begun."""
    wanted = draft_checks.Wanted(None, ARTICLE["doc_id"], "Keys", text)
    return draft_checks.start(cast.alice, wanted)


def state(cast: Cast) -> dict[str, Any]:
    """Everything of acme that the console could change."""
    from accounts.keys import api_keys
    from accounts.workspaces import settings_of
    from chatbot.models import IdentityKey, Widget
    from outbox.models import OutboxJob

    with workspace_scope(cast.workspace.id):
        settings = settings_of(cast.workspace.id)
        return {
            "articles": list(Article.objects.order_by("id").values()),
            "revisions": list(Revision.objects.order_by("id").values_list("id", flat=True)),
            "uploads": list(Upload.objects.order_by("id").values_list("id", "state")),
            "sources": list(Source.objects.order_by("id").values()),
            "jobs": OutboxJob.objects.count(),
            "members": list(Member.objects.order_by("id").values("id", "role", "is_active")),
            "widgets": list(Widget.objects.order_by("id").values("origins", "greeting")),
            "looks": list(Widget.objects.order_by("id").values("name", "colour")),
            "words": (settings.tone, settings.languages, settings.default_language),
            "keys": [key.digest for key in api_keys(cast.workspace.id)],
            "settings": (settings.risk, settings.large_model_allowed, settings.budget_usd_per_day),
            "audit_share": settings.audit_share,
            "clarify": settings.clarify,
            "tiers": (settings.compact_model_allowed, settings.people_allowed),
            "hours": (settings.time_zone, settings.hours, settings.holidays),
            "retention_days": settings.retention_days,
            "consent": settings.consent_required,
            "decline": settings.decline,
            "review": settings.review_required,
            "live": (settings.check_required, settings.schedule_waits, settings.imports_reviewed),
            "visitors": (settings.ratings_asked, settings.close_after_hours, settings.prechat),
            "suggestions": settings.browser_suggestions,
            "identity": list(IdentityKey.objects.order_by("id").values("kid", "retired_at")),
            "tags": list(Tag.objects.order_by("id").values("id", "name")),
            "labels": list(ArticleTag.objects.order_by("id").values("tag_id", "article_id")),
            "bulk": list(BulkChange.objects.order_by("id").values("id", "state", "seen")),
            "pictures": Picture.objects.count(),
            "golden": list(GoldenQuestion.objects.order_by("id").values()),
            "golden_runs": list(GoldenRun.objects.order_by("id").values()),
            "tried": PlaygroundRun.objects.count(),
            "checked": DraftCheck.objects.count(),
            "audit": AuditEntry.objects.count(),
        }


def last_action(cast: Cast) -> tuple[str, str]:
    """Who did what last."""
    with workspace_scope(cast.workspace.id):
        row = AuditEntry.objects.order_by("-created_at", "-id")[0]
    return row.actor_id, row.action


def newest(cast: Cast, article_id: UUID) -> Revision:
    with workspace_scope(cast.workspace.id):
        return articles.newest_revision(Article.objects.get(id=article_id))
