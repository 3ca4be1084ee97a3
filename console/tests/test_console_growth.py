"""No list of the console asks the database more often because it has more rows."""

from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiKey, AuditEntry
from accounts.scope import workspace_scope
from chatbot.models import (
    CachedAnswer,
    CannedReply,
    Conversation,
    Handoff,
    IdentityKey,
    LargeModel,
    LedgerEntry,
    Queue,
    QueueMember,
    Receipt,
    ShadowDecision,
    Turn,
)
from console.tests import pages
from console.tests.hidden import MEAN, REPLAYED
from knowledge import tags
from knowledge.articles import upsert_article
from knowledge.models import BulkChange, Revision, Source, SourcePage, Upload
from learning.models import (
    Audit,
    ConfirmedAnswer,
    ConversationDay,
    Digest,
    DigestGroup,
    GapGroup,
    GapQuestion,
    GoldenQuestion,
    ModelVersion,
    PlaygroundRun,
    ReplayChange,
    ReplayRun,
    TrainingRow,
    TrainingRun,
)
from tests.cast import Cast, make_member

FEW, MANY = 3, 30
WORDS = "Where is the okapi?"
MONDAY = date(2026, 1, 5)
LISTS = (
    "",
    "articles/",
    "articles/?tag=billing",
    "articles/?q=okapi",
    "articles/tags/",
    "articles/{article}/revisions/",
    "articles/{article}/translations/?q=okapi",
    "sources/",
    "sources/{source}/",
    "uploads/",
    "golden/",
    "golden/articles/?doc_id=okapi",
    "gaps/",
    "gaps/{group}/",
    "confirmed/",
    "replays/",
    "replays/{replay}/",
    "playground/",
    "checks/",
    "outcomes/",
    "outcomes/conversations/",
    "savings/",
    "savings/answers/",
    "desk-report/",
    "digest/",
    "models/",
    "settings/large-models/",
    "settings/large-models/earlier/",
    "settings/members/",
    "settings/queues/",
    "settings/queues/new/",
    "settings/desk/",
    "settings/keys/",
    "settings/identity/",
    "settings/audit/",
)


def test_a_list_asks_as_often_for_many_rows_as_for_few(
    client: Client, cast: Cast, parts: Any, fake_model: Any
) -> None:
    ids = _first(cast)
    _more(cast, ids, range(FEW))
    pages.log_in(client, cast.alice)
    few = {path: _asked(client, path.format(**ids)) for path in LISTS}
    _more(cast, ids, range(FEW, MANY))
    many = {path: _asked(client, path.format(**ids)) for path in LISTS}
    grown = {path: (few[path], many[path]) for path in LISTS if many[path] > few[path]}
    assert grown == {}


def _asked(client: Client, path: str) -> int:
    """How many statements a page needs once it is warm."""
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(pages.BASE + path)
        assert answer.status_code == 200, path
    return len(asked)


def _first(cast: Cast) -> dict[str, Any]:
    """What the other rows belong to."""
    article, here = pages.article(cast), {"workspace_id": cast.workspace.id}
    with workspace_scope(cast.workspace.id):
        group = GapGroup.objects.create(**here, model_version="v", mean=MEAN, needed=99, asked=99)
        run = ReplayRun.objects.create(
            **here, wanted=REPLAYED, until=timezone.now(), ended_at=timezone.now()
        )
        digest = Digest.objects.create(
            **here, week=MONDAY, questions=1, by_bot=1, by_model=0, by_people=0, by_nobody=0
        )
    source = pages.source(cast)
    named = {"article": article, "source": source, "group": group, "replay": run, "digest": digest}
    return {name: row.id for name, row in named.items()}


def _more(cast: Cast, ids: dict[str, Any], numbers: range) -> None:
    with workspace_scope(cast.workspace.id):
        for number in numbers:
            _knowledge(cast, ids, number)
            _talk(cast, ids, number)
            _team(cast, number)


def _knowledge(cast: Cast, ids: dict[str, Any], n: int) -> None:
    here = {"workspace_id": cast.workspace.id}
    doc_id, title = f"doc-{n}", f"An okapi, number {n}"
    article = upsert_article(cast.workspace.id, doc_id=doc_id, title=title, text=WORDS).article
    for name in ("billing", f"tag {n}"):
        tags.add(article, name)
    Revision.objects.create(
        **here, article_id=ids["article"], number=n + 2, title="A", text=f"{n}", author=cast.alice
    )
    Source.objects.create(**here, kind="site", name=f"Site {n}", location="https://a.example/")
    SourcePage.objects.create(**here, source_id=ids["source"], address=f"https://a.example/{n}")
    Upload.objects.create(**here, name=f"{n}.md", digest=f"{n}", author=cast.alice)
    BulkChange.objects.create(**here, author=cast.alice, action="archive", state="done")
    GoldenQuestion.objects.create(**here, key=f"q{n}", question=WORDS, doc_id=doc_id)
    PlaygroundRun.objects.create(**here, question=WORDS, asked_by=cast.alice)
    version = ModelVersion.objects.create(**here, number=n + 1, promoted_by=cast.alice)
    TrainingRow.objects.create(
        **here, version=version, source_kind="turn", source_id=article.id, sha256="0" * 64
    )
    TrainingRun.objects.create(**here, state="done", minutes=1, started_by=cast.alice)


