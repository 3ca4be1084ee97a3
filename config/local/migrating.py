"""Bring the database up to date: always for `make run`, for a command where nothing is there."""

import os
import subprocess
import sys
from collections.abc import Mapping

import psycopg

from config import env
from config.local.errors import LocalError

# `demo --load` checks the settings itself; all system checks, twice, would take three seconds.
MIGRATE = ("manage.py", "migrate", "--database", "owner", "--verbosity", "0", "--skip-checks")
LOOK_AT_IT = {
    "migrate", "makemigrations", "showmigrations", "sqlmigrate", "dbshell", "inspectdb", "check",
}  # fmt: skip


def migrate(own: Mapping[str, str]) -> None:
    """own: the whole environment. Raises LocalError."""
    print("Bringing the database up to date", file=sys.stderr, flush=True)
    done = subprocess.run([sys.executable, *MIGRATE], check=False, cwd=env.BASE_DIR, env=own)
    if done.returncode:
        raise LocalError("`manage.py migrate` failed")


def migrate_if_new(command: str, services: Mapping[str, str]) -> None:
    """Before the first command that works with a private database of ours."""
    owner = services.get("DATABASE_OWNER_URL")
    if owner is None or command in LOOK_AT_IT:
        return
    with psycopg.connect(owner) as connection:
        row = connection.execute("SELECT to_regclass('public.django_migrations')").fetchone()
    if row is None or row[0] is None:
        migrate(os.environ | dict(services))
