"""Every list of the console as paths below a workspace's console, in benchmarks.scale_pages' data.

The first page, one in the middle and the last one, where a list has pages.
"""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote, urlencode
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot.models import CachedAnswer, Contact
from knowledge.listing import Edge
from knowledge.models import Article, BulkChange, Revision, SourcePage
from learning.models import ConversationDay, Digest, GapGroup, ReplayChange

Paths = dict[str, Sequence[str]]


def lists(workspace_id: UUID) -> Paths:
    with workspace_scope(workspace_id):
        return {
            **_articles(workspace_id),
            **_knowledge(),
            **_questions(),
            **_results(),
            **_bot_and_team(),
        }


def _articles(workspace_id: UUID) -> Paths:
    rows = Article.objects.filter(workspace_id=workspace_id)
    count = rows.count()
    ordered = rows.order_by("-updated_at", "-id").values_list("updated_at", "id")
    middle, last = (quote(str(Edge(*ordered[at]))) for at in (count // 2, count - 20))
    word = str(rows.order_by("id")[count // 2].title).split()[3]
    filters = ("state=published", "state=failed", "state=review", "state=scheduled", "lang=ru",
               "audience=public", "audience=internal")  # fmt: skip
    return {
        "overview": [""],
        "articles": ["articles/", f"articles/?after={middle}", f"articles/?after={last}"],
        "articles above": [f"articles/?before={last}"],
        **{f"articles, {one}": [f"articles/?{one}"] for one in filters},
        "articles, state and language": ["articles/?state=published&lang=ru&audience=public"],
        "articles with a tag": ["articles/?tag=tag+3", f"articles/?tag=tag+3&after={middle}"],
        "articles with a tag and a word": ["articles/?tag=tag+3&q=about"],
        "search by a word": [f"articles/?q={one}" for one in (word, "article", "zq77")],
        "search by three words": ["articles/?q=how+to+change"],
        "search in a language": ["articles/?q=change&lang=ru"],
        "choice of articles": [f"golden/articles/?doc_id={word}", "golden/articles/?doc_id=zq77"],
    }


def _knowledge() -> Paths:
    edited = Revision.objects.filter(number=200).values_list("article_id", flat=True)[0]
    source = SourcePage.objects.values_list("source_id", flat=True)[0]
    revisions = f"articles/{edited}/revisions/"
    documents = f"sources/{source}/"
    return {
        "tags": ["articles/tags/"],
        "suggested tags": ["articles/tags/suggest/?tags=ta"],
        "revisions": [f"{revisions}200/", f"{revisions}100/", f"{revisions}1/"],
        "translations": [f"articles/{edited}/translations/?q=change"],
        "sources": [f"sources/?page={page}" for page in (1, 6, 12)],
        "documents of a source": [f"{documents}?page={page}" for page in (1, 400, 800)],
        "documents that failed": [f"{documents}?state=failed&page={page}" for page in (1, 100)],
        "uploads": [f"uploads/?page={page}" for page in (1, 20, 40)],
        "a change of many": [
            f"articles/bulk/{BulkChange.objects.values_list('id', flat=True)[0]}/"
        ],
    }


def _questions() -> Paths:
    gap = GapGroup.objects.order_by("-asked", "id").values_list("id", flat=True)[0]
    replay = ReplayChange.objects.values_list("run_id", flat=True)[0]
    return {
        "playground": ["playground/"],
        "golden questions": [f"golden/?page={page}" for page in (1, 100, 200)],
        "golden questions of a state": ["golden/?state=wrong", "golden/?state=new&page=60"],
        "search in golden questions": ["golden/?q=nothing+such"],
        "gaps": [f"gaps/?page={page}" for page in (1, 40, 80)],
        "gaps by cost": ["gaps/?sort=cost"],
        "gaps that are answered": ["gaps/?view=answered&sort=recent"],
        "a gap of 20,000 questions": [f"gaps/{gap}/?page={page}" for page in (1, 500, 1_000)],
        "confirmed answers": [f"confirmed/?page={page}" for page in (1, 40, 700)],
        "replays": ["replays/"],
        "a replay": [f"replays/{replay}/"],
        "checks": ["checks/"],
    }


def _results() -> Paths:
    today = timezone.now().date()
    year = f"first={today - timedelta(days=359)}&last={today}"
    rows = ConversationDay.objects.order_by("-day", "-started_at", "-id")
    at, row = rows.values_list("started_at", "id")[50_000]
    middle = urlencode({"before": f"{at.isoformat()},{row}"})
    month = f"{today - timedelta(days=today.day):%Y-%m}"
    topic = GapGroup.objects.order_by("-asked", "id").values_list("id", flat=True)[0]
    these, answers = "outcomes/conversations/", f"savings/answers/?month={month}"
    return {
        "outcomes, 28 days": ["outcomes/"],
        "outcomes, 360 days": [f"outcomes/?{year}"],
        "outcomes of a topic": [f"outcomes/?topic={topic}"],
        "conversations": [these, f"{these}?{year}&{middle}"],
        "conversations behind a filter": [
            f"{these}?{year}&{one}"
            for one in ("tier=bot&said=confirmed", "reopened=1", "escalated=none_such")
        ],
        "conversations of a topic": [f"{these}?{year}&topic={topic}"],
        "savings": ["savings/", f"savings/?month={month}"],
        "answers behind savings": [
            answers,
            f"{answers}&topic=tag+3&tier=1",
            f"{answers}&untagged=1",
        ],
        "desk report": ["desk-report/"],
        "digests": ["digest/", "digest/?page=5", "digest/?page=10"],
        "a digest": [
            f"digest/{Digest.objects.order_by('week').values_list('week', flat=True)[0]}/"
        ],
        "dial": ["dial/"],
    }


def _bot_and_team() -> Paths:
    newest = CachedAnswer.objects.order_by("-id").values_list("id", flat=True)
    visitor = Contact.objects.values_list("id", flat=True)[0]
    return {
        "model versions": ["models/"],
        "large models": ["settings/large-models/"],
        "earlier answers": [
            "settings/large-models/earlier/",
            *(f"settings/large-models/earlier/?before={newest[at]}" for at in (1_000, 1_950)),
        ],
        "members": ["settings/members/"],
        "queues": ["settings/queues/"],
        "a new queue": ["settings/queues/new/"],
        "canned replies": ["settings/desk/", "settings/desk/?after=reply+4"],
        "keys": ["settings/keys/", "settings/identity/"],
        "data": ["settings/data/", f"settings/data/?visitor={visitor}"],
        "audit log": [f"settings/audit/?page={page}" for page in (1, 500, 1_000)],
    }
