"""Private services for one pytest session, in place before pytest-django loads the settings.

Only their addresses are set early; they start when the first test needs them (`services`), and
end with the session, also when it is interrupted or killed.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from config.local.private import Services, temporary

LEFT_OUT = ("LLM_", "DATABASE_", "REDIS_", "DJANGO_SECRET_KEY")
_stack = ExitStack()
_started: list[Services] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Runs around pytest-django's hook of the same name, which imports the settings."""
    if early_config.known_args_namespace.help or early_config.known_args_namespace.version:
        return (yield)
    for name in [name for name in os.environ if name.startswith(LEFT_OUT)]:
        del os.environ[name]
    os.environ["FIRSTLINE_ENV_FILE"] = os.devnull
    services = _stack.enter_context(temporary())
    _started.append(services)
    os.environ.update(services.environment)
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    _stack.close()


@pytest.fixture(scope="session")
def services() -> Services:
    """The session's PostgreSQL and Redis; child processes inherit their addresses."""
    return _started[0]


__all__: list[Any] = ["services"]
