"""A table of questions and answers that takes the place of the earlier one of its name.

Its pairs have ids that begin with the file's name, so what was uploaded before under that name and
is not in it now can be found. Where a row cannot be told from another, nothing is archived.
"""

from dataclasses import dataclass, field
from pathlib import Path

from knowledge.indexing import withdraw
from knowledge.models import Article, Source
from knowledge.parsing import reader
from knowledge.parsing.document import Broken
from knowledge.parsing.formats import suffix
from knowledge.parsing.tables import PARSERS

BATCH = 500
NO_TABLE = "is no table of questions and answers, so it replaces nothing else"
UNSURE = "has rows that cannot be told apart, so nothing was archived"


@dataclass(frozen=True)
class Missing:
    """kept: ids of the pairs that are in the file. problems: lines for whoever uploaded it."""

    name: str
    kept: frozenset[str] = frozenset()
    problems: list[str] = field(default_factory=list)


def missing(source: Source, path: Path) -> Missing:
    """Reads the file once more, for its ids alone."""
    name = path.name
    kept, unsure = set[str](), False
    with reader.Reader() as child:
        for one in child.file(path, name) if suffix(name) in PARSERS else ():
            unsure = (
                unsure or one.doc_id is None or (isinstance(one, Broken) and one.doc_id == name)
            )
            kept.update([one.doc_id] if one.doc_id else [])
    if unsure:
        return Missing(name, problems=[f"{name}: {UNSURE}"])
    if not any(one.startswith(f"{name}#") for one in kept):
        return Missing(name, problems=[f"{name}: {NO_TABLE}"])
    return Missing(name, frozenset(kept))


def retire(source: Source, lost: Missing) -> int:
    """Archive what is not kept, inside the scope; how many articles."""
    if not lost.kept:
        return 0
    living = Article.objects.filter(source=source, archived_at=None)
    rows = living.filter(external_id__startswith=f"{lost.name}#").values_list("id", "external_id")
    gone = [article_id for article_id, doc_id in rows if doc_id not in lost.kept]
    return sum(
        withdraw(source.workspace_id, gone[at : at + BATCH]) for at in range(0, len(gone), BATCH)
    )
