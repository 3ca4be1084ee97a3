"""The console's lists beside 100,000 articles, without the embedding that knowledge_scale needs.

    python -m benchmarks.list_pages [--articles 100000] [--queries] [--before FOLDER]

A PostgreSQL of its own; articles with a text of some forty words each are written in SQL, their
words indexed by the service's own functions, and everything else made by benchmarks.scale_pages,
which asks for each page as it does there. --queries: the slowest statement of each page, too.
--before: another checkout, with the same migrations, whose pages are asked for first, in the same
database.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID

from config.local.private import temporary

WORDS = 3_000
PART = 10_000
_ARTICLES = """
WITH made AS (
  INSERT INTO knowledge_article (id, workspace_id, source_id, external_id, title, url, lang,
    audience, created_at, updated_at, state, draft_state, published_revision_id,
    wanted_revision_id)
  SELECT gen_random_uuid(), %(workspace)s, %(source)s, 'article-' || n,
    'Article ' || n || ' about word' || (n * 7 %% %(words)s) || ' and how to change word'
      || (n * 13 %% %(words)s), '', (ARRAY['en', 'ru', 'de'])[1 + n %% 3],
    'public', now(), now() - n * interval '1 second', 'published', '', r, r
  FROM (SELECT n, gen_random_uuid() AS r FROM generate_series(%(first)s, %(last)s) n) numbered
  RETURNING id, title, published_revision_id AS revision
), written AS (
  INSERT INTO knowledge_revision (id, workspace_id, article_id, number, title, text, text_format,
    content_hash, created_at)
  SELECT revision, %(workspace)s, id, 1, title, title || '. ' || (
    SELECT string_agg('word' || floor(%(words)s * power(random(), 3))::int, ' ')
    FROM generate_series(1, 40) k WHERE id IS NOT NULL), 'text', '', now() FROM made
  RETURNING id, article_id, title, text
) INSERT INTO knowledge_passage (id, workspace_id, article_id, revision_id, position, heading_path,
    start, "end", text)
  SELECT gen_random_uuid(), %(workspace)s, article_id, id, 0, '{}', 0, length(text), text
  FROM written RETURNING id, article_id, text
"""
_NAMED = """
INSERT INTO knowledge_articleword (workspace_id, word, article_id)
SELECT DISTINCT %s::uuid, word, article_id
FROM unnest(%s::text[], %s::uuid[]) AS t (word, article_id)
"""
_MEASURE = """
import django
django.setup()
from uuid import UUID
from benchmarks import scale_pages
scale_pages.measure(UUID("{}"))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--queries", action="store_true")
    parser.add_argument("--before", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    with temporary() as services:
        os.environ.update(services.environment)
        os.environ |= {"FIRSTLINE_ENV_FILE": os.devnull}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from benchmarks import scale_pages

        workspace_id = _filled(given.articles)
        scale_pages.fill(workspace_id)
        if given.before:
            print("before", flush=True)
            program = _MEASURE.format(workspace_id)
            subprocess.run([sys.executable, "-c", program], cwd=given.before, check=True)
            print("after", flush=True)
        scale_pages.measure(workspace_id, watch=_slowest if given.queries else nullcontext)


def _filled(articles: int) -> UUID:
    from django.core.management import call_command

    from accounts.scope import workspace_scope
    from console.provisioning import create_workspace
    from knowledge.articles import source_named

    call_command("migrate", database="owner", verbosity=0)
    started = time.monotonic()
    workspace_id = create_workspace("lists", name="Lists").workspace.id
    with workspace_scope(workspace_id):
        source = source_named(workspace_id, "scale", kind="api")
    for first in range(0, articles, PART):
        last = min(first + PART, articles) - 1
        _written(
            {
                "workspace": workspace_id, "source": source.id, "words": WORDS,
                "first": first, "last": last,
            }
        )  # fmt: skip
    print(f"{articles:,} articles made in {time.monotonic() - started:.0f} s", flush=True)
    return workspace_id


def _written(given: dict[str, Any]) -> None:
    from django.db import connection

    from accounts.scope import workspace_scope
    from knowledge import lexical, segments
    from knowledge.analysis import terms
    from knowledge.index import raw_cursor
    from knowledge.search_words import words_of

    workspace_id = given["workspace"]
    with workspace_scope(workspace_id), connection.cursor() as cursor:
        cursor.execute(_ARTICLES, given)
        rows = cursor.fetchall()
        words = [
            (word, article)
            for _id, article, text in rows
            for word in words_of(text.split(".")[0])
        ]  # fmt: skip
        cursor.execute(_NAMED, [workspace_id, *map(list, zip(*words, strict=True))])
        lexical.lock(cursor, workspace_id)
        segments.add(raw_cursor(), workspace_id, [(row[0], terms(row[2])) for row in rows])


class _slowest(AbstractContextManager[None]):  # noqa: N801  # stands where nullcontext may stand
    """Prints the statement that took longest inside of it."""

    def __enter__(self) -> None:
        from django.db import connection

        self._spent: list[tuple[float, str]] = []
        self._wrapper = connection.execute_wrapper(self._timed)
        self._wrapper.__enter__()

    def _timed(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self._spent.append((time.perf_counter() - started, sql))

    def __exit__(self, *error: object) -> None:
        self._wrapper.__exit__(None, None, None)
        spent, sql = max(self._spent, default=(0.0, ""))
        every = sum(one for one, _sql in self._spent)
        print(
            f"  {len(self._spent)} statements, {1000 * every:.0f} ms; {1000 * spent:.0f} ms: "
            f"{' '.join(sql.split())[:600]}",
            flush=True,
        )


if __name__ == "__main__":
    main()
