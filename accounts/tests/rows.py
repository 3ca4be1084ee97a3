"""A row of any model in any workspace, made from the model's own description.

So a test over all tables includes a new model without knowing it.
"""

import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from pgvector.django import HalfVectorField, VectorField

from accounts.ids import uuid7
from accounts.models import User, Workspace
from accounts.scope import workspace_scope

_numbers = itertools.count(1)
Makers = tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...]
MAKERS: Makers = (
    ((models.CharField, models.TextField), lambda field: f"x{next(_numbers)}"[: field.max_length]),
    (models.DateTimeField, lambda field: timezone.now()),
    (models.DateField, lambda field: timezone.now().date()),
    (models.UUIDField, lambda field: uuid7()),
    (models.BooleanField, lambda field: False),
    (models.IntegerField, lambda field: 1),
    (models.FloatField, lambda field: 0.5),
    (models.JSONField, lambda field: {}),
    (models.BinaryField, lambda field: bytes(2)),
    (ArrayField, lambda field: []),
    (VectorField, lambda field: [1.0] * field.dimensions),
    (HalfVectorField, lambda field: [1.0] * field.dimensions),
)


def row_in(workspace_id: UUID, model: type[models.Model]) -> models.Model:
    """One that is there, else a new one, with whatever rows it refers to."""
    with workspace_scope(workspace_id):
        found = model._default_manager.first()
        if found is not None:
            return found
        return model._default_manager.create(
            **{
                field.name: _value(field, workspace_id)
                for field in model._meta.concrete_fields
                if _required(field)
            }
        )


def _required(field: "models.Field[Any, Any]") -> bool:
    if (field.model.__name__, field.name) == ("Suggestion", "message"):
        return True  # one of two, which no field can say of itself
    automatic = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return not (field.null or field.blank or field.has_default() or automatic)


def _value(field: "models.Field[Any, Any]", workspace_id: UUID) -> Any:
    if isinstance(field, models.ForeignKey):
        return _related(field.related_model, workspace_id)
    if field.choices:
        return next(iter(field.flatchoices))[0]
    for kinds, make in MAKERS:
        if isinstance(field, kinds):
            return make(field)
    raise TypeError(f"teach accounts/tests/rows.py what a {type(field).__name__} holds")


def _related(model: Any, workspace_id: UUID) -> models.Model:
    if model is Workspace:
        return Workspace.objects.get(id=workspace_id)
    if model is User:
        return User.objects.create(email=f"x{next(_numbers)}@example.com", password="!")
    return row_in(workspace_id, model)
