"""A workspace's own large models: kept by admins, tried with one call, and nobody sees a key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client, override_settings
from pytest_django import Settings

from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from chatbot.escalation import large_models, provider, trial
from chatbot.escalation.large_models import Wanted
from chatbot.local_models import store
from chatbot.models import EgressEntry, LargeModel
from chatbot.tests.in_house import folder, own_store
from console.tests.pages import BASE, log_in
from outbox import loop
from outbox.models import OutboxJob
from outbox.queue import claim
from tests.cast import Cast
from tests.fault_server import FaultServer

PAGE = f"{BASE}settings/large-models/"
KEY = "sk-secret-1234567890"
GIVEN = {"vendor": "openai", "model": "gpt-x", "base_url": "", "key": KEY, "enabled": "on"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.alice)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    provider.load()
    running = FaultServer().start()
    with override_settings(LLM_ALLOWED_HOSTS=[f"127.0.0.1:{running.port}"]):
        yield running
    running.stop()


def rows(cast: Cast) -> list[LargeModel]:
    return list(large_models.listed(cast.workspace.id))


def test_a_model_is_added_changed_moved_and_removed(admin: Client, cast: Cast) -> None:
    assert admin.post(PAGE, GIVEN).status_code == 302
    assert admin.post(PAGE, GIVEN | {"model": "gpt-y", "price_input_per_mtok": "2.5"}).status_code
    shown = admin.get(PAGE).text
    assert "gpt-x" in shown and "…7890" in shown and KEY not in shown
    first, second = rows(cast)
    one = f"{PAGE}{second.id}/"
    assert KEY not in admin.get(one).text and "A key is kept" in admin.get(one).text
    assert admin.post(one, GIVEN | {"model": "gpt-z", "key": ""}).status_code == 302
    assert rows(cast)[1].sealed_key == second.sealed_key
    admin.post(f"{one}up/")
    assert [row.model for row in rows(cast)] == ["gpt-z", "gpt-x"]
    admin.post(f"{PAGE}{first.id}/remove/")
    assert [row.model for row in rows(cast)] == ["gpt-z"]
    log = admin.get(f"{BASE}settings/audit/").text
    assert "added a large model" in log and "removed a large model" in log and KEY not in log
    assert "gpt-z" in admin.get(f"{BASE}settings/").text


def test_what_is_wrong_is_said_and_what_was_typed_stays(admin: Client, cast: Cast) -> None:
    given = GIVEN | {"vendor": "compatible", "base_url": "http://10.0.0.1/v1", "model": "typed-in"}
    answer = admin.post(PAGE, given)
    assert answer.status_code == 400
    assert "does not allow this host" in answer.text and 'value="typed-in"' in answer.text
    assert KEY not in answer.text and rows(cast) == []
    assert admin.post(PAGE, GIVEN | {"model": ""}).status_code == 400


@pytest.mark.parametrize(("mode", "said"), [("good", "it answers"), ("error-500", "an error")])
def test_a_trial_says_how_it_went(
    admin: Client, cast: Cast, server: FaultServer, mode: str, said: str
) -> None:
    server.mode = mode
    row = large_models.add(cast.alice, Wanted("compatible", "m", base_url=server.url, key=KEY))
    assert admin.post(f"{PAGE}{row.id}/try/").status_code == 302
    assert "is being tried" in admin.get(PAGE).text and "hx-get" in admin.get(PAGE).text
    with workspace_scope(cast.workspace.id):
        job = OutboxJob.objects.get(kind=trial.KIND)
    leased = claim(cast.workspace.id, job.id, lease_s=30.0)
    assert leased is not None
    loop.submit(trial.run(leased)).result(30)
    assert said in admin.get(f"{PAGE}rows/").text
    with workspace_scope(cast.workspace.id):
        (entry,) = EgressEntry.objects.all()
    assert (entry.purpose, entry.destination) == ("trial", server.url)


def test_tried_twice_it_is_called_once(admin: Client, cast: Cast, server: FaultServer) -> None:
    row = large_models.add(cast.alice, Wanted("compatible", "m", base_url=server.url, key=KEY))
    press = f"{PAGE}{row.id}/try/"
    admin.post(press)
    admin.post(press)  # while it waits for a worker
    (job,) = trials(cast)
    leased = claim(cast.workspace.id, job.id, lease_s=30.0)
    assert leased is not None
    assert admin.post(press).status_code == 302  # while it runs
    assert len(trials(cast)) == 1 and "is being tried" in admin.get(PAGE).text
    loop.submit(trial.run(leased)).result(30)
    assert len(server.requests) == 1 and "it answers" in admin.get(f"{PAGE}rows/").text
    admin.post(press)  # and again, once it has ended
    assert [one.state for one in trials(cast)] == ["done", "ready"]


def test_what_was_changed_while_it_was_tried_is_tried_as_it_is_now(
    admin: Client, cast: Cast
) -> None:
    row = large_models.add(cast.alice, Wanted("openai", "gpt-x", key=KEY))
    press = f"{PAGE}{row.id}/try/"
    admin.post(press)
    large_models.change(cast.alice, row.id, Wanted("openai", "gpt-y"))
    admin.post(press)  # the one that waits will find it as it is now
    (job,) = trials(cast)
    assert claim(cast.workspace.id, job.id, lease_s=30.0) is not None
    large_models.change(cast.alice, row.id, Wanted("openai", "gpt-z"))
    admin.post(press)
    assert len(trials(cast)) == 2


def trials(cast: Cast) -> list[OutboxJob]:
    with workspace_scope(cast.workspace.id):
        return list(OutboxJob.objects.filter(kind=trial.KIND).order_by("created_at"))


def test_who_is_no_admin_of_the_workspace_reaches_nothing(client: Client, cast: Cast) -> None:
    row = large_models.add(cast.alice, Wanted("openai", "gpt-x", key=KEY))
    paths = [PAGE, f"{PAGE}rows/", f"{PAGE}{row.id}/"]
    acts = [f"{PAGE}{row.id}/{action}/" for action in ("up", "remove", "try")]
    assert client.get(PAGE).status_code == 302
    for member, refused in ((cast.bob, 403), (cast.charlie, 404)):
        log_in(client, member)
        assert {client.get(path).status_code for path in paths} == {refused}
        posted = [PAGE, f"{PAGE}{row.id}/", *acts]
        assert {client.post(path, GIVEN).status_code for path in posted} == {refused}
    assert [one.model for one in rows(cast)] == ["gpt-x"]
    with workspace_scope(cast.workspace.id):
        assert AuditEntry.objects.filter(action__startswith="large_model.").count() == 1
        assert not OutboxJob.objects.filter(kind=trial.KIND).exists()


def test_rows_of_another_workspace_are_not_there(client: Client, cast: Cast) -> None:
    row = large_models.add(cast.alice, Wanted("openai", "gpt-x", key=KEY))
    other = log_in(client, cast.charlie)
    base = f"/console/{cast.charlie.workspace.slug}/settings/large-models/"
    assert other.get(base).status_code == 200
    assert other.get(f"{base}{row.id}/").status_code == 404
    assert {
        other.post(f"{base}{row.id}/{one}/").status_code for one in ("up", "remove", "try")
    } == {404}
    assert [one.model for one in rows(cast)] == ["gpt-x"]


def test_a_model_in_the_house_is_chosen_by_its_name(
    admin: Client, cast: Cast, tmp_path: Path, settings: Settings
) -> None:
    own_store(tmp_path, settings)
    given = {"vendor": "local", "model": "small", "enabled": "on"}
    refused = admin.post(PAGE, given)
    assert refused.status_code == 400 and "no such model. There are: none" in refused.text
    store.add(folder(tmp_path, "small"), "small")
    assert "In the house there are: small." in admin.get(PAGE).text
    assert admin.post(PAGE, given).status_code == 302
    (row,) = rows(cast)
    assert (row.vendor, row.model, row.base_url, row.sealed_key) == ("local", "small", "", "")
    admin.post(f"{PAGE}{row.id}/try/")  # no worker of that queue shows that it lives
    assert "no worker for models in the house runs" in admin.get(PAGE).text
    with workspace_scope(cast.workspace.id):
        assert not OutboxJob.objects.filter(kind=trial.KIND).exists()