def _talk(cast: Cast, ids: dict[str, Any], n: int) -> None:
    """A conversation that was answered, judged, counted and confirmed, and went to people."""
    here, now = {"workspace_id": cast.workspace.id}, timezone.now()
    first = Conversation.objects.get(id=cast.conversation_id)
    where = here | {
        "conversation": Conversation.objects.create(**here, channel="widget", contact=first.contact)
    }
    turn = Turn.objects.create(**where, number=1)
    version = ModelVersion.objects.get(number=n + 1)
    receipt = Receipt.objects.create(
        **here, turn=turn, turn_revision=1, tier=1, decision="answer", confidence=0.5,
        version_id=version.id,
    )  # fmt: skip
    ShadowDecision.objects.create(
        **here, receipt=receipt, version_id=version.id, decision="answer", confidence=0.5,
        agrees=True, duration_ms=1.0,
    )  # fmt: skip
    asked = {"text": WORDS, "vector": MEAN, "lang": "en", "asked_at": now, "needs_help": True,
             "why": "people", "answer": "So.", "answer_by": "model"}  # fmt: skip
    question = GapQuestion.objects.create(**where, turn=turn, group_id=ids["group"], **asked)
    GapGroup.objects.create(
        **here, model_version="v", mean=MEAN, needed=1, asked=9, central=question, first_at=now,
        last_at=now,
    )  # fmt: skip
    Audit.objects.create(
        **here, turn=turn, turn_revision=1, receipt=receipt, question=WORDS, text="So.",
        confidence=0.5, answered=True, share=0.05, verdict="right", verdict_by=cast.alice,
        verdict_at=now,
    )  # fmt: skip
    side = {"kind": "answer", "text": "So."}
    ReplayChange.objects.create(
        **where, run_id=ids["replay"], turn=turn, kind="lost", was=side, now=side
    )
    _counted(cast, where | {"turn": turn}, ids, n)


def _counted(cast: Cast, where: dict[str, Any], ids: dict[str, Any], n: int) -> None:
    now, turn, conversation = timezone.now(), where["turn"], where["conversation"]
    here = {"workspace_id": cast.workspace.id}
    later = Turn.objects.create(**here, conversation=conversation, number=2)
    ConfirmedAnswer.objects.create(
        **here, conversation=conversation, turn=later, question=WORDS, answer="So.",
        answer_by="model", golden_key=f"q{n}", doc_id=f"doc-{n}", confirmed_by=cast.alice,
    )  # fmt: skip
    CachedAnswer.objects.create(
        **here, turn=turn, audience="public", embedder="e", key=f"{n}", question=WORDS,
        vector=MEAN, sentences=["So."], model="m",
        rests_on=[{"article_id": str(ids["article"]), "digest": "x"}],
    )  # fmt: skip
    ConversationDay.objects.create(
        **here, conversation=conversation, day=now.date(), started_at=now, language=f"l{n}",
        channel="widget", questions=1, tier=1,
    )  # fmt: skip
    LedgerEntry.objects.create(
        **here, kind="compact", tier=1, answered=True, conversation_id=conversation.id,
        turn_id=turn.id, topic=f"tag {n}",
    )  # fmt: skip
    Handoff.objects.create(
        **here, conversation=conversation, reason="asked_for_person", claimed_by=cast.bob,
        claimed_at=now, ended_at=now, outcome="resolve",
    )  # fmt: skip
    week = {"by_bot": 1, "by_model": 0, "by_people": 0, "by_nobody": 0}
    Digest.objects.create(**here, week=MONDAY - timedelta(weeks=n + 1), questions=1, **week)
    DigestGroup.objects.create(
        **here, digest_id=ids["digest"], place=n, question=WORDS, count=1, is_new=False,
        conversation_id=conversation.id, **week,
    )  # fmt: skip
    ReplayRun.objects.create(
        **here, wanted=REPLAYED, until=now, ended_at=now, started_by=cast.alice
    )


def _team(cast: Cast, n: int) -> None:
    here = {"workspace_id": cast.workspace.id}
    agent = make_member(cast.acme, f"agent-{n}", role="agent")
    queue = Queue.objects.create(**here, name=f"Queue {n}")
    QueueMember.objects.create(**here, queue=queue, member=agent)
    CannedReply.objects.create(**here, name=f"reply {n}", text="Hello.")
    LargeModel.objects.create(**here, vendor="openai", model=f"m{n}", position=n)
    IdentityKey.objects.create(**here, kid=f"k{n}", sealed="x")
    ApiKey.objects.create(**here, digest=f"{n:064}", name=f"key {n}", prefix="fl_")
    AuditEntry.objects.create(
        **here, actor_kind="member", actor_id=str(agent.id), action="article.saved",
        target_kind="article",
    )  # fmt: skip
