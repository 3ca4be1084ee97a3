"""The pages of a source: which wait in a run, what became of each, and their articles.

A page's change, its article and the run's counts are one transaction. `doc_id` is kept as long as
the page has an article that the source has not retired: if that one is archived, a person did it,
and it stays so until the page changes. Every function needs the workspace's scope.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from accounts.ids import uuid7
from knowledge import articles, proposing, tags
from knowledge.articles import content_hash, request_indexing
from knowledge.indexing import withdraw
from knowledge.models import Article, PageState, Source, SourcePage
from knowledge.parsing.document import LONGEST_ID, Document
from knowledge.sources import runs

BATCH = 100


@dataclass(frozen=True)
class Kept:
    """What is remembered of a page that was read, for the next time."""

    etag: str = ""
    last_modified: str = ""
    links: Sequence[str] = field(default_factory=list)


def identity(address: str) -> str:
    """The doc_id of an address; a long one is cut and told apart by its hash."""
    if len(address) <= LONGEST_ID:
        return address
    return f"{address[: LONGEST_ID - 17]}#{hashlib.sha256(address.encode()).hexdigest()[:16]}"


def remember(source: Source, addresses: Collection[str], *, depth: int, most: int) -> bool:
    """Have these pages visited in this run; what the run knows already changes nothing.

    most: pages of a run. False if some had to be left out.
    """
    row = runs.locked(source)
    known = {
        page.address: page
        for page in SourcePage.objects.filter(source=source, address__in=addresses)
    }
    seen = int(row.progress.get("seen", 0))
    fresh = [one for one in dict.fromkeys(addresses) if not _is_seen(known.get(one), source)]
    taken = fresh[: max(most - seen, 0)]
    again = [known[one] for one in taken if one in known]
    was_done = {page.id: page.state == PageState.DONE for page in again}
    for page in again:
        page.state, page.seen_in, page.depth = PageState.WAITING, source.run, depth
        page.problem = page.problem if was_done.get(page.id) else ""
        page.tries = 0
    SourcePage.objects.bulk_update(
        again, ["state", "seen_in", "depth", "tries", "problem"], batch_size=500
    )
    new = [_page(source, one, depth) for one in taken if one not in known]
    SourcePage.objects.bulk_create(new, batch_size=500)
    row.progress["seen"] = seen + len(taken)
    if len(taken) < len(fresh):
        row.progress["limited"] = True
    row.save(update_fields=["progress"])
    source.progress = row.progress
    return len(taken) == len(fresh)


def _is_seen(page: SourcePage | None, source: Source) -> bool:
    return page is not None and page.seen_in == source.run


def _page(source: Source, address: str, depth: int) -> SourcePage:
    return SourcePage(
        id=uuid7(),
        workspace_id=source.workspace_id,
        source=source,
        address=address,
        seen_in=source.run,
        depth=depth,
    )


def next_waiting(source: Source) -> SourcePage | None:
    """The nearest page of this run that was not visited; what failed before comes last."""
    waiting = SourcePage.objects.filter(source=source, state=PageState.WAITING, seen_in=source.run)
    return waiting.order_by("tries", "depth", "id").first()


def save(source: Source, page: SourcePage, document: Document, kept: Kept) -> None:
    """The page was read: make or change its article, if what was read has changed."""
    other = SourcePage.objects.filter(
        source=source, doc_id=document.doc_id, seen_in=source.run, state=PageState.DONE
    ).exclude(id=page.id)
    if (first := other.first()) is not None:
        skip(source, page, f"is the same page as {first.address}")
        return
    digest = _digest(document)
    outcome, notes = "unchanged", list(document.notes)
    if page.digest != digest or page.doc_id != document.doc_id:
        is_new = not Article.objects.filter(external_id=document.doc_id, archived_at=None).exists()
        if page.doc_id and page.doc_id != document.doc_id:
            _retire(source, [page.doc_id], but=page)
        if proposing.required(source.workspace_id):
            saved = proposing.propose_all([document], source=source)[0]
        else:
            saved = articles.save_all(source.workspace_id, [document], source=source)[0]
            if saved.changed:
                request_indexing(saved.revision)
        refused = tags.from_file(saved.article, document.tags)
        notes += [f"has a tag that cannot be kept: {one}" for one in refused]
        outcome = "new" if is_new else "changed"
    page.doc_id, page.digest = document.doc_id, digest
    page.etag, page.last_modified = kept.etag[:300], kept.last_modified[:100]
    page.links = list(kept.links)
    if outcome != "unchanged":
        page.problem = "; ".join(notes)
    elif page.tries:
        page.problem = ""  # of an attempt before this one
    _settle(source, page, PageState.DONE, outcome, page.problem)


def unchanged(source: Source, page: SourcePage) -> None:
    _settle(source, page, PageState.DONE, "unchanged", "" if page.tries else page.problem)


def skip(source: Source, page: SourcePage, reason: str) -> None:
    """It shall be no article. One that it had is retired."""
    _drop_article(source, page)
    _settle(source, page, PageState.SKIPPED, "skipped", reason)


def gone(source: Source, page: SourcePage, reason: str) -> None:
    _drop_article(source, page)
    _settle(source, page, PageState.GONE, "", reason)


def failed(source: Source, page: SourcePage, reason: str) -> None:
    """It could not be had or read this time. Its article stays as it is."""
    _settle(source, page, PageState.FAILED, "failed", reason)


def try_again(page: SourcePage, reason: str) -> None:
    page.tries += 1
    page.problem = reason[:300]
    page.save(update_fields=["tries", "problem"])


def _settle(
    source: Source, page: SourcePage, state: PageState, outcome: str, reason: str = ""
) -> None:
    page.state, page.problem, page.checked_at = state, reason[:300], timezone.now()
    page.save()
    runs.count(source, **({outcome: 1} if outcome else {}))


def _drop_article(source: Source, page: SourcePage) -> None:
    if page.doc_id:
        count = _retire(source, [page.doc_id], but=page)
        runs.count(source, retired=count)
    page.doc_id = page.digest = page.etag = page.last_modified = ""


def _retire(source: Source, doc_ids: Sequence[str], *, but: SourcePage | None = None) -> int:
    """Archive articles of this source, save those that another page of this run stands for."""
    held = SourcePage.objects.filter(
        source=source, doc_id__in=doc_ids, seen_in=source.run, state=PageState.DONE
    )
    if but is not None:
        held = held.exclude(id=but.id)
    kept = set(held.values_list("doc_id", flat=True))
    found = Article.objects.filter(source=source, archived_at=None, external_id__in=doc_ids)
    ids = list(found.exclude(external_id__in=kept).values_list("id", flat=True))
    return withdraw(source.workspace_id, ids)


def retire_unseen(source: Source) -> bool:
    """One batch of articles whose page this run did not come across; True if none was left."""
    lost = SourcePage.objects.filter(source=source).exclude(seen_in=source.run).exclude(doc_id="")
    batch = list(lost[:BATCH])
    if not batch:
        _forget_old(source)
        return True
    count = _retire(source, [page.doc_id for page in batch])
    SourcePage.objects.filter(id__in=[page.id for page in batch]).update(
        state=PageState.GONE,
        doc_id="",
        digest="",
        etag="",
        last_modified="",
        problem="is not there any more",
        seen_in=source.run,
        checked_at=timezone.now(),
    )
    runs.count(source, retired=count)
    return False


def _forget_old(source: Source) -> None:
    """Pages without an article that this run did not come across."""
    SourcePage.objects.filter(source=source, doc_id="").exclude(seen_in=source.run).delete()


def _digest(document: Document) -> str:
    parts = [content_hash(document), document.url, document.lang, document.audience]
    parts += document.tags
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
