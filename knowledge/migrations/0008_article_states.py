"""What the new columns say of articles that are there already.

The owner too is walled in, so the workspaces are gone through one by one.
"""

from collections.abc import Callable
from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

from knowledge.search_words import words_of

STATES = """
UPDATE knowledge_article a SET
  wanted_revision_id = newest.id,
  state = CASE
    WHEN a.archived_at IS NOT NULL THEN 'archived'
    WHEN newest.id IS NULL THEN 'draft'
    WHEN a.published_revision_id = newest.id THEN 'published'
    WHEN EXISTS (SELECT FROM outbox_outboxjob j WHERE j.kind = 'index_revision'
      AND j.state = 'dead' AND j.payload->>'revision_id' = newest.id::text) THEN 'failed'
    ELSE 'indexing' END
FROM (SELECT DISTINCT ON (article_id) id, article_id FROM knowledge_revision
  ORDER BY article_id, number DESC) newest
WHERE newest.article_id = a.id
"""
WORDS = """
INSERT INTO knowledge_articleword (workspace_id, word, article_id)
SELECT %s, word, article_id FROM unnest(%s::text[], %s::uuid[]) AS new (word, article_id)
"""
BATCH = 1_000


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_workspace")
        for (workspace_id,) in cursor.fetchall():
            cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(workspace_id)])
            cursor.execute(STATES)
            cursor.execute("SELECT id, title, external_id FROM knowledge_article")
            rows = cursor.fetchall()
            for at in range(0, len(rows), BATCH):
                _fill_words(cursor.execute, workspace_id, rows[at : at + BATCH])
        cursor.execute("SELECT set_config('app.workspace', '', true)")


def _fill_words(execute: Callable[..., object], workspace_id: object, rows: list[tuple]) -> None:  # type: ignore[type-arg]  # rows as they come
    pairs = [(word, row[0]) for row in rows for word in words_of(f"{row[1]} {row[2]}")]
    if pairs:
        execute(WORDS, [workspace_id, [one for one, _ in pairs], [one for _, one in pairs]])


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("knowledge", "0007_article_workflow"),
        ("outbox", "0002_row_level_security"),
    ]
    operations: ClassVar[list[Operation]] = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
