"""The short history of the database stands for the long one before it (decision 0044)."""

import itertools
from collections.abc import Iterable

import pytest
from django.db import connections
from django.db.migrations.exceptions import NodeNotFoundError
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Name = tuple[str, str]

EVERY = MigrationLoader(None).disk_migrations
STAND_INS = {name: migration for name, migration in EVERY.items() if migration.replaces}
EARLIER = sorted(itertools.chain(*(migration.replaces for migration in STAND_INS.values())))
REST = set(EVERY) - set(STAND_INS)
IN_STEPS = ("accounts", "knowledge", "chatbot", "learning")


def load(applied: Iterable[Name], patch: pytest.MonkeyPatch) -> MigrationLoader:
    """What Django makes of a database in which these migrations were applied."""
    rows = dict.fromkeys(applied)
    patch.setattr(MigrationRecorder, "applied_migrations", lambda recorder: dict(rows))
    return MigrationLoader(connections["owner"])


def test_a_database_at_the_end_of_the_long_history_needs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = load({*REST, *EARLIER}, monkeypatch)
    assert set(found.graph.nodes) <= set(found.applied_migrations)


@pytest.mark.parametrize("app", IN_STEPS)
def test_a_database_in_the_middle_of_it_is_refused(
    app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [name for name in EARLIER if name[0] == app]
    others = {*REST, *EARLIER} - set(own)
    for stop in range(1, len(own)):
        with pytest.raises(NodeNotFoundError, match="some of the replaced migrations"):
            load({*others, *own[:stop]}, monkeypatch)


def test_a_stop_in_the_short_history_leaves_the_rest_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = MigrationLoader(None).graph
    order = [name for leaf in plan.leaf_nodes() for name in plan.forwards_plan(leaf)]
    order = list(dict.fromkeys(order))
    for stop in range(len(order)):
        done = order[:stop]
        recorded = itertools.chain(*(EVERY[name].replaces or [name] for name in done))
        found = load(recorded, monkeypatch)
        assert set(found.applied_migrations) & set(order) == set(done)
