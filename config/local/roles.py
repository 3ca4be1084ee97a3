"""Roles, database and extension, made by the superuser. Doing it again changes nothing.

`python -m config.local.roles` reads DATABASE_ADMIN_URL (a superuser) and the three addresses of
the service, and makes their roles with their passwords. The owner migrates; the app role has
neither SUPERUSER nor BYPASSRLS; the sweeper's few rights come from migrations.
"""

import argparse
import os
import sys
import time
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import Connection, sql

ADDRESSES = ("DATABASE_OWNER_URL", "DATABASE_URL", "DATABASE_SWEEPER_URL")


def connect(url: str, *, timeout_s: float) -> Connection:
    """Wait for the server to accept the superuser."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return psycopg.connect(url, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def make_role(connection: Connection, name: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    statement = "ALTER ROLE {} {}" if known else "CREATE ROLE {} {}"
    rights = sql.SQL(
        "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {}"
    ).format(sql.Literal(password))
    connection.execute(sql.SQL(statement).format(sql.Identifier(name), rights))


def make_database(connection: Connection, name: str, owner: str) -> None:
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        statement = sql.SQL("CREATE DATABASE {} OWNER {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(owner)))


def prepare(admin_url: str, urls: list[str], *, timeout_s: float) -> None:
    """`urls`: owner first. All name the same database."""
    owner, database = urlsplit(urls[0]).username or "", urlsplit(urls[0]).path.lstrip("/")
    with connect(admin_url, timeout_s=timeout_s) as connection:
        for url in urls:
            parts = urlsplit(url)
            make_role(connection, unquote(parts.username or ""), unquote(parts.password or ""))
        make_database(connection, database, owner)
    parts = urlsplit(admin_url)._replace(path=f"/{database}")
    with connect(parts.geturl(), timeout_s=timeout_s) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")


def main() -> int:
    parser = argparse.ArgumentParser(description="Make roles, database and extension")
    parser.add_argument("--wait", type=float, default=60, help="seconds to wait for the server")
    arguments = parser.parse_args()
    missing = [name for name in ("DATABASE_ADMIN_URL", *ADDRESSES) if name not in os.environ]
    if missing:
        print(f"Not set: {', '.join(missing)}", file=sys.stderr)
        return 2
    urls = [os.environ[name] for name in ADDRESSES]
    try:
        prepare(os.environ["DATABASE_ADMIN_URL"], urls, timeout_s=arguments.wait)
    except psycopg.Error as error:
        print(f"PostgreSQL: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
