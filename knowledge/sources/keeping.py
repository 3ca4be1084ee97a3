"""What editors do with sources: add, change, run, pause, delete; and what they see of them.

Each change is a transaction with its audit entry. Doing the same again changes nothing and leaves
no second entry. Who may call is checked by the surface. Raises NotFound, KnowledgeError.
"""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import NotFound
from accounts.ids import uuid7
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import uploads
from knowledge.articles import BY_HAND, KnowledgeError
from knowledge.models import Source, SourcePage, SourceState
from knowledge.sources import removal, runs
from knowledge.sources.settings import (
    KINDS,
    SCHEDULES_H,
    Settings,
    check,
    checked_address,
)

LONGEST_NAME = 200
MOST_SOURCES = 200
RESERVED = BY_HAND | {uploads.SOURCE}  # made by themselves, at the first need


@dataclass(frozen=True)
class Wanted:
    """A source as an editor describes it."""

    kind: str  # site or git
    name: str
    address: str
    settings: Settings
    every_hours: int = 0


def add(author: Member, wanted: Wanted) -> Source:
    """Keep a source and run it for the first time."""
    address = _checked(wanted)
    with workspace_scope(author.workspace_id):
        _check_free(wanted.name)
        if Source.objects.count() >= MOST_SOURCES:
            raise KnowledgeError(_("There are too many sources already."))
        source = Source.objects.create(
            workspace_id=author.workspace_id,
            kind=wanted.kind,
            name=wanted.name,
            location=address,
            settings=wanted.settings.as_json(),
            every_hours=wanted.every_hours,
        )
        _record(author, "source.added", source, address=address)
        runs.begin(source, author)
    return source


def change(author: Member, source_id: UUID, wanted: Wanted) -> Source:
    """Settings count from the next run on; the next one is due after the new schedule."""
    with workspace_scope(author.workspace_id):
        source = by_id(source_id)
        if source.kind not in KINDS or source.kind != wanted.kind:
            raise NotFound("no such source")
        address = _checked(wanted)
        _check_free(wanted.name, own=source_id)
        before = (source.name, source.location, source.settings, source.every_hours)
        after = (wanted.name, address, wanted.settings.as_json(), wanted.every_hours)
        if before != after:
            source.name, source.location, source.settings, source.every_hours = after
            source.progress.pop("commit", None)
            source.save()
            # What is not new to the site may be new to us under other settings.
            SourcePage.objects.filter(source=source).update(etag="", last_modified="")
            if source.state == SourceState.IDLE:
                runs.schedule(source)
            _record(author, "source.changed", source, address=address)
    return source


def _checked(wanted: Wanted) -> str:
    if wanted.kind not in KINDS or not isinstance(wanted.settings, KINDS[wanted.kind]):
        raise KnowledgeError(_("There is no such kind of source."))
    if not wanted.name.strip() or len(wanted.name) > LONGEST_NAME or not wanted.name.isprintable():
        raise KnowledgeError(_("The source needs a name of at most 200 characters."))
    if wanted.every_hours not in SCHEDULES_H:
        raise KnowledgeError(_("There is no such schedule."))
    check(wanted.settings)
    return checked_address(wanted.kind, wanted.address)


def _check_free(name: str, own: UUID | None = None) -> None:
    others = [one for one in Source.objects.filter(name=name) if one.id != own]
    if others or name in RESERVED:
        raise KnowledgeError(_("There is a source of this name already."))


def run_now(author: Member, source_id: UUID) -> bool:
    """False if a run is under way already, or the source is paused."""
    with workspace_scope(author.workspace_id):
        return runs.begin(_readable(source_id), author)


def pause(author: Member, source_id: UUID) -> None:
    """No schedule starts it; a run that is under way ends after its page. Articles stay."""
    with workspace_scope(author.workspace_id):
        source = _readable(source_id)
        if source.state in {SourceState.IDLE, SourceState.RUNNING}:
            source.state = SourceState.PAUSED
            source.ticket = source.next_at = None
            source.run = uuid7()  # whatever step still goes on is of another run
            source.save(update_fields=["state", "ticket", "next_at", "run"])
            _record(author, "source.paused", source)


def go_on(author: Member, source_id: UUID) -> None:
    """A paused source runs at once, and then by its schedule."""
    with workspace_scope(author.workspace_id):
        source = _readable(source_id)
        if source.state == SourceState.PAUSED:
            Source.objects.filter(id=source.id).update(state=SourceState.IDLE)
            runs.begin(source, author)


def delete(author: Member, source_id: UUID, *, with_articles: bool) -> None:
    """Its articles are archived, or stay as if written by hand. The worker does it in steps."""
    with workspace_scope(author.workspace_id):
        source = by_id(source_id)
        if source.kind in BY_HAND:
            raise KnowledgeError(_("What was written by hand has no source to delete."))
        if source.state != SourceState.DELETING:
            removal.request(source, with_articles=with_articles)
            _record(author, "source.deleted", source, with_articles=with_articles)


def by_id(source_id: UUID) -> Source:
    """A source of the current scope's workspace, locked. Raises NotFound."""
    source = Source.objects.select_for_update().filter(id=source_id).first()
    if source is None:
        raise NotFound("no such source")
    return source


def _readable(source_id: UUID) -> Source:
    source = by_id(source_id)
    if source.kind not in KINDS:
        raise NotFound("no such source")
    return source


def _record(author: Member, action: str, source: Source, **detail: object) -> None:
    audit.record(
        author, action, target_kind="source", target_id=source.id, name=source.name, **detail
    )
