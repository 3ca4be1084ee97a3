"""Make the workspaces of benchmarks.knowledge_scale, or find them made by an earlier call."""

import os
import time
from pathlib import Path
from uuid import UUID

import psycopg
from django.core.management import call_command

from accounts.models import Workspace
from accounts.scope import workspace_scope
from benchmarks.scale_load import Place, load, make_graph, unforced
from benchmarks.scale_product import Maker, real_passages
from console.provisioning import create_workspace
from knowledge import near
from knowledge.articles import source_named
from knowledge.embedding import embed, model_version

SIZES = """
SELECT relname, pg_total_relation_size(oid) / 1e6 FROM pg_class
WHERE relkind IN ('r', 'i') AND relname ~ 'knowledge_|hnsw|halfvec' AND pg_relation_size(oid) > 3e7
ORDER BY 2 DESC
"""


def filled(data: Path, *wanted: tuple[str, int], real: int) -> dict[str, UUID]:
    """wanted: slug and passages of each workspace. Returns their ids."""
    call_command("migrate", database="owner", verbosity=0)
    known = dict(Workspace.objects.values_list("slug", "id"))
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        if not all(slug in known for slug, _ in wanted):
            known = _fill(owner, data, wanted, real)
        for name, megabytes in owner.execute(SIZES).fetchall():
            print(f"  {name}: {megabytes:,.0f} MB", flush=True)
    return {slug: known[slug] for slug, _ in wanted}


def _fill(
    owner: psycopg.Connection, data: Path, wanted: tuple[tuple[str, int], ...], real: int
) -> dict[str, UUID]:
    found = real_passages(data, real)
    started = time.monotonic()
    vectors = embed([one.searched for one in found])
    took = time.monotonic() - started
    print(f"{len(found):,} real passages embedded, {len(found) / took:.0f} a second", flush=True)
    made = {}
    for slug, size in wanted:
        own, of = (found, vectors) if size > len(found) else (found[-size:], vectors[-size:])
        made[slug] = create_workspace(slug, name=slug).workspace.id
        with workspace_scope(made[slug]):
            source = source_named(made[slug], "scale", kind="api")
        place = Place(made[slug], source.id, model_version())
        started = time.monotonic()
        with unforced(owner):
            load(owner, place, Maker(own, of), size, own)
            took = time.monotonic() - started
            print(f"{slug}: {size:,} passages loaded in {took:.0f} s", flush=True)
            if size > near.LARGE:
                print(f"{slug}: graph made in {make_graph(owner, place):.0f} s", flush=True)
    owner.execute("VACUUM ANALYZE")
    return made
