"""What the console's lists show besides articles and questions, in numbers of a busy workspace.

100,000 conversations are answered, with a receipt, a message and three ledger lines each; 20,000
of their questions lie in one gap, are checked, and 2,000 are confirmed. Besides: 50 model versions
trained on 2,000 rows each, 2,000 earlier answers, 10,000 handoffs, 20,000 pages of one source,
100,000 audit entries, 260 weekly digests, 200 members, and what else is listed in a few hundreds.
Rows are copies of one that the models' own code made, written by SQL.
"""

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import numpy as np
from django.db import connection, models
from django.utils import timezone

from accounts.models import ApiKey, AuditEntry, Member, User
from accounts.scope import workspace_scope
from chatbot.models import (
    CachedAnswer,
    CannedReply,
    Conversation,
    ConversationTag,
    Handoff,
    IdentityKey,
    LargeModel,
    LedgerEntry,
    Message,
    Queue,
    Rating,
    Receipt,
    ShadowDecision,
    Tagging,
    Turn,
)
from knowledge.models import BulkChange, Source, SourcePage
from learning.models import (
    Audit,
    ConfirmedAnswer,
    Digest,
    DigestGroup,
    GapGroup,
    GapQuestion,
    ModelVersion,
    PlaygroundRun,
    ReplayChange,
    ReplayRun,
    TrainingRow,
    TrainingRun,
)
from learning.replay import Wanted
from learning.serving_models import serving_or_none

ASKED = 20_000
DAYS = 360
PASSAGE = {"title": "Pay", "heading_path": ["Bills"], "text": "Press the button to pay. " * 20}
_ID = "gen_random_uuid()"
_COPY = """
WITH given AS MATERIALIZED ({given}) INSERT INTO {table} SELECT made.* FROM given,
  jsonb_populate_record((SELECT t FROM {table} t WHERE id = %s), jsonb_build_object({changed})) made
"""
_DECIDED = """
UPDATE chatbot_receipt SET version_id = (%s::uuid[])[1 + n / 2 %% 50]
FROM (SELECT id AS one, row_number() OVER () AS n FROM chatbot_receipt) numbered
WHERE id = one AND n %% 2 = 0
"""
_NUMBERED = "SELECT n, gen_random_uuid() AS id FROM generate_series(1, {}) n"
_TURNS = """
SELECT id, conversation_id, row_number() OVER () AS n FROM chatbot_turn WHERE number = 2
"""
_FIRST_TURNS = f"{_TURNS} LIMIT {ASKED}"
_FIRST_RECEIPTS = """
SELECT r.id AS receipt, r.turn_id, row_number() OVER () AS n
FROM chatbot_turn t JOIN chatbot_receipt r ON r.turn_id = t.id WHERE t.number = 2 LIMIT 20000
"""
_TRIED = """
SELECT id AS one, version_id, row_number() OVER () AS n FROM chatbot_receipt
WHERE version_id IS NOT NULL ORDER BY id LIMIT 20000
"""
_RESTING = """
SELECT n, articles FROM generate_series(1, 1999) n,
  (SELECT array_agg(id) AS articles FROM (SELECT id FROM knowledge_article LIMIT 2000) few) chosen
"""
_AT = f"now() - (n % {DAYS}) * interval '1 day' - (n % 80000) * interval '1 second'"


def copied(row: models.Model, given: str, **changed: str) -> None:
    """Copies of a row, one for each row of `given`; changed: columns as SQL of it."""
    pairs = ", ".join(f"'{column}', {sql}" for column, sql in ({"id": _ID} | changed).items())
    sql = _COPY.format(table=row._meta.db_table, given=given, changed=pairs)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_memoize = off")  # it would give like rows like ids
        cursor.execute(sql.replace("%", "%%").replace("id = %%s", "id = %s"), [row.pk])


def numbered(count: int) -> str:
    return _NUMBERED.format(count)


def fill(alice: Member) -> None:
    """Conversations, gaps and sources are there already."""
    workspace_id = alice.workspace_id
    with workspace_scope(workspace_id):
        _answered(workspace_id)
        _versions(workspace_id)
        _asked(alice)
        _desk(alice)
        _reports(alice)
        _settings(alice)


