"""The page of model versions: what it shows, and who may change which of them answers."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.ids import uuid7
from accounts.models import Role
from accounts.scope import workspace_scope
from chatbot.models import ServedModels
from console.tests.pages import BASE, last_action, log_in, member
from learning import versions
from learning.models import ModelVersion
from learning.tests.trained import trained
from learning.versions import TrainingRef
from tests.cast import Cast

PAGE = f"{BASE}models/"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {
        "artefacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "kept"},
        }
    }


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.alice)


@pytest.fixture
def version(cast: Cast, tmp_path: Path) -> ModelVersion:
    row = TrainingRef("turn", uuid7(), "0" * 64, conversation_id=cast.conversation_id)
    return trained(cast, tmp_path / "1", lineage=(row,))


def served(cast: Cast) -> ServedModels:
    with workspace_scope(cast.workspace.id):
        return ServedModels.objects.get()


def press(client: Client, cast: Cast, version: ModelVersion, stage: str, **given: str) -> int:
    revision = given.pop("revision", str(served(cast).revision))
    fields = {"stage": stage, "percent": "25", "revision": revision}
    return client.post(f"{PAGE}{version.id}/", fields | given).status_code


def test_a_version_goes_from_stage_to_stage_and_back(
    admin: Client, cast: Cast, version: ModelVersion
) -> None:
    page = admin.get(PAGE).text
    assert "The shipped models answer." in page and "Version 1" in page
    assert "conversation turns 1" in page and "recall@1" in page and "confidence" in page
    assert press(admin, cast, version, "shadow") == 302
    assert press(admin, cast, version, "share") == 302
    assert (served(cast).stage, served(cast).share) == ("share", 0.25)
    assert "answers 25% of the conversations" in admin.get(PAGE).text
    assert press(admin, cast, version, "all") == 302
    assert served(cast).version_id == version.id
    assert last_action(cast) == (str(cast.alice.id), "model_version.all")
    assert "Version 1 answers." in admin.get(PAGE).text
    back = {"revision": str(served(cast).revision)}
    assert admin.post(f"{PAGE}back/", back).status_code == 302
    assert served(cast).version_id is None
    assert "went back from a model version" in admin.get(f"{BASE}settings/audit/").text
    assert admin.get(f"{PAGE}{version.id}/card/").text.startswith("# Model version 1")


def test_the_second_of_two_administrators_is_told(
    admin: Client, cast: Cast, version: ModelVersion
) -> None:
    seen = str(served(cast).revision)
    assert press(admin, cast, version, "shadow", revision=seen) == 302
    answer = admin.post(f"{PAGE}{version.id}/", {"stage": "all", "revision": seen})
    assert answer.status_code == 409 and "Somebody else" in answer.text
    assert admin.post(f"{PAGE}back/", {"revision": seen}).status_code == 409
    assert (served(cast).stage, served(cast).version_id) == ("shadow", None)


@pytest.mark.parametrize(
    "given",
    [{"stage": "everything"}, {"percent": "x"}, {"revision": "x"}, {"percent": "0"},
     {"percent": "100"}],
)  # fmt: skip
def test_a_bad_change_is_refused(
    admin: Client, cast: Cast, version: ModelVersion, given: dict[str, str]
) -> None:
    fields = {"stage": "share", "percent": "10", "revision": str(served(cast).revision)}
    assert admin.post(f"{PAGE}{version.id}/", fields | given).status_code in {404, 409}
    assert served(cast).candidate_id is None


def test_strangers_and_lesser_roles_change_nothing(
    client: Client, cast: Cast, version: ModelVersion
) -> None:
    revision = served(cast).revision
    for role in (Role.EDITOR, Role.AGENT, Role.ANALYST):
        log_in(client, member(cast, role))
        assert press(client, cast, version, "all") == 403
        assert client.get(f"{PAGE}{version.id}/card/").status_code == 403
    log_in(client, cast.charlie)
    assert press(client, cast, version, "all") == 404
    there = f"/console/other/models/{version.id}/"
    given = {"stage": "all", "revision": "0"}
    assert client.post(there, given).status_code == 404
    assert client.get(f"{there}card/").status_code == 404
    log_in(client, cast.alice)
    assert client.post(f"{PAGE}{uuid4()}/", given).status_code == 404
    assert (served(cast).revision, served(cast).version_id) == (revision, None)


def test_a_version_trained_on_erased_data_says_so(
    admin: Client, cast: Cast, version: ModelVersion
) -> None:
    press(admin, cast, version, "all")
    assert "Train again" not in admin.get(PAGE).text
    versions.mark_erased(cast.workspace.id, contact=cast.vera.contact_id)
    assert "Train again" in admin.get(PAGE).text
