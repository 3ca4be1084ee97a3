"""Make a week's digest in the knowledge worker: group what was asked, and count who answered.

Extractive: every word of it was written by a visitor. Made once for a week; the mails are asked
for in the transaction that writes it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from django.db.models import Exists, OuterRef, Q

from accounts.scope import workspace_scope
from chatbot.answering.contract import ANSWER, HANDOFF, SMALLTALK
from chatbot.models import Author, Handoff, Message, Receipt, Turn, TurnState
from knowledge import embedding
from learning import grouping
from learning.digests import MAIL, QUEUE, Week, time_zone, week_of
from learning.models import Digest, DigestGroup, DigestSubscription
from outbox.queue import LeasedJob, enqueue

MOST_QUESTIONS = 3_000  # different ones; the newest where there are more
MOST_GROUPS = 50
LONGEST = 500  # characters of a question that are read and kept
BOT, MODEL, PEOPLE, NOBODY = "by_bot", "by_model", "by_people", "by_nobody"


@dataclass(frozen=True)
class Asked:
    """One question. `fate`: who answered it."""

    text: str
    conversation_id: UUID
    fate: str


def make(job: LeasedJob) -> bool:
    """False where nothing was asked, or the week has its digest."""
    monday = date.fromisoformat(job.payload["period"].partition(":")[2])
    with workspace_scope(job.workspace_id):
        asked = questions(week_of(monday, time_zone()))
        before = _words_of(monday - timedelta(days=7))
    found = group(asked, before) if asked else []
    with workspace_scope(job.workspace_id):
        job.complete()
        if not asked or Digest.objects.filter(week=monday).exists():
            return False
        digest = Digest.objects.create(
            workspace_id=job.workspace_id, week=monday, questions=len(asked), **_fates(asked)
        )
        for place, row in enumerate(found, start=1):
            row.workspace_id, row.digest, row.place = job.workspace_id, digest, place
        DigestGroup.objects.bulk_create(found)
        for member_id in DigestSubscription.objects.values_list("member_id", flat=True):
            enqueue(
                MAIL,
                workspace_id=job.workspace_id,
                payload={"digest_id": str(digest.id), "member_id": str(member_id)},
                queue=QUEUE,
                dedup_key=f"{digest.id}:{member_id}",
            )
    return True


def questions(week: Week) -> list[Asked]:
    """What visitors asked in the week, newest first; a greeting or a wish for a person is none."""
    no_question = Receipt.objects.filter(turn=OuterRef("id")).filter(
        Q(decision=SMALLTALK) | Q(decision=HANDOFF, reason="asked_for_person")
    )
    rows = Turn.objects.filter(
        ~Exists(no_question),
        conversation__last_message_at__gte=week.start,
        opened_at__gte=week.start,
        opened_at__lt=week.end,
    ).order_by("-opened_at", "-id")
    turns = list(rows)
    texts = _texts([turn.id for turn in turns])
    fates = _fate_of(turns)
    return [
        Asked(texts[turn.id][:LONGEST], turn.conversation_id, fates[turn.id])
        for turn in turns
        if texts.get(turn.id)
    ]


def _texts(ids: Sequence[UUID]) -> dict[UUID, str]:
    """The visitor's messages of each turn as one line."""
    rows = Message.objects.filter(turn_id__in=ids, author=Author.VISITOR)
    said: dict[UUID, list[str]] = {}
    for turn_id, text in rows.order_by("created_at", "id").values_list("turn_id", "text"):
        if turn_id is not None:
            said.setdefault(turn_id, []).append(text)
    return {turn_id: " ".join(" ".join(parts).split()) for turn_id, parts in said.items()}


def _fate_of(turns: Sequence[Turn]) -> dict[UUID, str]:
    """People answered where an agent took the conversation after the question."""
    ids = [turn.id for turn in turns]
    tiers = dict(
        Receipt.objects.filter(turn_id__in=ids, decision=ANSWER, message__isnull=False)
        .order_by("tier")
        .values_list("turn_id", "tier")
    )
    taken = Handoff.objects.filter(
        conversation_id__in={turn.conversation_id for turn in turns}, claimed_at__isnull=False
    )
    claimed: dict[UUID, list[object]] = {}
    for conversation_id, at in taken.values_list("conversation_id", "claimed_at"):
        claimed.setdefault(conversation_id, []).append(at)
    fates: dict[UUID, str] = {}
    for turn in turns:
        later = any(at >= turn.opened_at for at in claimed.get(turn.conversation_id, ()))  # type: ignore[operator]  # datetimes, not null
        if turn.id in tiers:
            fates[turn.id] = MODEL if tiers[turn.id] == 2 else BOT
        elif turn.state in {TurnState.HANDED_OFF, TurnState.CANCELLED} and later:
            fates[turn.id] = PEOPLE
        else:
            fates[turn.id] = NOBODY
    return fates


def _words_of(monday: date) -> list[str]:
    rows = DigestGroup.objects.filter(digest__week=monday).exclude(question="")
    return list(rows.values_list("question", flat=True))


def group(asked: Sequence[Asked], before: Sequence[str]) -> list[DigestGroup]:
    """Unsaved rows, the most asked first. Loads the embedder: workers alone call it."""
    of_text: dict[str, list[Asked]] = {}
    for one in asked:
        of_text.setdefault(one.text, []).append(one)
    texts = list(of_text)[:MOST_QUESTIONS]
    model = embedding.embedder()
    vectors = embedding.embed(texts, embedder=model)
    weights = np.array([len(of_text[text]) for text in texts], dtype=np.int64)
    found = grouping.groups(vectors, weights)[:MOST_GROUPS]
    earlier = embedding.embed(before, embedder=model) if before else vectors[:0]
    return [_row(rows, texts, of_text, known=bool(known)) for rows, known in zip(
        found, [grouping.has_near(vectors[rows], earlier).any() for rows in found], strict=True
    )]  # fmt: skip


def _row(
    rows: Sequence[int], texts: Sequence[str], of_text: dict[str, list[Asked]], *, known: bool
) -> DigestGroup:
    members = [one for row in rows for one in of_text[texts[row]]]
    return DigestGroup(
        question=texts[rows[0]],
        conversation_id=of_text[texts[rows[0]]][0].conversation_id,
        count=len(members),
        is_new=not known,
        **_fates(members),
    )


def _fates(asked: Sequence[Asked]) -> dict[str, int]:
    counts = Counter(one.fate for one in asked)
    return {name: counts[name] for name in (BOT, MODEL, PEOPLE, NOBODY)}