def _answered(workspace_id: UUID) -> None:
    """A turn, a message, a receipt and ledger lines for each conversation."""
    first = Conversation.objects.order_by("id")[0]
    given = {"workspace_id": workspace_id, "conversation": first}
    turn = Turn.objects.create(**given, number=3)
    copied(turn, "SELECT id AS one FROM chatbot_conversation", conversation_id="one", number="2")
    message = Message.objects.create(**given, turn=turn, author="visitor", text="How do I pay?")
    copied(
        message,
        _TURNS,
        turn_id="given.id",
        conversation_id="given.conversation_id",
        created_at=_AT,
    )
    receipt = Receipt.objects.create(
        workspace_id=workspace_id, turn=turn, turn_revision=1, tier=1, decision="answer",
        confidence=0.5, text="Press the button.", evidence=[PASSAGE],
    )  # fmt: skip
    copied(receipt, _TURNS, turn_id="given.id", created_at=_AT)
    entry = LedgerEntry.objects.create(
        workspace_id=workspace_id, kind="compact", tier=1, answered=True, cpu_s=0.05,
        cpu_usd=0.00001, counterfactual_usd=0.002, priced_by="large", topic="",
    )  # fmt: skip
    for part in range(3):
        copied(
            entry,
            _TURNS,
            turn_id="given.id",
            conversation_id="given.conversation_id",
            created_at=_AT,
            tier=f"(n + {part}) % 4",
            answered=f"{part} = 0",
            topic="'tag ' || n % 10",
        )


def _versions(workspace_id: UUID) -> None:
    """Each decided 1,000 questions, and would have decided 400 more."""
    versions = ModelVersion.objects.bulk_create(
        ModelVersion(
            workspace_id=workspace_id, number=number, state="retired", card="A card.",
            parts={"ranker": {}}, evaluation={"passed": True},
        )
        for number in range(1, 51)
    )  # fmt: skip
    row = TrainingRow.objects.create(
        workspace_id=workspace_id, version=versions[0], source_kind="turn",
        source_id=versions[0].id, sha256="0" * 64,
    )  # fmt: skip
    every = "SELECT v.id AS one FROM learning_modelversion v, generate_series(1, 2000) n"
    copied(row, every, version_id="one")
    TrainingRun.objects.bulk_create(
        TrainingRun(workspace_id=workspace_id, state="done", minutes=1) for _ in range(50)
    )
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [[one.id for one in versions]])
    receipt = Receipt.objects.filter(version_id__isnull=False).order_by("-id")[0]
    shadow = ShadowDecision.objects.create(
        workspace_id=workspace_id, receipt=receipt, version_id=versions[0].id, decision="answer",
        confidence=0.5, agrees=True, duration_ms=12.0,
    )  # fmt: skip
    given = {"receipt_id": "one", "version_id": "given.version_id"}
    copied(shadow, _TRIED, **given, agrees="n % 5 > 0")


def _asked(alice: Member) -> None:
    """Questions of one gap, answered by the large model; checked, confirmed, given again."""
    workspace_id = alice.workspace_id
    group = GapGroup.objects.order_by("-needed", "id")[0]
    model = GapQuestion.objects.filter(group=group)[0]
    both = {"turn_id": "given.id", "conversation_id": "given.conversation_id"}
    copied(model, _FIRST_TURNS, **both, asked_at=_AT, answer="'Press it.'", answer_by="'model'")
    GapGroup.objects.filter(id=group.id).update(asked=ASKED, needed=ASKED, size=ASKED)
    serving = serving_or_none(workspace_id)
    Audit.objects.update(models_version=serving.version if serving else "")
    audit = Audit.objects.exclude(verdict="")[0]
    copied(
        audit, _FIRST_RECEIPTS, receipt_id="receipt", turn_id="given.turn_id", verdict_at=_AT,
        drawn_at=_AT, verdict="(ARRAY['right', 'wrong', 'unclear', ''])[1 + n % 4]",
    )  # fmt: skip
    first = Turn.objects.get(number=3)
    confirmed = ConfirmedAnswer.objects.create(
        workspace_id=workspace_id, turn=first, conversation_id=first.conversation_id,
        question="How?", answer="So.", answer_by="model", golden_key="q1", doc_id="article-1",
        confirmed_by=alice,
    )  # fmt: skip
    copied(
        confirmed, f"{_TURNS} OFFSET 1 LIMIT 2000", **both, created_at=_AT,
        golden_key="'q' || n % 5000", doc_id="'article-' || n",
    )  # fmt: skip
    cached = CachedAnswer.objects.create(
        workspace_id=workspace_id, turn=first, audience="public", embedder="e", key="0",
        question="How?", vector=np.eye(384)[0], sentences=["So."], model="large",
    )  # fmt: skip
    rests_on = "jsonb_build_array({})".format(
        ", ".join(
            f"jsonb_build_object('article_id', articles[1 + (n + {at}) % 2000], 'digest', 'd')"
            for at in range(3)
        )
    )
    copied(cached, _RESTING, key="n", hits="n % 9", saved_usd="0.002", rests_on=rests_on)
    Receipt.objects.filter(turn__number=2, version_id=None).update(cached_id=cached.id)


