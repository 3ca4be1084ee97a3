"""Asking back, on real models: two articles that answer one question, and a choice between them.

Every question has confidence .5 here; the threshold is the test's, so nothing hangs on a score.
"""

import json
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from accounts.scope import workspace_scope
from chatbot.answering import clarify, pipeline
from chatbot.answering.contract import AnswerRequest, Decision, Evidence, Section
from chatbot.tasks import as_published_now
from chatbot.tests.test_pipeline import Calibrate, calibrate
from knowledge import articles
from knowledge.importing import import_path
from tests.cast import Cast

ROUTER = """# Router X200

## How to reset it

To reset it, hold the round button on the back for ten seconds until the lamp turns orange.
"""
CAMERA = """# Camera C5

## How to reset it

To reset it, open the battery cover and press the small red switch with a paper clip.
"""
SHOP = "# Our shop\n\nThe shop in Lisbon opens at nine and closes at eighteen on working days.\n"
VAGUE = "How do I reset it?"
__all__ = ["calibrate"]  # the fixture


@pytest.fixture
def devices(cast: Cast, tmp_path: Path) -> Cast:
    folder = tmp_path / "help"
    folder.mkdir()
    for name, text in (("router", ROUTER), ("camera", CAMERA), ("shop", SHOP)):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    import_path(cast.workspace.id, folder)
    return cast


def ask(cast: Cast, question: str, **fields: object) -> Decision:
    request = AnswerRequest(workspace_id=cast.workspace.id, question=question, clarify=True)
    return pipeline.answer(replace(request, **fields))  # type: ignore[arg-type]  # names are checked by replace


def test_two_articles_that_answer_are_asked_about(devices: Cast, calibrate: Calibrate) -> None:
    calibrate(0.6)
    decision = ask(devices, VAGUE)
    assert (decision.kind, decision.reason) == ("clarify", "two_readings")
    assert {option.label for option in decision.options} == {
        "Router X200 › How to reset it",
        "Camera C5 › How to reset it",
    }
    assert decision.text  # what it would have answered, for the receipt


@pytest.mark.parametrize(
    "question",
    [
        "How do I reset the camera?",  # names it
        "When does the shop in Lisbon open?",  # one article answers
        "Who was the president of France in 1981?",  # none does
    ],
)
def test_where_it_is_clear_what_is_meant_nothing_is_asked(
    question: str, devices: Cast, calibrate: Calibrate
) -> None:
    calibrate(0.6)
    assert ask(devices, question).kind == "escalate"


def test_the_dialogue_may_have_said_which_one(devices: Cast, calibrate: Calibrate) -> None:
    calibrate(0.6)
    history = (("visitor", "My camera does not turn on."), ("bot", "I am sorry."))
    assert ask(devices, VAGUE, history=history).kind == "escalate"


def test_it_asks_only_where_it_may_and_an_answer_could_follow(
    devices: Cast, calibrate: Calibrate
) -> None:
    calibrate(0.6)
    assert ask(devices, VAGUE, clarify=False).kind == "escalate"
    calibrate(0.4)
    assert ask(devices, VAGUE).kind == "answer"  # it is sure enough
    calibrate(None)
    assert ask(devices, VAGUE).kind == "escalate"  # whatever is chosen, it may not answer


@pytest.mark.parametrize("at", [0, 1])
def test_what_was_chosen_answers(at: int, devices: Cast, calibrate: Calibrate) -> None:
    calibrate(0.6)
    options = ask(devices, VAGUE).options
    calibrate(0.4)
    option, other = options[at], options[1 - at]
    said = (("visitor", option.label),)
    decision = ask(devices, VAGUE, history=said, chosen=option.section, rejected=(other.section,))
    assert decision.kind == "answer"
    assert ("button" in decision.text) == option.label.startswith("Router")
    sections = {Section(row.article_id, row.heading_path) for row in decision.evidence}
    assert option.section in sections
    assert other.section not in sections


