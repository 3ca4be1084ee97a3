"""One at a time looks through a workspace's conversations or changes its groups of questions."""

from uuid import UUID

from django.db import connection


def hold(workspace_id: UUID) -> None:
    """Until the transaction ends. Not the workspace's row: every insert would wait for that."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"review {workspace_id}"]
        )
