"""Make a workspace's index anew from its passages.

Vectors are computed with no transaction open, then everything is replaced in one. Articles that
are published meanwhile are indexed by whoever publishes them; the loop goes on until nothing is
missing.
"""

from collections.abc import Callable
from uuid import UUID

from accounts.scope import workspace_scope
from knowledge import embedding, near, snapshots
from knowledge.dense import Vector
from knowledge.index import Entry, Health, index, searched_text
from knowledge.models import Passage


def rebuild(workspace_id: UUID, *, on_batch: Callable[[int], None] = lambda count: None) -> int:
    """Index every passage of the workspace under this process's embedder. Returns how many."""
    version = embedding.model_version()
    vectors: dict[UUID, Vector] = {}
    while True:
        with workspace_scope(workspace_id):
            texts = _texts(workspace_id)
            missing = [passage_id for passage_id in texts if passage_id not in vectors]
            if not missing:
                entries = [Entry(one, text, vectors[one]) for one, text in texts.items()]
                index.rebuild(workspace_id, entries, version=version)
                near.grow_if_large(workspace_id, {version})
                snapshots.changed(workspace_id)
                return len(entries)
        made = embedding.embed([texts[one] for one in missing], on_batch=on_batch)
        vectors.update(zip(missing, made, strict=True))


def _texts(workspace_id: UUID) -> dict[UUID, str]:
    """What each passage is searched by. Holds the writers' lock, so that none comes between."""
    index.freeze(workspace_id)
    rows = Passage.objects.order_by("id").values_list(
        "id", "revision__title", "heading_path", "text"
    )
    return {row[0]: searched_text(row[1], row[2], row[3]) for row in rows.iterator()}


def health(workspace_id: UUID) -> Health:
    with workspace_scope(workspace_id):
        return index.health(workspace_id, version=embedding.model_version())
