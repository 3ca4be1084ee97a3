"""Tables, as an operation for migrations, and the two fields that nearly all of them have.

Django renders a model anew, with all that are related to it, whenever an operation changes it; here
every model leads to the workspace. The models of one `CreateModels` are rendered once.
"""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from accounts.ids import uuid7


class CreateModels(Operation):
    """The models may refer to each other in any order: foreign keys come after all tables."""

    def __init__(self, *tables: CreateModel) -> None:
        self.tables = tables

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, list(self.tables), {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        if "apps" in state.__dict__:
            del state.apps  # rendered again, the whole of it, when it is asked for
            state.is_delayed = False
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create models {', '.join(table.name for table in self.tables)}"


def key() -> "models.UUIDField[Any, Any]":
    return models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)


def workspace() -> "models.ForeignKey[Any, Any]":
    """Without an index of its own: the workspace comes first in those that the table has."""
    return models.ForeignKey(
        "accounts.workspace", db_index=False, on_delete=models.CASCADE, related_name="+"
    )
