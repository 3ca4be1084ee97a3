"""The test database: the session's private PostgreSQL, migrated as the owner.

`default` connects as the app role, so row-level security holds in tests as in production. A test
whose code uses the sweeper's connection must be `django_db(transaction=True)`: another connection
cannot see what an open transaction wrote. Such a test may use every alias.
"""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from config.local.folder import open_folder
from config.local.postgres import admin_url
from config.local.private import Services
from tests import emptying

pytest_plugins = [
    "tests.cast",
    "tests.live",
    "tests.browser",
    "tests.chatting",
    "learning.tests.auditing",
]

# Playwright's synchronous API keeps a loop running in the thread that calls the ORM in tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction") and "databases" not in marker.kwargs:
            every = pytest.mark.django_db(**marker.kwargs, databases=list(settings.DATABASES))
            item.add_marker(every, append=False)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes by their argument's name: a made PDF or ZIP differs in each of two processes."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def django_db_setup(services: Services, django_db_blocker: DjangoDbBlocker) -> None:
    from django.core.management import call_command
    from django.db import connections

    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)
        database = str(connections["default"].settings_dict["NAME"])
        emptying.install(admin_url(open_folder(services.held[0].folder), database))
        for alias in ("owner", "sweeper"):
            # Django empties tables and opens transactions through `default` alone.
            connections[alias].settings_dict["TEST"]["MIRROR"] = "default"
            connections[alias].close()


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    with emptying.quick_flush():
        yield


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """A request in another language leaves it active in the thread that the tests run in."""
    yield
    translation.deactivate()
