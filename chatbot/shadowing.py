"""A version on trial answers beside the one that serves: after it, in another worker, unseen.

What is compared is what tier 1 decided on the same question and dialogue; nothing of the shadow's
answer is kept but whether it was the same.
"""

import time
from dataclasses import replace
from uuid import UUID

from accounts.scope import workspace_scope
from chatbot.answering.contract import ANSWER, BEING_CHECKED, Decision
from chatbot.asking import request_of
from chatbot.models import Receipt, ServedModels, ShadowDecision
from outbox.queue import LeasedJob, enqueue

KIND = "shadow_turn"
UNWEIGHED = frozenset({"timeout", "model_unavailable"})


def ask_shadow(receipt: Receipt) -> None:
    """In the transaction of the receipt: have the version on trial answer the same."""
    if receipt.reason in UNWEIGHED:
        return
    pointer = ServedModels.objects.filter(stage="shadow").first()
    if pointer is None or pointer.candidate_id is None:
        return
    enqueue(
        KIND,
        workspace_id=receipt.workspace_id,
        payload={"receipt_id": str(receipt.id), "version_id": str(pointer.candidate_id)},
        queue="knowledge",
        dedup_key=str(receipt.id),
    )


def run(job: LeasedJob) -> None:
    """Answer as the version on trial, compare, record. Nothing if it is on trial no more."""
    from chatbot.answering import models, serving
    from chatbot.answering.pipeline import answer_with

    version_id = UUID(job.payload["version_id"])
    pointer = serving.pointer_of(job.workspace_id)
    candidate = serving.on_trial(pointer) if pointer else None
    loaded = None
    if candidate and candidate.id == version_id:
        loaded = serving.usable(candidate, models.loaded())
    with workspace_scope(job.workspace_id):
        rows = Receipt.objects.select_related("turn", "turn__conversation")
        receipt = rows.filter(id=UUID(job.payload["receipt_id"])).first()
        if loaded is None or receipt is None:
            job.complete()
            return
        # as question and dialogue were when the receipt was written
        request = request_of(receipt.turn, until=receipt.created_at)
    started = time.perf_counter()
    decision = answer_with(loaded, request)
    duration_ms = (time.perf_counter() - started) * 1000
    if decision.provisional and receipt.reason == BEING_CHECKED:  # it would be given at once, too
        decision = replace(decision, kind=ANSWER)
    with workspace_scope(job.workspace_id):
        _record(receipt, version_id, decision, duration_ms)
        job.complete()


def _record(receipt: Receipt, version_id: UUID, decision: Decision, duration_ms: float) -> None:
    same_text = decision.kind != ANSWER or decision.text == receipt.text
    ShadowDecision.objects.bulk_create(
        [
            ShadowDecision(
                workspace_id=receipt.workspace_id,
                receipt=receipt,
                version_id=version_id,
                decision=decision.kind,
                reason=decision.reason,
                confidence=decision.confidence,
                agrees=decision.kind == receipt.decision and same_text,
                duration_ms=round(duration_ms, 1),
            )
        ],
        ignore_conflicts=True,
    )
