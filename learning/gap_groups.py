"""Groups of questions: made by the worker, merged, dismissed and reopened by editors.

One at a time changes the groups of a workspace: all of these hold its lock. What an editor does is
in the audit log. Embedding happens with no transaction open.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from django.utils import timezone
from pgvector.django import MaxInnerProduct

from accounts import audit
from accounts.errors import Conflict, Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import embedding
from knowledge.models import Article
from learning import review_lock
from learning.half_life import halved_at
from learning.linkage import Vectors, agglomerate, join
from learning.models import GapGroup, GapQuestion, GapState, Why
from learning.models.gaps import DIMENSIONS
from learning.review_jobs import ask_for_grouping

STEP = 256  # questions
MOST_EMBEDDED = 2_000  # of one group, when the embedder is another one


def step(workspace_id: UUID, *, before_commit: Callable[[], None]) -> None:
    """Embed and group some of the questions that wait, and ask for the next step if more do."""
    version = embedding.model_version()
    with workspace_scope(workspace_id):
        stale = GapGroup.objects.exclude(model_version=version).order_by("id").first()
        rows = _texts(stale)
    vectors = embedding.embed([row.text for row in rows])
    with workspace_scope(workspace_id):
        review_lock.hold(workspace_id)
        before_commit()
        if stale is not None:
            _move(stale, rows, vectors, version)
        else:
            _place(workspace_id, rows, vectors)
        if stale is not None or GapQuestion.objects.filter(group__isnull=True).exists():
            ask_for_grouping(workspace_id)


def _texts(stale: GapGroup | None) -> list[GapQuestion]:
    if stale is not None:
        newest = GapQuestion.objects.filter(group=stale).order_by("-asked_at", "-id")
        return list(newest.only("id", "text")[:MOST_EMBEDDED])
    waiting = GapQuestion.objects.filter(group__isnull=True).order_by("id")
    return list(waiting.only("id", "text")[:STEP])


def _move(group: GapGroup, rows: Sequence[GapQuestion], vectors: Vectors, version: str) -> None:
    """Take a group to another embedder; older questions than these keep their place alone."""
    if not rows:
        GapGroup.objects.filter(id=group.id).delete()
        return
    for row, vector in zip(rows, vectors, strict=True):
        row.vector = vector
    GapQuestion.objects.bulk_update(rows, ["vector"], batch_size=200)
    GapGroup.objects.filter(id=group.id).update(
        model_version=version, mean=vectors.mean(axis=0), size=len(rows)
    )


def _place(workspace_id: UUID, rows: Sequence[GapQuestion], vectors: Vectors) -> None:
    """Into the groups there are, or new ones. Rows that were changed meanwhile wait on."""
    now = {
        row.id: row
        for row in GapQuestion.objects.filter(
            id__in=[row.id for row in rows], group__isnull=True
        ).only("id", "group", "text", "needs_help", "asked_at")
    }
    same = [number for number, row in enumerate(rows) if row.id in now]
    same = [number for number in same if now[rows[number].id].text == rows[number].text]
    vectors, found = vectors[same], [now[rows[number].id] for number in same]
    groups = list(GapGroup.objects.order_by("id").only("id", "mean", "size", "checked_at"))
    needing = np.array([row.needs_help for row in found], bool)
    numbers = join(vectors, _means(groups))
    new = np.flatnonzero((numbers < 0) & needing)
    if len(new):
        labels = agglomerate(vectors[new])
        numbers[new] = len(groups) + labels
        members = [vectors[new[labels == label]] for label in range(int(labels.max()) + 1)]
        groups += [_new_group(workspace_id, one) for one in members]
        late = np.flatnonzero(numbers < 0)
        numbers[late] = join(vectors[late], _means(groups))
    _write(found, vectors, numbers, groups)


def _means(groups: Sequence[GapGroup]) -> Vectors:
    rows = [group.mean for group in groups]
    return np.array(rows, np.float32).reshape(len(rows), DIMENSIONS)


def _new_group(workspace_id: UUID, members: Vectors) -> GapGroup:
    """`size` is counted when its members are written."""
    return GapGroup.objects.create(
        workspace_id=workspace_id,
        model_version=embedding.model_version(),
        mean=members.mean(axis=0),
    )


def _write(
    rows: Sequence[GapQuestion],
    vectors: Vectors,
    numbers: "np.ndarray[tuple[int, ...], np.dtype[np.intp]]",
    groups: Sequence[GapGroup],
) -> None:
    joined: dict[int, list[int]] = defaultdict(list)
    for at, number in enumerate(numbers):
        joined[int(number)].append(at)
    GapQuestion.objects.filter(id__in=[rows[at].id for at in joined.pop(-1, [])]).delete()
    for number, members in joined.items():
        group, total = groups[number], groups[number].size + len(members)
        weight = group.size / total
        mean = weight * np.array(group.mean) + (1 - weight) * vectors[members].mean(axis=0)
        open_again = any(rows[at].needs_help and _is_new(group, rows[at]) for at in members)
        more = {"is_answered": False} if open_again else {}
        GapGroup.objects.filter(id=group.id).update(mean=mean, size=total, **more)
        for at in members:
            rows[at].group, rows[at].vector = group, vectors[at]
    kept = [row for row in rows if row.group_id]
    GapQuestion.objects.bulk_update(kept, ["group", "vector"], batch_size=200)
    refresh({groups[number].id for number in joined})


def _is_new(group: GapGroup, row: GapQuestion) -> bool:
    return group.checked_at is None or row.asked_at > group.checked_at


def refresh(group_ids: Collection[UUID]) -> None:
    """Count these groups' questions anew; one that needs no help any more is none. Needs a scope.

    Questions from before the first that needed help do not count.
    """
    rows = GapQuestion.objects.filter(group_id__in=group_ids).order_by("asked_at", "id")
    found: dict[UUID, list[tuple[datetime, bool, str, float]]] = defaultdict(list)
    fields = ("group_id", "asked_at", "needs_help", "why", "cost_usd")
    for group_id, at, needs, why, cost_usd in rows.values_list(*fields):
        if group_id is not None and (found[group_id] or needs):
            found[group_id].append((at, needs, why, cost_usd))
    for group_id in group_ids:
        if not found[group_id]:
            GapQuestion.objects.filter(group_id=group_id).delete()
            GapGroup.objects.filter(id=group_id).delete()
            continue
        _count(group_id, found[group_id])


def _count(group_id: UUID, rows: Sequence[tuple[datetime, bool, str, float]]) -> None:
    group = GapGroup.objects.only("mean").get(id=group_id)
    needing = GapQuestion.objects.filter(group_id=group_id, needs_help=True)
    central = needing.order_by(MaxInnerProduct("vector", group.mean), "id")
    GapGroup.objects.filter(id=group_id).update(
        asked=len(rows),
        needed=sum(needs for _at, needs, _why, _cost in rows),
        people=sum(why == Why.PEOPLE for _at, _needs, why, _cost in rows),
        cost_usd=sum(cost for *_rest, cost in rows),
        first_at=rows[0][0],
        last_at=rows[-1][0],
        halved_at=halved_at([(at, needs) for at, needs, *_rest in rows]),
        central=central.values("id")[:1],
    )


def dismiss(actor: Member, group_id: UUID) -> None:
    """No gap: nothing that an article should answer. Twice is harmless. Raises NotFound."""
    _set_state(actor, group_id, GapState.DISMISSED, "gap.dismissed")


def reopen(actor: Member, group_id: UUID) -> None:
    _set_state(actor, group_id, GapState.OPEN, "gap.reopened")


def _set_state(actor: Member, group_id: UUID, state: GapState, action: str) -> None:
    with workspace_scope(actor.workspace_id):
        review_lock.hold(actor.workspace_id)
        group = by_id(group_id)
        if group.state != state:
            GapGroup.objects.filter(id=group_id).update(state=state)
            audit.record(actor, action, target_kind="gap", target_id=group_id)


def merge(actor: Member, group_id: UUID, *, into: UUID) -> None:
    """All questions of the first go into the second. Raises NotFound, Invalid, Conflict."""
    if group_id == into:
        raise Invalid("a group cannot be merged with itself")
    with workspace_scope(actor.workspace_id):
        review_lock.hold(actor.workspace_id)
        one, other = by_id(group_id), by_id(into)
        if one.model_version != other.model_version:
            raise Conflict("the groups are being made anew")
        total = one.size + other.size
        mean = (one.size * np.array(one.mean) + other.size * np.array(other.mean)) / total
        GapQuestion.objects.filter(group=one).update(group=other)
        GapGroup.objects.filter(id=other.id).update(mean=mean, size=total, is_answered=False)
        GapGroup.objects.filter(id=one.id).delete()
        refresh([other.id])
        audit.record(actor, "gap.merged", target_kind="gap", target_id=into, merged=str(group_id))


def begin_article(actor: Member, group_id: UUID) -> UUID | None:
    """Note that an article is begun, so that it is watched for; the id of one that is there."""
    with workspace_scope(actor.workspace_id):
        group = by_id(group_id)
        own = Article.objects.filter(external_id=str(group.id)).values_list("id", flat=True)
        GapGroup.objects.filter(id=group_id).update(drafted_at=timezone.now())
        return own.first()


def by_id(group_id: UUID) -> GapGroup:
    """Needs the scope. Raises NotFound."""
    found = GapGroup.objects.select_related("central").filter(id=group_id).first()
    if found is None:
        raise NotFound("no such group")
    return found


def alike(group: GapGroup, *, count: int) -> Iterable[GapGroup]:
    """The groups nearest in meaning, for merging. Needs the scope."""
    others = GapGroup.objects.exclude(id=group.id).filter(model_version=group.model_version)
    ordered = others.select_related("central").order_by(MaxInnerProduct("mean", group.mean), "id")
    return list(ordered[:count])
