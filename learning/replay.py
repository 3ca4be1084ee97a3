"""Replay: what would have happened to real questions with something else. Reads alone.

A question is the last weighing of its turn by tier 0 or 1, with the dialogue as it was then. With
another risk or other large models alone, what was stored of that weighing decides and no model
runs: recorded against supposed. With another model version or an unpublished text both sides are
asked anew, of what is published now, so that the two differ in that alone. No large model is ever
asked: what its calls would have cost is reckoned from prices.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, Exists, F, Func, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.errors import Invalid
from accounts.models import WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot.answering import clarify
from chatbot.answering.contract import (
    ANSWER,
    ESCALATE,
    HANDOFF,
    AnswerRequest,
    Decision,
)
from chatbot.asking import SIGNED_IN_FOR, request_of
from chatbot.models import Contact, Escalation, EscalationState, Handoff, Receipt, ServedThresholds
from knowledge.models import Audience
from knowledge.retrieval import seen_by
from knowledge.unpublished import Unpublished
from learning.replay_prices import Prices, prices_of
from learning.serving_models import ServingModels, serving_or_none

if TYPE_CHECKING:
    from inference.models import Models

GAINED, LOST, REWORDED, REROUTED = "gained", "lost", "reworded", "rerouted"
KINDS = (LOST, GAINED, REWORDED, REROUTED)
MOST = 10_000  # questions of one replay
LONGEST_DAYS = 365
# Reasons of weighings that had words to answer with; with more confidence they would have been an
# answer. What was an answer and is not sure enough any more is taken to be handed on: whether it
# would have been asked back is not stored.
WEIGHED = frozenset({"", "low_confidence", clarify.REASON, "complaint", "out_of_scope"})
LONGEST_TEXT = 1_000  # of an answer that is kept to be shown


@dataclass(frozen=True)
class Wanted:
    """What is to be supposed; each but the sample may be left as it is now.

    version: a model version's number. provider: "none", or vendor/model. doc_id: of the article
    whose newest unpublished text counts as published; revision: the number of another one of its
    texts in place of that, an earlier one too. limit, seed: of the sample.
    """

    days: int = 30
    risk: float | None = None
    version: int | None = None
    provider: str = ""
    doc_id: str = ""
    limit: int = 2_000
    seed: int = 0
    revision: int | None = None

    @property
    def runs_models(self) -> bool:
        return self.version is not None or bool(self.doc_id)

    def check(self) -> None:
        """Raises Invalid."""
        if not 1 <= self.days <= LONGEST_DAYS:
            raise Invalid(f"A replay looks back 1 to {LONGEST_DAYS} days")
        if not 1 <= self.limit <= MOST:
            raise Invalid(f"A replay asks 1 to {MOST} questions")
        if self.risk is not None and not 0 < self.risk < 1:
            raise Invalid("A risk lies between 0 and 1")
        if self.revision is not None and not self.doc_id:
            raise Invalid("A revision is one of an article: name that too")
        if self.risk is None and not self.provider and not self.runs_models:
            raise Invalid("Say what is to be another: risk, model version, large model or draft")


@dataclass(frozen=True)
class Side:
    """What came, or would come, of a question. people: 0 to 1, the chance that a person gets it."""

    kind: str
    text: str
    calls: int
    people: float
    usd: float

    @property
    def answered(self) -> bool:
        return self.kind == ANSWER

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "text": self.text[:LONGEST_TEXT], "calls": self.calls,
            "people": round(self.people, 4), "usd": round(self.usd, 6),
        }  # fmt: skip


@dataclass(frozen=True)
class Replayed:
    """One question on both sides. other_models: its stored features are of other models."""

    receipt: Receipt
    was: Side
    now: Side
    other_models: bool = False

    @property
    def change(self) -> str:
        """Empty where the visitor would notice nothing."""
        was, now = self.was, self.now
        if was.answered != now.answered:
            return GAINED if now.answered else LOST
        if was.answered:
            return REWORDED if was.text != now.text else ""
        same = (was.kind, was.calls, round(was.people, 6)) == (
            now.kind, now.calls, round(now.people, 6),
        )  # fmt: skip
        return "" if same else REROUTED


@dataclass(frozen=True)
class Arms:
    """The models of both sides, where they run."""

    before: "Models"
    after: "Models"
    draft: Unpublished | None


@dataclass(frozen=True)
class Setup:
    """What does not differ from question to question. own: models' version → ServedThresholds."""

    wanted: Wanted
    prices: Prices
    serving: ServingModels | None
    own: dict[str, dict[str, float | None]]
    risk: float
    arms: Arms | None = None


def sample(wanted: Wanted, until: datetime, *, after: str = "") -> QuerySet[Receipt]:
    """In the order in which they are asked: by `place`, a digest of seed and turn.

    after: the place of the last one that was asked. Needs the scope.
    """
    later = Receipt.objects.filter(
        turn_id=OuterRef("turn_id"), tier__lt=2, turn_revision__gt=OuterRef("turn_revision")
    )
    seeded = Concat(Cast(F("turn_id"), CharField()), Value(f" {wanted.seed}"))
    rows = Receipt.objects.filter(
        ~Exists(later),
        tier__lt=2,
        created_at__gt=until - timedelta(days=wanted.days),
        created_at__lte=until,
    )
    placed = rows.annotate(place=Func(seeded, function="md5", output_field=CharField()))
    return placed.filter(place__gt=after).order_by("place")


