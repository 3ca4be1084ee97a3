import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from chatbot.answering import models
from inference.errors import ModelUnavailable
from learning.tests.conftest import FakePipeline
from tests.cast import Cast


def ask(question: str, *arguments: str, workspace: str = "acme") -> str:
    out = StringIO()
    call_command("ask", question, f"--workspace={workspace}", *arguments, stdout=out)
    return out.getvalue()


def test_an_answer_comes_with_its_receipt(cast: Cast, tier1: FakePipeline) -> None:
    printed = ask("May I return a blouse?")
    assert "Decision    answer\n" in printed
    assert "Confidence  0.800, answers from 0.500 at risk 0.05" in printed
    assert "You may return a blouse within 30 days.\n[1] Returns > Blouses" in printed
    assert " 1. Returns > Blouses  (returns, 0 to 60, relevance 0.900)" in printed
    assert " 2. Returns > Blouses  (other, 0 to 40, not read)" in printed
    assert "read 12 ms" in printed and "margin" in printed


def test_an_escalation_says_that_nothing_is_shown(cast: Cast, tier1: FakePipeline) -> None:
    printed = ask("Who won?")
    assert "Decision    escalate (low_confidence)" in printed
    assert "Not shown, as the confidence is too low:\nRefunds take a week." in printed


def test_small_talk_needs_no_evidence(cast: Cast, tier1: FakePipeline) -> None:
    printed = ask("hello")
    assert "Hello!" in printed and "Evidence" not in printed and "Features" not in printed


def test_as_json_all_of_it_is_there(cast: Cast, tier1: FakePipeline) -> None:
    found = json.loads(ask("May I return a blouse?", "--json"))
    assert found["question"] == "May I return a blouse?" and found["kind"] == "answer"
    assert found["evidence"][0]["answer_end"] == 39 and found["citations"][0]["number"] == 1
    assert found["features"] == {"margin": 8.0} and found["models_version"] == "abc"


def test_a_dialogue_can_come_before(cast: Cast, tier1: FakePipeline, tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text('[["visitor", "Can I return it?"], ["bot", "Yes."]]', encoding="utf-8")
    ask("Also a blouse?", f"--history={path}")
    assert tier1.asked[0].history == (("visitor", "Can I return it?"), ("bot", "Yes."))
    assert tier1.asked[0].workspace_id == cast.workspace.id


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("{", "is not JSON"),
        ('[["agent", "hi"]]', "the role 'agent' is not visitor or bot"),
        ('"hi"', "history is not a list"),
    ],
)
def test_a_wrong_history_says_what_is_wrong(
    cast: Cast, tier1: FakePipeline, tmp_path: Path, written: str, complaint: str
) -> None:
    path = tmp_path / "history.json"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(CommandError, match=complaint):
        ask("And a blouse?", f"--history={path}")
    assert tier1.asked == []


def test_a_history_that_is_not_there_is_named(
    cast: Cast, tier1: FakePipeline, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        ask("And a blouse?", f"--history={tmp_path / 'gone.json'}")


@pytest.mark.parametrize(
    ("question", "complaint"),
    [(" ", "empty"), ("x" * 4001, "At most 4000")],
)
def test_what_nobody_can_ask_is_refused(
    cast: Cast, tier1: FakePipeline, question: str, complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        ask(question)
    assert tier1.asked == []


def test_a_stranger_workspace_is_refused(cast: Cast, tier1: FakePipeline) -> None:
    with pytest.raises(CommandError, match="There is no workspace 'nobodys'"):
        ask("May I return a blouse?", workspace="nobodys")
    assert tier1.asked == []


def test_without_models_it_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModelUnavailable("reader: no manifest")

    monkeypatch.setattr(models, "warm_up", missing)
    with pytest.raises(CommandError, match="cannot be used: reader: no manifest"):
        ask("May I return a blouse?")
