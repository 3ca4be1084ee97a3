"""Row-level security, as operations for migrations.

Migrations run as the owner; requests, consumers and tasks as the app role, which has neither
SUPERUSER nor BYPASSRLS. FORCE makes the policies hold for the owner too.
"""

from collections.abc import Sequence
from typing import Any

from django.apps.registry import Apps
from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.operations.base import Operation

Sql = str | tuple[str, dict[str, Any] | list[Any] | tuple[Any, ...] | None]  # as RunSQL has it
OWN_WORKSPACE = "workspace_id = nullif(current_setting('app.workspace', true), '')::uuid"
OWN_USER = "user_id = nullif(current_setting('app.user', true), '')::uuid"


def enable_rls(*tables: str, readable: str | None = None) -> list[Operation]:
    """Wall the tables in by workspace; `readable` is a further condition for reading alone."""
    operations: list[Operation] = []
    for table in tables:
        sql: list[Sql] = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            (
                f"CREATE POLICY own_workspace ON {table} USING ({OWN_WORKSPACE}) "
                f"WITH CHECK ({OWN_WORKSPACE})"
            ),
        ]
        if readable:
            sql.append(f"CREATE POLICY readable ON {table} FOR SELECT USING ({readable})")
        undo: list[Sql] = [
            f"DROP POLICY IF EXISTS readable ON {table}",
            f"DROP POLICY own_workspace ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ]
        operations.append(RunSQL(sql, undo))
    return operations


def app_role() -> str:
    return str(settings.DATABASES["default"]["USER"])


def sweeper_role() -> str:
    return str(settings.DATABASES["sweeper"]["USER"])


def _run(statements: Sequence[str]) -> RunPython:
    def forwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        owner = editor.connection.settings_dict["USER"]
        for statement in statements:
            for name, role in (("{app}", app_role()), ("{sweeper}", sweeper_role())):
                if name in statement and role != owner:
                    editor.execute(statement.replace(name, editor.quote_name(role)))

    return RunPython(forwards, RunPython.noop)


def grant_app_role() -> list[Operation]:
    """The app role may read and write every table, those of later migrations included."""
    return [
        _run(
            [
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
                "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {app}",
                (
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}"
                ),
                "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {app}",
            ]
        )
    ]


def append_only(table: str) -> list[Operation]:
    """Rows are added and read, never changed."""
    return [_run([f"REVOKE UPDATE, DELETE ON {table} FROM {{app}}"])]


def visible_to_sweeper(table: str) -> list[Operation]:
    """The sweeper's role sees and updates this table's rows in every workspace."""
    return [
        _run(
            [
                f"GRANT SELECT, UPDATE ON {table} TO {{sweeper}}",
                f"CREATE POLICY sweeper ON {table} TO {{sweeper}} USING (true) WITH CHECK (true)",
            ]
        )
    ]


def searched_by_owner(table: str) -> list[Operation]:
    """A SECURITY DEFINER function may use every index of this table, and says the workspace itself.

    Operators that are not leakproof, as @@ is, use no index behind a policy. The owner migrates and
    lends its rights to such functions; nobody logs in as the owner to serve. Where one role does
    both, the wall stays and the index is not used.
    """

    def forwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        owner = editor.connection.settings_dict["USER"]
        if owner != app_role():
            name = editor.quote_name(owner)
            editor.execute(f"CREATE POLICY searched ON {table} FOR SELECT TO {name} USING (true)")

    def backwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        editor.execute(f"DROP POLICY IF EXISTS searched ON {table}")

    return [RunPython(forwards, backwards)]
