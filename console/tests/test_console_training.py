"""The training section: what an administrator may do, and nobody else."""

import pytest
from django.test import Client

from accounts.models import Role
from console.tests.pages import BASE, log_in, member
from learning import golden, runs
from learning.questions import Question
from learning.training_data import FEWEST_GOLDEN
from tests.cast import Cast

MODELS = f"{BASE}models/"
TRAINING = f"{MODELS}training/"


def enough_questions(cast: Cast) -> None:
    found = [Question(str(at), f"Question {at}?", doc_id="a") for at in range(FEWEST_GOLDEN)]
    golden.keep(cast.workspace.id, found, actor=cast.alice)


def states(cast: Cast) -> list[str]:
    return [run.state for run in runs.newest(cast.workspace.id)]


def test_without_questions_nothing_can_be_started(client: Client, cast: Cast) -> None:
    log_in(client, cast.alice)
    page = client.get(MODELS).text
    assert "There are 0 golden questions; 40 are needed." in page and " disabled" in page
    assert "No worker for trainings is running" in page


def test_start_watch_stop_and_go_on(client: Client, cast: Cast) -> None:
    enough_questions(cast)
    log_in(client, cast.alice)
    assert " disabled" not in client.get(TRAINING).text
    client.post(f"{TRAINING}start/")
    assert states(cast) == ["queued"]
    page = client.get(MODELS).text
    assert "hx-get" in page and "waits</span>" in page and "Train now" not in page
    again = client.post(f"{TRAINING}start/", follow=True).text
    assert "A training is under way already." in again and states(cast) == ["queued"]
    (run,) = runs.newest(cast.workspace.id)
    runs.begin(cast.workspace.id, run.id)
    runs.reporter(cast.workspace.id, run.id)("rankers", 0.5)
    part = client.get(TRAINING).text
    assert 'value="50"' in part and "Training and judging the rankers" in part
    assert "<html" not in part
    client.post(f"{TRAINING}{run.id}/cancel/")
    assert states(cast) == ["cancelling"]
    runs.stopped(cast.workspace.id, run.id)
    assert "hx-get" not in client.get(TRAINING).text
    client.post(f"{TRAINING}{run.id}/resume/")
    assert states(cast) == ["queued"]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ANALYST])
def test_lesser_roles_are_refused(client: Client, cast: Cast, role: str) -> None:
    run = runs.start(cast.workspace.id, by=cast.alice)
    log_in(client, member(cast, role))
    assert client.get(TRAINING).status_code == 403
    for path in ("start/", f"{run.id}/cancel/", f"{run.id}/resume/"):
        assert client.post(TRAINING + path).status_code == 403
    assert states(cast) == ["queued"]


def test_strangers_are_refused(client: Client, cast: Cast) -> None:
    run = runs.start(cast.workspace.id, by=cast.alice)
    log_in(client, cast.charlie)
    assert client.get(TRAINING).status_code == 404
    for path in ("start/", f"{run.id}/cancel/", f"{run.id}/resume/"):
        assert client.post(TRAINING + path).status_code == 404
    own = f"/console/{cast.other.workspace.slug}/models/training/{run.id}/cancel/"
    assert client.post(own).status_code == 404
    client.logout()
    assert client.post(f"{TRAINING}start/").status_code == 302
    assert states(cast) == ["queued"]
