"""Vectors of an article's passages as it is published, for those that its new text keeps.

An embedder reads one text at a time, so that the same words have the same vector in any article:
whoever corrects a paragraph of a long article waits for that paragraph, not for all of them.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

import numpy as np

from accounts.scope import workspace_scope
from knowledge.dense import Vector
from knowledge.index import searched_text
from knowledge.models import Embedding

Kept = Mapping[str, Mapping[str, Vector]]


def of_articles(workspace_id: UUID, article_ids: Collection[UUID]) -> Kept:
    """Version → searched text → vector. One query; empty where nothing is published yet."""
    found: dict[str, dict[str, Vector]] = {}
    with workspace_scope(workspace_id):
        rows = Embedding.objects.filter(
            passage__article_id__in=article_ids, passage__workspace_id=workspace_id
        )
        for version, title, path, text, vector in rows.values_list(
            "model_version",
            "passage__revision__title",
            "passage__heading_path",
            "passage__text",
            "vector",
        ):
            found.setdefault(version, {})[searched_text(title, path, text)] = np.asarray(
                vector, np.float32
            )
    return found
