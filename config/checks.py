"""What must hold before the service may start, as Django system checks.

They run with every command; the one that asks the database runs with `migrate`, thus at every
start, and with `check --database default`. Loading the demo (`make run`) and `check --fail-level
WARNING` (docker-compose.yml) also refuse missing models.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Doubt
from django.db import DatabaseError, connections

TAG = "firstline"
WALLED_IN = ("default", "sweeper")  # the roles that row-level security must hold for
MODELS = ("embedder", "reader", "intent", "calibration")
DEADLINES = ("LLM_CONNECT_TIMEOUT_S", "LLM_FIRST_TOKEN_TIMEOUT_S", "LLM_TIMEOUT_S")
IN_HOUSE = ("LOCAL_GENERATOR_WAIT_S", "LLM_TIMEOUT_S")


@register(TAG, Tags.database)
def roles_are_walled_in(databases: Sequence[str] | None, **_: Any) -> list[CheckMessage]:
    """PostgreSQL ignores row-level security for a SUPERUSER or BYPASSRLS role."""
    return [problem for alias in WALLED_IN if databases for problem in _role_problems(alias)]


def _role_problems(alias: str) -> list[CheckMessage]:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            )
            row = cursor.fetchone()
    except DatabaseError as error:
        reason = type(error).__name__
        return [Error(f"The database {alias!r} cannot be asked: {reason}", id="firstline.E003")]
    if row and not row[0]:
        return []
    return [
        Error(
            f"The role of the database {alias!r} has SUPERUSER or BYPASSRLS: every workspace "
            "would see the rows of all others.",
            hint="Make plain roles with `python -m config.local.roles`.",
            id="firstline.E001",
        )
    ]


@register(TAG)
def deadlines_are_in_order(**_: Any) -> list[CheckMessage]:
    """An outer deadline that ends before an inner one would make the inner one meaningless."""
    wrong = [
        names
        for names in (DEADLINES, IN_HOUSE)
        if [getattr(settings, name) for name in names]
        != sorted({getattr(settings, name) for name in names})
    ]
    return [Error(f"This must hold: {' < '.join(names)}", id="firstline.E002") for names in wrong]


@register(TAG)
def names_can_be_found(**_: Any) -> list[CheckMessage]:
    """Else no question reaches a large model: what leaves may hold names."""
    from chatbot.escalation import names

    missing = names.missing()
    if not missing:
        return []
    return [
        Doubt(
            f"NAMES_MODELS names what is not installed: {', '.join(missing)}.",
            hint="pip install -r requirements-names.txt, and the models of spaCy.",
            id="firstline.W002",
        )
    ]


@register(TAG)
def models_are_there(**_: Any) -> list[CheckMessage]:
    """Their content is verified when they are loaded."""
    folder = settings.MODELS_DIR
    missing = [name for name in MODELS if not (folder / name / "manifest.json").is_file()]
    if not missing:
        return []
    return [
        Doubt(
            f"The folder {folder} lacks {', '.join(missing)}: no question can be answered.",
            hint="Set MODELS_DIR, or fetch the checkout's models folder again.",
            id="firstline.W001",
        )
    ]
