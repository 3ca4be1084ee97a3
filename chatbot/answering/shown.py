"""From the words that were found to the text that is shown, with its citation."""

from dataclasses import dataclass
from uuid import UUID

from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot.answering.choose import Read
from chatbot.answering.contract import Citation
from knowledge.models import Revision
from knowledge.rendering import block_around, citation_url
from knowledge.retrieval import Candidate
from knowledge.sections import Named, section_of
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
    place = _place(workspace_id, candidate, draft)
    if place is None:
        return None
    text = place.revision.text
    span = candidate.start + reading.start, candidate.start + reading.end
    start, end = block_around(text, *span, markdown=place.markdown)
    return _cited(place, candidate, (start, end), candidate.heading_path, text[slice(*span)])


def section(workspace_id: UUID, named: Named, *, draft: Unpublished | None = None) -> Shown | None:
    """The first words of a section; None if it holds none, or the revision is gone."""
    place = _place(workspace_id, named.candidate, draft)
    if place is None:
        return None
    text = place.revision.text
    span = section_of(text, named.heading_path, markdown=place.markdown)
    if span is None:
        return None
    return _cited(place, named.candidate, span, named.heading_path, text[slice(*span)])


@dataclass(frozen=True)
class _Place:
    slug: str
    revision: Revision

    @property
    def markdown(self) -> bool:
        return self.revision.text_format == "markdown"


def _place(workspace_id: UUID, candidate: Candidate, draft: Unpublished | None) -> _Place | None:
    with workspace_scope(workspace_id):
        revision = Revision.objects.filter(id=candidate.revision_id).first()
        slug = Workspace.objects.get(id=workspace_id).slug
    if draft is not None and draft.revision.id == candidate.revision_id:
        revision = draft.revision
    return None if revision is None else _Place(slug, revision)


def _cited(
    place: _Place,
    candidate: Candidate,
    span: tuple[int, int],
    heading_path: tuple[str, ...],
    quote: str,
) -> Shown:
    citation = Citation(
        number=1,
        article_id=str(candidate.article_id),
        title=candidate.title,
        heading=heading_path[-1] if heading_path else "",
        url=citation_url(place.slug, candidate.article_id, heading_path),
        quote=quote[:MOST_QUOTE],
    )
    return Shown(place.revision.text[slice(*span)].strip(), *span, citation)
