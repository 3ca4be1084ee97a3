"""Empty the test database between tests that commit.

Django's `flush` truncates every table, which gives each table and each index a new file, and then
makes content types and permissions anew, whatever the test wrote. Here the few rows that a test
leaves are deleted. The locks are those of a TRUNCATE, so that what another process is about to
commit is deleted, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.management.commands import flush
from django.db import connection

KEPT = ("django_migrations", "django_content_type", "auth_permission")  # made by migrating

# As the superuser: row-level security hides nothing, foreign keys and triggers stand back.
FUNCTION = """
CREATE OR REPLACE FUNCTION empty_tables(kept text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET session_replication_role = 'replica' SET search_path = public AS $$
DECLARE
    tables text[] := ARRAY(
        SELECT quote_ident(relname) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL (kept)
        ORDER BY relname
    );
    one text;
    filled boolean;
BEGIN
    EXECUTE 'LOCK TABLE ' || array_to_string(tables, ', ') || ' IN ACCESS EXCLUSIVE MODE';
    FOREACH one IN ARRAY tables LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || one || ')' INTO filled;
        IF filled THEN
            EXECUTE 'DELETE FROM ' || one;
        END IF;
    END LOOP;
END $$
"""
TRIES = 5  # PostgreSQL breaks a deadlock with a process of the service after a second


def install(admin_url: str) -> None:
    """Make the function; `admin_url` is the superuser's address of the test database."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(FUNCTION)


def empty_tables() -> None:
    for attempt in range(1, TRIES + 1):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT empty_tables(%s)", [list(KEPT)])
            return
        except Exception as error:
            deadlock = getattr(error.__cause__, "sqlstate", "") == "40P01"
            if not deadlock or attempt == TRIES:
                raise


@contextmanager
def quick_flush() -> Iterator[None]:
    """`flush`, which Django's test cases call, empties the tables in this way."""

    def handle(command: flush.Command, **options: Any) -> None:
        empty_tables()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", handle)
        yield