def setup(workspace_id: UUID, wanted: Wanted, until: datetime, *, arms: Arms | None) -> Setup:
    """Raises Invalid where the supposed large model is not known or has no price."""
    serving = serving_or_none(workspace_id)
    with workspace_scope(workspace_id):
        since = until - timedelta(days=wanted.days)
        own = ServedThresholds.objects.values_list("models_version", "thresholds")
        chosen = WorkspaceSettings.objects.values_list("risk", flat=True).first()
        return Setup(
            wanted=wanted,
            prices=prices_of(workspace_id, wanted.provider, since=since, until=until),
            serving=serving,
            own=dict(own),
            risk=_risk(wanted, chosen),
            arms=arms,
        )


def _risk(wanted: Wanted, chosen: float | None) -> float:
    if wanted.risk is not None:
        return wanted.risk
    return float(settings.RISK_DEFAULT if chosen is None else chosen)


def replayed(given: Setup, receipts: list[Receipt]) -> Iterator[Replayed]:
    """receipts: with their turns and conversations loaded. Opens the scope for each by itself."""
    if not receipts:
        return
    with workspace_scope(receipts[0].workspace_id):
        ids = [row.turn_id for row in receipts]
        calls: dict[UUID, list[Escalation]] = {}
        for row in Escalation.objects.filter(turn_id__in=ids).order_by("turn_revision"):
            calls.setdefault(row.turn_id, []).append(row)
        people = set(Handoff.objects.filter(turn_id__in=ids).values_list("turn_id", flat=True))
    for receipt in receipts:
        if given.arms is None:
            made = calls.get(receipt.turn_id, [])
            was = _recorded(receipt, made, receipt.turn_id in people)
            yield _redecided(given, receipt, was, made[-1] if made else None)
        else:
            yield _asked_anew(given, given.arms, receipt)


def _recorded(receipt: Receipt, calls: list[Escalation], passed: bool) -> Side:
    """A question that was called for anew, since its visitor wrote on, is one call of all costs."""
    return Side(
        kind=receipt.decision,
        text=receipt.text if receipt.decision == ANSWER else "",
        calls=int(any(one.state != EscalationState.CANCELLED for one in calls)),
        people=1.0 if passed else 0.0,
        usd=sum(one.cost_usd for one in calls),
    )


def _redecided(given: Setup, receipt: Receipt, was: Side, call: Escalation | None) -> Replayed:
    kind, other = receipt.decision, False
    if given.wanted.risk is not None and _is_weighed(receipt):
        confidence, threshold, other = _confidence(given, receipt)
        sure = threshold is not None and confidence >= threshold
        if sure:
            kind = ANSWER
        elif receipt.decision == ANSWER:
            kind = ESCALATE
    other_model = bool(given.wanted.provider) and kind == ESCALATE
    if kind == receipt.decision and not other_model:
        return Replayed(receipt, was, was, other)
    return Replayed(receipt, was, _supposed(given, receipt, kind, receipt.text, call), other)


def _is_weighed(receipt: Receipt) -> bool:
    """Confidence decided it: there are words, and nothing else stood in the way."""
    return bool(receipt.features and receipt.text) and receipt.reason in WEIGHED


def _confidence(given: Setup, receipt: Receipt) -> tuple[float, float | None, bool]:
    """The confidence, the threshold of the supposed risk, and whether both are of other models.

    A weighing by models that serve no more is calibrated as those of today, where it can be.
    """
    serving = given.serving
    if serving is None:
        return receipt.confidence, receipt.threshold, True
    own = given.own.get(receipt.models_version, {})
    level = serving.calibration.level(given.risk)
    same = receipt.models_version == serving.version
    if same or str(level) in own:
        at = own.get(str(level), serving.calibration.threshold(given.risk))
        return receipt.confidence, at, not same
    try:
        confidence = serving.calibration.confidence(receipt.features)
    except KeyError:
        confidence = receipt.confidence
    return confidence, serving.calibration.threshold(given.risk), True


def _supposed(
    given: Setup, receipt: Receipt, kind: str, text: str, call: Escalation | None
) -> Side:
    """What follows from a decision: whether a large model is called, at what price, and people."""
    prices = given.prices
    if kind == ANSWER:
        return Side(kind, text, 0, 0.0, 0.0)
    if kind == HANDOFF:
        return Side(kind, "", 0, prices.to_people, 0.0)
    if kind != ESCALATE:
        return Side(kind, "", 0, 0.0, 0.0)
    if not prices.asks or not receipt.evidence:
        return Side(kind, "", 0, prices.to_people, 0.0)
    usd = prices.call_usd(receipt, call)
    return Side(kind, "", 1, prices.to_people * (1 - prices.answered_share), usd)


def _asked_anew(given: Setup, arms: Arms, receipt: Receipt) -> Replayed:
    from chatbot.answering.pipeline import answer_with

    request = as_it_was(receipt)
    before = answer_with(arms.before, request)
    after = answer_with(arms.after, replace(request, risk=given.wanted.risk, draft=arms.draft))
    today = replace(given, prices=given.prices.today or given.prices)
    return Replayed(
        receipt, _side(today, receipt, before), _side(given, receipt, after), other_models=False
    )


def _side(given: Setup, receipt: Receipt, decision: Decision) -> Side:
    return _supposed(given, receipt, decision.kind, decision.text, None)


def as_it_was(receipt: Receipt) -> AnswerRequest:
    """The question, its dialogue and who asked it, at the time of the weighing."""
    with workspace_scope(receipt.workspace_id):
        request = request_of(receipt.turn, until=receipt.created_at)
        contact = Contact.objects.filter(id=receipt.turn.conversation.contact_id)
        signed_at = contact.values_list("identified_at", flat=True).first()
    known = signed_at is not None and receipt.created_at - signed_at < SIGNED_IN_FOR
    return replace(
        request,
        audiences=seen_by(Audience.SIGNED_IN if known else Audience.PUBLIC),
        conversation_id=None,
    )
