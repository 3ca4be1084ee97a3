"""PostgreSQL and Redis addresses as Django, Channels and Celery want them.

Three aliases for one database: `default` is the app role (row-level security holds for it),
`owner` migrates, `sweeper` sees the outbox rows of every workspace and nothing else.
"""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from config import env


def database(url: str) -> dict[str, Any]:
    """A postgres:// URL as a DATABASES entry; `?host=/folder` names a Unix socket's folder."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise env.EnvError("DATABASE_URL must begin with postgres://")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(query.pop("port", parts.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **query},
    }


def databases() -> dict[str, dict[str, Any]]:
    app = env.secret("DATABASE_URL")
    return {
        "default": database(app),
        "owner": database(env.secret("DATABASE_OWNER_URL", app)),
        "sweeper": database(env.secret("DATABASE_SWEEPER_URL", app)),
    }


def pool(entries: dict[str, dict[str, Any]], *, size: int) -> None:
    """Let connections outlive the threads that use them; for a process that is never forked.

    Under ASGI each request has a thread of its own, so a thread's connection would be made for each
    request. size: the most connections of an alias, who finds none free waits up to 5 seconds; 0:
    no pool, as where one stands before PostgreSQL.
    """
    for entry in entries.values():
        entry["CONN_MAX_AGE"] = 0
        if size:
            entry["OPTIONS"]["pool"] = {
                "min_size": 0,
                "max_size": size,
                "timeout": 5.0,
                "max_idle": 60.0,
                "reconnect_timeout": 5.0,  # then the next who asks tries again
            }


def redis_url(use: str, number: int) -> str:
    """REDIS_<USE>_URL, else database `number` of REDIS_URL, in redis-py's form."""
    own = env.secret(f"REDIS_{use}_URL", "")
    if own:
        return own
    base = env.secret("REDIS_URL")
    if base.startswith("unix://"):
        return f"{base.split('?')[0]}?db={number}"
    return f"{base.rstrip('/')}/{number}" if base.count("/") < 3 else base


def celery_url(redis_py_url: str) -> str:
    """redis-py's unix:// form as kombu's redis+socket:// form; others unchanged."""
    if not redis_py_url.startswith("unix://"):
        return redis_py_url
    path, _, query = redis_py_url.removeprefix("unix://").partition("?")
    number = parse_qs(query).get("db", ["0"])[0]
    return f"redis+socket://{path}?virtual_host={number}"
