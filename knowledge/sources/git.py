"""A folder of files in a public Git repository: one shallow clone a run, by https.

dulwich speaks the protocol over our own requests, so the same rules of addresses and limits hold
as for web pages; the pack is taken apart in the parser's child. A commit that was read before is
not fetched again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dulwich.client import AbstractHttpGitClient
from dulwich.errors import GitProtocolError, HangupException, NotGitRepository

from accounts.scope import workspace_scope
from knowledge.fetching import web
from knowledge.fetching.errors import FetchError
from knowledge.fetching.web import Network, Request
from knowledge.models import Source, SourcePage
from knowledge.parsing.document import Broken, Document
from knowledge.sources import pages, runs
from knowledge.sources.pages import Kept
from knowledge.sources.runs import Ended, SourceFailed
from knowledge.sources.settings import GitSettings
from knowledge.sources.visiting import Tools, Visit, visiting

LARGEST = 100_000_000  # bytes of a pack
TOTAL_S = 300.0
BATCH = 50
MOST_PAGES = 20_000


@dataclass
class _Answer:
    content_type: str
    redirect_location: str = ""
    status: int = 200

    def close(self) -> None:
        pass


class _Client(AbstractHttpGitClient):
    """dulwich's client over `web.get`; what fails is a FetchError."""

    def __init__(self, base_url: str, network: Network) -> None:
        super().__init__(base_url, quiet=True)
        self._network = network

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,
    ) -> tuple[Any, Callable[[int], bytes]]:
        body = data if data is None or isinstance(data, bytes) else b"".join(data)
        request = Request(url, headers or {}, body, largest=LARGEST, total_s=TOTAL_S)
        found = web.get(request, self._network)
        if found.location:
            raise FetchError(f"leads to {found.location[:200]}; give that address instead")
        if found.status in {401, 403, 404}:
            raise FetchError("there is no public repository at this address")
        if found.status != 200 or not found.kind.startswith("application/x-git-"):
            raise FetchError(f"is no Git repository (status {found.status})")
        return _Answer(found.kind), BytesIO(found.body).read


@dataclass
class _Wanted:
    """Chooses the one commit to fetch, and remembers it. known: it is here already."""

    branch: str
    known: str
    commit: str = ""

    def __call__(self, refs: Mapping[Any, bytes], depth: int | None = None) -> list[Any]:
        name = f"refs/heads/{self.branch}".encode() if self.branch else b"HEAD"
        if name not in refs:
            raise FetchError("has no such branch" if self.branch else "has no commit")
        self.commit = refs[name].decode()
        return [] if self.commit == self.known else [refs[name]]


class _NothingKnown:
    """A walk over commits that are here: there are none."""

    shallow: frozenset[bytes] = frozenset()

    def __next__(self) -> None:
        return None

    def ack(self, sha: bytes) -> None:
        pass

    def nak(self) -> None:
        pass


def advance(source: Source, tools: Tools) -> Ended | None:
    """The whole run. Raises SourceFailed."""
    settings = GitSettings.from_json(source.settings)
    with visiting(source, tools) as visit:
        tools.wait(urlsplit(source.location).hostname or "", 0.0)
        pack = visit.folder / "repository.pack"
        wanted = _Wanted(settings.branch, source.progress.get("commit", ""))
        try:
            _fetch(source.location, tools.network, wanted, pack)
        except (FetchError, GitProtocolError, HangupException, NotGitRepository) as error:
            raise SourceFailed(str(error)[:300] or "The repository cannot be read.") from None
        if not pack.exists():
            return _nothing_new(source)
        _read(visit, settings, pack, wanted.commit)
    return _end(source, wanted.commit)


def _fetch(location: str, network: Network, wanted: _Wanted, pack: Path) -> None:
    path = urlsplit(location).path
    client = _Client(location.removesuffix(path), network)
    parts: list[bytes] = []

    def take(part: bytes) -> int:
        parts.append(part)
        return len(part)

    client.fetch_pack(
        path,
        wanted,
        _NothingKnown(),
        take,
        depth=1,
        filter_spec=b"blob:limit=5000000",
    )
    if parts:
        pack.write_bytes(b"".join(parts))


def _nothing_new(source: Source) -> Ended:
    with workspace_scope(source.workspace_id):
        count = SourcePage.objects.filter(source=source, state="done").count()
        runs.count(source, unchanged=count)
    return Ended()


def _read(visit: Visit, settings: GitSettings, pack: Path, commit: str) -> None:
    """Every file in batches. Raises SourceFailed where the repository is not read to its end."""
    parts = urlsplit(visit.source.location)
    prefix = f"{parts.hostname}{parts.path}".rstrip("/").removesuffix(".git")
    more = {
        "work": "pack",
        "commit": commit,
        "folder": settings.folder,
        "pattern": settings.pattern,
        "lang": settings.lang,
        "audience": settings.audience,
    }
    batch: list[Document | Broken] = []
    for one in visit.reader.file(pack, prefix, **more):
        if isinstance(one, Broken) and one.doc_id == prefix:
            raise SourceFailed(f"The repository {one.reason}.")
        batch.append(one)
        if len(batch) == BATCH:
            _keep(visit.source, batch)
            batch = []
    _keep(visit.source, batch)


def _keep(source: Source, batch: Sequence[Document | Broken]) -> None:
    """One transaction for some files."""
    with workspace_scope(source.workspace_id):
        addresses = [(one.doc_id or "")[:1000] for one in batch]
        pages.remember(source, addresses, depth=0, most=MOST_PAGES)
        rows = {
            page.address: page
            for page in SourcePage.objects.filter(source=source, address__in=addresses)
        }
        for address, one in zip(addresses, batch, strict=True):
            page = rows.pop(address, None)
            if page is None:
                continue  # twice in one batch
            if isinstance(one, Broken):
                pages.failed(source, page, one.reason)
            else:
                pages.save(source, page, replace(one, doc_id=pages.identity(address)), Kept())


def _end(source: Source, commit: str) -> Ended:
    """Retire what is gone. A commit with files that failed is read again next time."""
    done = False
    while not done:
        with workspace_scope(source.workspace_id):
            done = pages.retire_unseen(source)
    if not source.counts.get("failed"):
        with workspace_scope(source.workspace_id):
            runs.note(source, commit=commit)
    return Ended()
