"""The service does not start where its promises could not hold."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connections
from psycopg import sql
from pytest_django import Settings

from config.checks import MODELS, TAG
from config.local.folder import open_folder
from config.local.private import Services


def problems() -> set[str | None]:
    return {found.id for found in run_checks(tags=[TAG], databases=["default"])}


@pytest.fixture(autouse=True)
def models(settings: Settings, tmp_path: Path) -> Path:
    """A folder that has all of them, as far as the check looks."""
    for name in MODELS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()
    settings.MODELS_DIR = tmp_path
    return tmp_path


@pytest.fixture
def superuser(services: Services) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    private = open_folder(services.held[0].folder)
    with psycopg.connect(
        host=private.sockets,
        user="postgres",
        password=private.admin_password,
        dbname="postgres",
        autocommit=True,
    ) as connection:
        yield connection


@pytest.mark.django_db(transaction=True)
def test_nothing_is_wrong_with_the_usual_set_up() -> None:
    assert problems() == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("alias", ["default", "sweeper"])
def test_a_role_that_row_level_security_does_not_hold_is_refused(
    superuser: "psycopg.Connection[tuple[object, ...]]", alias: str
) -> None:
    role = sql.Identifier(connections[alias].settings_dict["USER"])
    for right in ("SUPERUSER", "BYPASSRLS"):
        superuser.execute(sql.SQL("ALTER ROLE {} {}").format(role, sql.SQL(right)))
        try:
            assert problems() == {"firstline.E001"}, right
        finally:
            superuser.execute(sql.SQL("ALTER ROLE {} {}").format(role, sql.SQL(f"NO{right}")))


@pytest.mark.django_db(transaction=True)
def test_a_database_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeper = connections["sweeper"]
    sweeper.close()
    monkeypatch.setitem(sweeper.settings_dict, "HOST", "/nowhere")

    assert problems() == {"firstline.E003"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seconds", [(5, 5, 60), (5, 15, 15), (20, 15, 60), (5, 70, 60)])
def test_deadlines_end_from_the_inside_out(
    settings: Settings, seconds: tuple[float, float, float]
) -> None:
    connect, first_token, whole = seconds
    settings.LLM_CONNECT_TIMEOUT_S = connect
    settings.LLM_FIRST_TOKEN_TIMEOUT_S = first_token
    settings.LLM_TIMEOUT_S = whole

    assert problems() == {"firstline.E002"}


@pytest.mark.django_db(transaction=True)
def test_the_wait_for_a_model_in_the_house_leaves_time_for_another(settings: Settings) -> None:
    assert settings.LOCAL_GENERATOR_WAIT_S < settings.LLM_TIMEOUT_S
    settings.LOCAL_GENERATOR_WAIT_S = settings.LLM_TIMEOUT_S

    assert problems() == {"firstline.E002"}


@pytest.mark.django_db(transaction=True)
def test_missing_models_are_named_and_stop_the_start(models: Path) -> None:
    (models / "reader" / "manifest.json").unlink()

    assert problems() == {"firstline.W001"}
    with pytest.raises(CommandError, match="lacks reader"):
        call_command("demo", "--load")


def test_without_a_database_at_hand_the_roles_are_not_asked() -> None:
    assert run_checks(tags=[TAG]) == []
