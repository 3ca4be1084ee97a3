"""Row-level security holds where the application's own scoping is forgotten.

Every query here is raw and without a WHERE, as a careless one would be. The models are found in
Django's registry and the tables in PostgreSQL's catalogue: a new one is included by being there.
"""

import itertools
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import ApiKey, Member, User, WidgetKey, Workspace
from accounts.scope import user_scope, workspace_scope
from accounts.tests.rows import row_in
from tests.cast import Cast

GLOBAL = {User, Workspace, WidgetKey, ApiKey}
OURS = [
    model
    for config in apps.get_app_configs()
    if Path(config.path).parent == Path(settings.BASE_DIR)
    for model in config.get_models()
]
WALLED = [model for model in OURS if model not in GLOBAL]
APPEND_ONLY = [model for model in WALLED if "append-only" in (model.__doc__ or "").lower()]
TABLES = [model._meta.db_table for model in WALLED]
EVERYTHING = "SELECT to_jsonb(t)::text FROM {table} t"


@pytest.fixture
def places(cast: Cast) -> tuple[UUID, UUID]:
    """The ids of acme and other, with a row of every model in each."""
    ids = cast.acme.workspace.id, cast.other.workspace.id
    for workspace_id in ids:
        for model in WALLED:
            row_in(workspace_id, model)
    return ids


def query(statement: str, table: str = "") -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))
        return list(cursor.fetchall())


def attempt(statement: str, table: str, *values: Any) -> int | None:
    """How many rows were touched; None where PostgreSQL says that the role may not do this."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table=table), values)
            return int(cursor.rowcount)
    except DatabaseError as error:
        if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            return None
        raise


def owners_of_rows(table: str) -> set[UUID]:
    return {row[0] for row in query("SELECT workspace_id FROM {table}", table)}


def test_our_tables_belong_to_a_workspace_or_are_the_four_global_ones() -> None:
    for model in WALLED:
        assert "workspace" in {field.name for field in model._meta.concrete_fields}, model


@pytest.mark.django_db
def test_every_table_of_the_database_is_known_and_walled_in() -> None:
    tables = query(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
        "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    pieces = {name for (name,) in query("SELECT inhrelid::regclass::text FROM pg_inherits")}
    assert all(forced for name, forced in tables if name in pieces)
    tables = [(name, forced) for name, forced in tables if name not in pieces]
    walled = {model._meta.db_table for model in WALLED}
    others = {model._meta.db_table for model in _foreign_models()}
    assert {name for name, forced in tables if forced} == walled
    assert {name for name, forced in tables if not forced} == others


def _foreign_models() -> list[type[models.Model]]:
    """Of Django and its packages, our global ones, and the tables that join them."""
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model not in WALLED] + [MigrationRecorder.Migration]


@pytest.mark.django_db
def test_a_careless_query_finds_the_scope_s_own_rows(places: tuple[UUID, UUID]) -> None:
    for workspace_id in places:
        with workspace_scope(workspace_id):
            for table in TABLES:
                assert owners_of_rows(table) == {workspace_id}, table


@pytest.mark.django_db
def test_a_careless_query_without_a_scope_finds_nothing(places: tuple[UUID, UUID]) -> None:
    for table in TABLES:
        assert owners_of_rows(table) == set(), table


@pytest.mark.django_db
def test_rows_cannot_be_written_into_another_workspace(places: tuple[UUID, UUID]) -> None:
    acme, other = places
    with workspace_scope(other):
        rows = {table: query(EVERYTHING, table) for table in TABLES}
    insert = "INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, %s::jsonb)).*"
    for table in TABLES:
        copy = rows[table][0][0]
        assert attempt(insert, table, copy) is None, f"{table} without a scope"
        with workspace_scope(acme):
            assert attempt(insert, table, copy) is None, table
            assert attempt("UPDATE {table} SET workspace_id = %s", table, other) is None, table
    with workspace_scope(other):
        assert {table: query(EVERYTHING, table) for table in TABLES} == rows


@pytest.mark.django_db
def test_rows_of_another_workspace_cannot_be_changed_or_deleted(
    places: tuple[UUID, UUID],
) -> None:
    acme, other = places
    update = "UPDATE {table} SET workspace_id = workspace_id WHERE workspace_id = %s"
    delete = "DELETE FROM {table} WHERE workspace_id = %s"
    for table, statement in itertools.product(TABLES, (update, delete)):
        assert not attempt(statement, table, other), f"{table} without a scope"
        with workspace_scope(acme):
            assert not attempt(statement, table, other), table
    with workspace_scope(other):
        for table in TABLES:
            assert owners_of_rows(table) == {other}, table


@pytest.mark.django_db
def test_append_only_rows_stay_as_they_are(places: tuple[UUID, UUID]) -> None:
    with workspace_scope(places[0]):
        for table in (model._meta.db_table for model in APPEND_ONLY):
            assert attempt("UPDATE {table} SET created_at = now()", table) is None, table
            assert attempt("DELETE FROM {table}", table) is None, table
            assert owners_of_rows(table) == {places[0]}, table


def test_the_append_only_tables_are_found() -> None:
    assert {model.__name__ for model in APPEND_ONLY} >= {"AuditEntry", "EgressEntry", "Event"}


@pytest.mark.django_db
def test_a_user_sees_their_own_memberships_and_can_change_none(cast: Cast) -> None:
    with user_scope(cast.charlie.user_id):
        assert [member.id for member in Member.objects.all()] == [cast.charlie.id]
        assert Member.objects.update(role="owner") == 0
    assert list(Member.objects.all()) == []


@pytest.mark.django_db
def test_a_scope_ends_with_its_transaction_even_when_it_fails(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), workspace_scope(cast.acme.workspace.id):
        _ = 1 / 0

    assert query("SELECT current_setting('app.workspace', true)")[0][0] in {"", None}
    assert owners_of_rows("accounts_member") == set()