def _desk(alice: Member) -> None:
    workspace_id = alice.workspace_id
    users = User.objects.bulk_create(
        User(email=f"agent{n}@example.com", password="!", name=f"Agent {n}")  # noqa: S106  # none
        for n in range(200)
    )
    agents = Member.objects.bulk_create(
        Member(workspace_id=workspace_id, user=user, role="agent", display_name=user.name)
        for user in users
    )
    Queue.objects.bulk_create(
        Queue(workspace_id=workspace_id, name=f"Queue {n}") for n in range(60)
    )
    conversation = Conversation.objects.order_by("id")[0]
    now = timezone.now()
    given = {"workspace_id": workspace_id, "conversation": conversation}
    handoff = Handoff.objects.create(
        **given, reason="asked_for_person", claimed_by=agents[0], claimed_at=now, replied_at=now,
        ended_at=now, outcome="resolve",
    )  # fmt: skip
    spread = "SELECT id AS one, row_number() OVER () AS n FROM chatbot_conversation LIMIT 10000"
    dated = {
        name: f"now() - (n % 28) * interval '1 day' + {late} * interval '1 minute'"
        for late, name in enumerate(("requested_at", "claimed_at", "replied_at", "ended_at"))
    }
    copied(handoff, spread, conversation_id="one", **dated)
    tag = ConversationTag.objects.create(workspace_id=workspace_id, name="bill", key="bill")
    tagging = Tagging.objects.create(**given, tag=tag)
    copied(tagging, f"{spread} OFFSET 1", conversation_id="one")
    rating = Rating.objects.create(**given, closing=1, score=5, closed_at=now)
    copied(rating, f"{spread} OFFSET 1", conversation_id="one", score="1 + n % 5",
           closed_at="now() - (n % 28) * interval '1 day'")  # fmt: skip
    canned = CannedReply.objects.create(workspace_id=workspace_id, name="0", text="Hello.")
    copied(canned, numbered(500), name="'reply ' || n")


def _reports(alice: Member) -> None:
    workspace_id, now = alice.workspace_id, timezone.now()
    monday = now.date() - timedelta(days=now.weekday())
    digests = Digest.objects.bulk_create(
        Digest(
            workspace_id=workspace_id, week=monday - timedelta(weeks=n), questions=900, by_bot=700,
            by_model=100, by_people=90, by_nobody=10,
        )
        for n in range(1, 261)
    )  # fmt: skip
    conversation_id = Conversation.objects.values_list("id", flat=True)[0]
    DigestGroup.objects.bulk_create(
        DigestGroup(
            workspace_id=workspace_id, digest=digest, place=place, question="How do I pay?",
            conversation_id=conversation_id, count=9, by_bot=9, by_model=0, by_people=0,
            by_nobody=0, is_new=False,
        )
        for digest in digests
        for place in range(1, 21)
    )  # fmt: skip
    runs = ReplayRun.objects.bulk_create(
        ReplayRun(
            workspace_id=workspace_id, wanted=asdict(Wanted(risk=0.1)), until=now, ended_at=now,
            started_by=alice,
        )
        for _ in range(20)
    )  # fmt: skip
    side = {"kind": "answer", "text": "So."}
    turns = Turn.objects.filter(number=2).values_list("id", "conversation_id")[:200]
    ReplayChange.objects.bulk_create(
        ReplayChange(
            workspace_id=workspace_id, run=runs[0], turn_id=turn, conversation_id=conversation,
            kind=("lost", "gained", "reworded", "rerouted")[n % 4], was=side, now=side,
        )
        for n, (turn, conversation) in enumerate(turns)
    )  # fmt: skip
    PlaygroundRun.objects.bulk_create(
        PlaygroundRun(workspace_id=workspace_id, question=f"How {n}?", asked_by=alice)
        for n in range(500)
    )


def _settings(alice: Member) -> None:
    workspace_id = alice.workspace_id
    entry = AuditEntry.objects.create(
        workspace_id=workspace_id, actor_kind="member", actor_id=str(alice.id),
        action="article.saved", target_kind="article", target_id="a", detail={"number": 2},
    )  # fmt: skip
    copied(entry, numbered(100_000), created_at="now() - n * interval '1 minute'")
    source = Source.objects.filter(kind="site").order_by("name")[0]
    page = SourcePage.objects.create(
        workspace_id=workspace_id, source=source, address="https://a.example/", state="done"
    )
    copied(
        page, numbered(ASKED), address="'https://a.example/' || n",
        state="(ARRAY['done', 'done', 'skipped', 'failed'])[1 + n % 4]",
    )  # fmt: skip
    BulkChange.objects.bulk_create(
        BulkChange(workspace_id=workspace_id, author=alice, action="archive", state="done")
        for _ in range(100)
    )
    ApiKey.objects.bulk_create(
        ApiKey(workspace_id=workspace_id, digest=f"{n:064}", name=f"key {n}", prefix="fl_")
        for n in range(50)
    )
    IdentityKey.objects.bulk_create(
        IdentityKey(workspace_id=workspace_id, kid=f"k{n}", sealed="x") for n in range(20)
    )
    LargeModel.objects.bulk_create(
        LargeModel(workspace_id=workspace_id, position=n, vendor="openai", model=f"m{n}")
        for n in range(10)
    )