def test_a_choice_that_is_gone_is_no_obstacle(devices: Cast, calibrate: Calibrate) -> None:
    calibrate(0.6)
    gone = Section(str(uuid4()), ("Gone",))
    assert ask(devices, "How do I reset the camera?", chosen=gone).evidence[0].title == "Camera C5"
    everything = tuple(
        Section(row.article_id, row.heading_path) for row in ask(devices, VAGUE).evidence
    )
    assert ask(devices, VAGUE, clarify=False, rejected=everything).kind == "escalate"


def test_an_option_archived_meanwhile_is_not_offered(devices: Cast, calibrate: Calibrate) -> None:
    calibrate(0.6)
    decision = ask(devices, VAGUE)
    articles.archive(devices.workspace.id, "camera.md")
    with workspace_scope(devices.workspace.id):
        now = as_published_now(decision)
    assert (now.kind, now.options) == ("escalate", ())
    assert all(row.doc_id != "camera.md" for row in now.evidence)


def test_headings_that_visitors_may_not_see_are_not_offered(
    cast: Cast, tmp_path: Path, calibrate: Calibrate
) -> None:
    calibrate(0.6)
    path = tmp_path / "devices.jsonl"
    rows = [
        {"doc_id": "router", "title": "Router", "text": ROUTER, "audience": "public"},
        {"doc_id": "camera", "title": "Camera", "text": CAMERA, "audience": "internal"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    import_path(cast.workspace.id, path)
    assert ask(cast, VAGUE).kind == "escalate"
    assert ask(cast, VAGUE, audiences=("public", "internal")).kind == "clarify"


def row(title: str, words: str, **fields: object) -> Evidence:
    """A passage that answers with these words."""
    made = Evidence(
        passage_id=str(uuid4()),
        revision_id="r",
        article_id=title,
        doc_id=title,
        title=title,
        heading_path=(title,),
        url="",
        start=0,
        end=len(words),
        text=words,
        fused=0.5,
        relevance=0.9,
        margin=2.0,
        answer_start=0,
        answer_end=len(words),
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # names are checked by replace


RED, BLUE = row("Red", "Press the red knob."), row("Blue", "Turn the wheel around twice.")


@pytest.mark.parametrize(
    "evidence",
    [
        (),
        (RED,),
        (RED, replace(BLUE, relevance=None, margin=None)),  # not read
        (RED, replace(BLUE, relevance=0.1)),
        (replace(RED, relevance=0.1), BLUE),  # what would be answered is in doubt itself
        (RED, replace(BLUE, margin=-9.0)),
        (replace(RED, relevance=1.0), replace(BLUE, relevance=0.72)),  # not near
        (RED, replace(BLUE, answer_start=None, answer_end=None)),
        (RED, row("Blue", "Please press the red knob.")),  # the same answer
        (RED, replace(RED, passage_id="another", text="Turn it.", answer_end=8)),  # same section
        (RED, replace(BLUE, title="Red", heading_path=("Red",))),  # the same label
        (RED, BLUE, row("Green", "Pull a lever."), row("Grey", "Call somebody.")),  # too many
    ],
)
def test_what_is_no_doubt_between_readings(evidence: tuple[Evidence, ...]) -> None:
    assert clarify.readings("How?", (), evidence) == ()


def test_two_or_three_readings_become_options() -> None:
    green = row("Green", "Pull a lever.")
    assert [one.label for one in clarify.readings("How?", (), (RED, BLUE))] == ["Red", "Blue"]
    assert len(clarify.readings("How?", (), (RED, BLUE, green))) == 3
    assert clarify.readings("How, with the blue one?", (), (RED, BLUE)) == ()


def test_labels_are_plain_short_and_tell_sections_of_one_article_apart() -> None:
    one = replace(RED, article_id="a", heading_path=("Red", "Cold\u202e  start"))
    later = {"start": 100, "end": 128, "answer_start": 100, "answer_end": 128}
    two = replace(BLUE, article_id="a", title="Red", heading_path=("Red", "x" * 400), **later)  # type: ignore[arg-type]  # numbers
    first, second = clarify.readings("How?", (), (one, two))
    assert first.label == "Cold start"
    assert len(second.label) == clarify.LONGEST_LABEL
