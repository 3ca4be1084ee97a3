"""What the console's lists count stops at a limit, and what they show is the newest."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from pytest_django import Settings

from accounts.scope import workspace_scope
from chatbot import sampling
from chatbot.models import LedgerEntry, Message, Receipt, ShadowDecision, Turn
from chatbot.turns import question_of, questions_of
from learning import audits, gap_drafts, labels, statement, version_listing
from learning.models import Audit, GapGroup, GapQuestion, ModelVersion
from learning.statement import Only
from tests.cast import Cast

MEAN = np.eye(384)[0]


def turn(cast: Cast, number: int) -> Turn:
    here = {"workspace_id": cast.workspace.id}
    return Turn.objects.create(**here, conversation_id=cast.conversation_id, number=number)


def decided(
    cast: Cast, number: int, version: ModelVersion | None = None, decision: str = "answer"
) -> Receipt:
    return Receipt.objects.create(
        workspace_id=cast.workspace.id, turn=turn(cast, number), turn_revision=1, tier=1,
        decision=decision, confidence=0.5, version_id=version.id if version else None,
    )  # fmt: skip


def tried(receipt: Receipt, *, agrees: bool, decision: str = "answer") -> None:
    ShadowDecision.objects.create(
        workspace_id=receipt.workspace_id, receipt=receipt, version_id=str(receipt.version_id),
        decision=decision, confidence=0.5, agrees=agrees, duration_ms=4.0,
    )  # fmt: skip


def test_a_version_counts_its_own_questions_up_to_a_limit(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_scope(cast.workspace.id):
        many, few, none = (
            ModelVersion.objects.create(workspace_id=cast.workspace.id, number=number)
            for number in (1, 2, 3)
        )
        for number in range(3):
            decided(cast, number, many)
        decided(cast, 3, few)
    monkeypatch.setattr(version_listing, "MOST_COUNTED", 2)
    listed = {
        one.version.id: one.decisions for one in version_listing.rollout(cast.workspace.id).versions
    }
    assert listed == {many.id: None, few.id: 1, none.id: 0}


def test_a_version_on_trial_is_told_by_its_newest_tries(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_scope(cast.workspace.id):
        version = ModelVersion.objects.create(workspace_id=cast.workspace.id, number=1)
        tried(decided(cast, 0, version), agrees=False, decision="escalate")
        tried(decided(cast, 1, version, "escalate"), agrees=False)
        tried(decided(cast, 2, version), agrees=True)
    monkeypatch.setattr(version_listing, "MOST_COMPARED", 2)
    (listed,) = version_listing.rollout(cast.workspace.id).versions
    assert listed.shadowed == version_listing.Shadowed(2, 1, 1, 0, 4.0)
    assert version_listing.rollout(cast.other.workspace.id).versions == []


def test_answers_behind_savings_are_counted_up_to_a_limit(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = timezone.now().date().replace(day=1)
    with workspace_scope(cast.workspace.id):
        for _ in range(3):
            LedgerEntry.objects.create(
                workspace_id=cast.workspace.id, kind="compact", tier=1, answered=True
            )
    assert statement.page(cast.workspace.id, month, Only()).count == 3
    monkeypatch.setattr(statement, "MOST_COUNTED", 2)
    assert statement.page(cast.workspace.id, month, Only()).count is None


def test_the_last_verdicts_come_newest_first_whatever_they_say(cast: Cast) -> None:
    now, given = timezone.now(), ["right", "wrong", "right", "unclear", ""]
    with workspace_scope(cast.workspace.id):
        for number, verdict in enumerate(given):
            receipt = decided(cast, number)
            Audit.objects.create(
                workspace_id=cast.workspace.id, turn=receipt.turn, turn_revision=1,
                receipt=receipt, question=str(number), text="So.", confidence=0.5, answered=True,
                share=0.05, verdict=verdict, verdict_by=cast.alice if verdict else None,
                verdict_at=now + timedelta(seconds=number) if verdict else None,
            )  # fmt: skip
    assert [one.question for one in audits.judged_last(cast.workspace.id)] == ["3", "2", "1", "0"]


def test_a_draft_is_made_of_answers_to_the_newest_questions(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    with workspace_scope(cast.workspace.id):
        here: dict[str, Any] = {"workspace_id": cast.workspace.id}
        group = GapGroup.objects.create(**here, model_version="v", mean=MEAN)
        for number, answer in enumerate(("Monday at nine.", "Sunday, never.", "Ask in May.")):
            GapQuestion.objects.create(
                **here, turn=turn(cast, number), conversation_id=cast.conversation_id, group=group,
                text="When?", vector=MEAN, lang="en", needs_help=True, why="people", answer=answer,
                answer_by="model", asked_at=now + timedelta(days=number),
            )  # fmt: skip
        monkeypatch.setattr(gap_drafts, "NEWEST", 2)
        found = {row.answer for row in gap_drafts.answers(group)}
        assert found == {"Sunday, never.", "Ask in May."}
        draft = gap_drafts.draft_of(group)
        assert draft == gap_drafts.draft_of(group, answered=gap_drafts.answers(group))


def test_questions_of_many_turns_are_those_of_each(cast: Cast) -> None:
    with workspace_scope(cast.workspace.id):
        turns = [turn(cast, number) for number in range(3)]
        for at, text in ((0, "Hello,"), (0, "are you there?"), (1, "Where?")):
            Message.objects.create(
                workspace_id=cast.workspace.id, conversation_id=cast.conversation_id,
                turn=turns[at], author="visitor", text=text,
            )  # fmt: skip
        ids = [one.id for one in turns]
        assert questions_of(ids) == {one: question_of(one) for one in ids}
        assert questions_of(ids)[ids[0]] == "Hello,\nare you there?"


def test_chance_is_the_keyed_hash_of_the_turn(settings: Settings) -> None:
    for secret in ("one", "another"):
        settings.SECRET_KEY = secret
        for number in range(20):
            turn_id = UUID(int=number)
            digest = salted_hmac(sampling.SALT, str(turn_id), algorithm="sha256").digest()
            assert sampling.chance(turn_id) == (int.from_bytes(digest) >> 203) / 2**53


def test_what_a_guarantee_counts_is_in_the_order_of_the_labels(cast: Cast) -> None:
    with workspace_scope(cast.workspace.id):
        for number, verdict in enumerate(("right", "wrong", "unclear", "")):
            receipt = decided(cast, number)
            Audit.objects.create(
                workspace_id=cast.workspace.id, turn=receipt.turn, turn_revision=1,
                receipt=receipt, question=str(number), text="So.", confidence=0.1 * number,
                answered=True, share=0.05, verdict=verdict, models_version="m",
            )  # fmt: skip
    full = labels.audited(cast.workspace.id, models_version="m")
    light = labels.judged(cast.workspace.id, models_version="m")
    assert [one.right for one in light] == [True, False, False]
    for one, other in zip(light, full, strict=True):
        assert one == (other.confidence, other.right, other.share, other.turn_id, other.audit_id)
    ids = [light[1].audit_id]
    assert labels.audited(cast.workspace.id, models_version="m", ids=ids) == [full[1]]
    assert labels.judged(cast.other.workspace.id, models_version="m") == []
