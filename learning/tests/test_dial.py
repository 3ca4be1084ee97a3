"""The risk dial on a workspace's own audits, from the verdict to the next visitor's answer."""

from uuid import UUID

import pytest
from django.utils import timezone

from accounts.ids import uuid7
from accounts.scope import workspace_scope
from chatbot.answering import models, pipeline
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.models import ServedThresholds
from knowledge.articles import upsert_article
from learning import audits, dial
from learning.dial import around, uniform, view
from learning.labels import Label
from learning.models import Audit
from learning.serving_models import serving_models
from learning.tests.auditing import decision, drawn, new_visitor, say, set_share, work
from tests.cast import Cast

QUESTION = "When does the shop in Lisbon open?"
OPENING = "# Our shop\n\nThe shop in Lisbon opens at nine and closes at eighteen on working days."


@pytest.fixture
def weighing_here(request: pytest.FixtureRequest) -> None:
    """`say` weighs with a double, while `ask` keeps the real pipeline."""
    real = pipeline.answer
    request.getfixturevalue("weighing")
    monkeypatch = request.getfixturevalue("monkeypatch")

    def answer(asked: AnswerRequest) -> Decision:
        return real(asked) if asked.question == QUESTION else decision()

    monkeypatch.setattr(pipeline, "answer", answer)


@pytest.fixture
def shop(cast: Cast, weighing_here: None) -> Cast:
    upsert_article(cast.workspace.id, doc_id="shop", title="Our shop", text=OPENING)
    work(cast.workspace.id)
    return cast


def audited(
    cast: Cast, count: int, *, confidence: float, wrong: int = 0, share: float = 1.0
) -> None:
    """Judged audits of the models that serve, the first ones wrong."""
    workspace_id = cast.workspace.id
    version = serving_models(workspace_id).version
    set_share(cast, 1.0)
    say(cast, new_visitor(cast), "anvil")
    template = drawn(cast)[-1]
    with workspace_scope(workspace_id):
        turn = template.turn
        for number in range(count):
            turn.id, turn.number = uuid7(), turn.number + 1
            turn.save(force_insert=True)
            row = replace_row(template, turn_id=turn.id, confidence=confidence, share=share)
            row.models_version = version
            row.verdict = "wrong" if number < wrong else "right"
            row.save(force_insert=True)
    dial.set_thresholds(workspace_id)


def replace_row(template: Audit, **fields: object) -> Audit:
    values = {field.attname: getattr(template, field.attname) for field in template._meta.fields}
    return Audit(**{**values, "id": uuid7(), **fields})


def ask(cast: Cast, risk: float = 0.05) -> Decision:
    return pipeline.answer(AnswerRequest(cast.workspace.id, QUESTION, risk=risk))


def served(cast: Cast) -> dict[str, float | None]:
    with workspace_scope(cast.workspace.id):
        row = ServedThresholds.objects.filter(models_version=models.loaded().version).first()
        return row.thresholds if row else {}


def setting(cast: Cast, risk: float) -> dial.Setting:
    found = view(cast.workspace.id)
    assert found is not None
    return next(one for one in found.settings if one.risk == risk)


def test_the_web_side_names_the_models_as_the_worker_does(cast: Cast) -> None:
    assert serving_models(cast.workspace.id).version == models.loaded().version


def test_enough_right_audits_certify_a_risk_and_the_bot_answers(shop: Cast) -> None:
    before = ask(shop)
    assert not before.certified and before.kind != "answer"
    assert setting(shop, 0.05).missing == 45
    audited(shop, 44, confidence=before.confidence - 0.01)
    assert "0.05" not in served(shop) and setting(shop, 0.05).missing == 1
    audited(shop, 1, confidence=before.confidence - 0.01)
    assert setting(shop, 0.05).state == "certified" and setting(shop, 0.02).state == "open"
    after = ask(shop)
    assert (after.kind, after.certified) == ("answer", True)
    assert after.threshold == pytest.approx(before.confidence - 0.01)
    assert not ask(shop, risk=0.02).certified


def test_audits_that_refute_the_shipped_threshold_silence_it(shop: Cast) -> None:
    shipped = serving_models(shop.workspace.id).calibration.threshold(0.3)
    assert shipped is not None
    audited(shop, 60, confidence=shipped + 0.01, wrong=40)
    assert setting(shop, 0.3).state == "refuted"
    assert served(shop)["0.3"] is None
    refused = ask(shop, risk=0.3)
    assert refused.kind != "answer" and refused.certified and refused.threshold is None


def test_a_verdict_sets_the_thresholds_by_itself(shop: Cast) -> None:
    audited(shop, 44, confidence=0.2)
    with workspace_scope(shop.workspace.id):
        waiting = Audit.objects.filter(verdict="").first()
        assert waiting is not None
        waiting.models_version = serving_models(shop.workspace.id).version
        waiting.save()
    assert "0.05" not in served(shop)
    audits.judge(waiting.id, actor=shop.bob, verdict="right")
    work(shop.workspace.id)
    assert served(shop)["0.05"] == pytest.approx(0.2)


def test_audits_of_other_models_certify_nothing(shop: Cast) -> None:
    audited(shop, 60, confidence=0.1)
    with workspace_scope(shop.workspace.id):
        Audit.objects.update(models_version="another")
    dial.set_thresholds(shop.workspace.id)
    assert served(shop) == {} and not ask(shop).certified


def test_another_workspace_s_audits_change_nothing(shop: Cast) -> None:
    audited(shop, 60, confidence=0.1)
    assert served(shop)
    other = view(shop.other.workspace.id)
    assert other is not None and other.labels == () and other.curve == ()
    stranger = pipeline.answer(AnswerRequest(shop.other.workspace.id, QUESTION, risk=0.05))
    assert not stranger.certified


def label(turn_id: UUID, share: float) -> Label:
    right = decision()
    return Label(
        right.confidence, True, True, "", "", {}, timezone.now(), "m", "audit", turn_id, share
    )


def test_labels_of_a_changed_share_are_thinned_to_one_sample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = [uuid7() for _ in range(8)]
    chances = dict(zip(ids, (0.05, 0.15, 0.3, 0.4, 0.05, 0.15, 0.08, 0.02), strict=True))
    monkeypatch.setattr(dial, "chance", chances.__getitem__)
    high = [label(one, 0.5) for one in ids[:4]]
    low = [label(one, 0.1) for one in ids[4:] if chances[one] < 0.1]
    kept = uniform([*high, *low])
    assert [chances[one.turn_id] for one in kept] == [0.05, 0.05, 0.08, 0.02]
    assert uniform([*low, *high]) == high  # the high share is newer: nothing before it counts
    assert uniform([]) == []


def test_examples_lie_on_both_sides_of_the_threshold(shop: Cast) -> None:
    for confidence in (0.1, 0.2, 0.6, 0.7):
        audited(shop, 1, confidence=confidence)
    found = view(shop.workspace.id)
    assert found is not None
    above, below = around(found, 0.5, count=1)
    assert [one.confidence for one in above] == [0.6] and [one.confidence for one in below] == [0.2]
    assert around(found, None, count=1)[1][0].confidence == 0.7
    assert found.calibration_error is not None and len(found.curve) >= 4
