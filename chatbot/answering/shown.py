"""From the words that were found to the text that is shown, with its citation."""

from dataclasses import dataclass
from uuid import UUID

from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot.answering.choose import Read
from chatbot.answering.contract import Citation
from knowledge.models import Revision
from knowledge.rendering import block_around, citation_url
from knowledge.unpublished import Unpublished

MOST_QUOTE = 300


@dataclass(frozen=True)
class Shown:
    """text: Markdown, the article's own words. start, end: its place in the revision's text."""

    text: str
    start: int
    end: int
    citation: Citation


def shown(workspace_id: UUID, chosen: Read, *, draft: Unpublished | None = None) -> Shown | None:
    """The sentence, list, steps or table around the span; None if the revision is gone."""
    candidate, reading = chosen.candidate, chosen.reading
    assert reading.start is not None and reading.end is not None
    with workspace_scope(workspace_id):
        revision = Revision.objects.filter(id=candidate.revision_id).first()
        if draft is not None and draft.revision.id == candidate.revision_id:
            revision = draft.revision
        slug = Workspace.objects.get(id=workspace_id).slug
    if revision is None:
        return None
    span = candidate.start + reading.start, candidate.start + reading.end
    start, end = block_around(revision.text, *span, markdown=revision.text_format == "markdown")
    citation = Citation(
        number=1,
        article_id=str(candidate.article_id),
        title=candidate.title,
        heading=candidate.heading_path[-1] if candidate.heading_path else "",
        url=citation_url(slug, candidate.article_id, candidate.heading_path),
        quote=revision.text[slice(*span)][:MOST_QUOTE],
    )
    return Shown(revision.text[start:end].strip(), start, end, citation)
