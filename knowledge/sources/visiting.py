"""How a source's steps reach the network and the parser, and what a site's robots.txt says.

`Tools` is the one seam for tests; the worker calls with the default.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accounts.scope import workspace_scope
from knowledge.fetching import robots, web
from knowledge.fetching.errors import FetchError
from knowledge.fetching.pace import wait_turn
from knowledge.fetching.places import joined, place_of
from knowledge.fetching.web import PUBLIC, Network, Request, Response
from knowledge.models import Source
from knowledge.parsing.reader import Reader
from knowledge.sources import runs
from knowledge.sources.runs import SourceFailed

STEP_S = 20.0
MOST_REDIRECTS = 5
SLOWEST_S = 30.0


@dataclass(frozen=True)
class Tools:
    """wait: returns when a host may be asked again. step_s: how long one step goes on."""

    network: Network = PUBLIC
    wait: Callable[[str, float], None] = wait_turn
    step_s: float = STEP_S


@dataclass
class Visit:
    """One step's connections, parser and folder."""

    source: Source
    tools: Tools
    reader: Reader
    folder: Path

    def get(self, url: str, **more: Any) -> Response:
        """Ask once, in turn. Raises Refused and FetchError."""
        host = place_of(url).host
        slowed_s = self.source.progress.get("delays", {}).get(host, 0.0)
        self.tools.wait(host, max(slowed_s, self.rules(url).delay_s))
        return web.get(Request(url, **more), self.tools.network)

    def slow_down(self, url: str, wished: str) -> None:
        """After 429 or 503: twice as slow, or as the server wishes."""
        host = place_of(url).host
        wish_s = float(wished) if wished.isascii() and wished.isdigit() else 0.0
        delays: dict[str, float] = self.source.progress.get("delays", {})
        slower_s = min(max(2 * delays.get(host, 1.0), wish_s), SLOWEST_S)
        with workspace_scope(self.source.workspace_id):
            runs.note(self.source, delays=delays | {host: slower_s})

    def follow(self, url: str, **more: Any) -> Response:
        """For robots.txt and sitemaps: redirects are followed, each checked like the first."""
        for _ in range(MOST_REDIRECTS):
            response = web.get(Request(url, **more), self.tools.network)
            if not response.location:
                return response
            target = joined(url, response.location)
            if target is None:
                raise FetchError("leads to an address that is not read")
            url = target
        raise FetchError("leads on and on")

    def rules(self, url: str) -> robots.Rules:
        """Those of the page's site, asked for once a run. Raises SourceFailed."""
        place = place_of(url)
        known: dict[str, Any] = self.source.progress.get("robots", {})
        if place.origin in known:
            return robots.Rules.from_json(known[place.origin])
        found = self._asked(place.origin)
        with workspace_scope(self.source.workspace_id):
            runs.note(self.source, robots=known | {place.origin: found.as_json()})
        return found

    def _asked(self, origin: str) -> robots.Rules:
        try:
            answer = self.follow(f"{origin}/robots.txt", largest=robots.LARGEST)
        except FetchError as error:
            raise SourceFailed(f"{origin}/robots.txt: {error}") from None
        if answer.status == 200:
            return robots.parse(answer.body)
        if 400 <= answer.status < 500 and answer.status != 429:
            return robots.Rules()
        raise SourceFailed(
            f"{origin}/robots.txt: status {answer.status}, so nothing of the site may be read"
        )

    def file(self, name: str, data: bytes) -> Path:
        """For the parser, which is given paths."""
        path = self.folder / name
        path.write_bytes(data)
        return path


@contextmanager
def visiting(source: Source, tools: Tools) -> Iterator[Visit]:
    with Reader() as reader, tempfile.TemporaryDirectory(prefix="source-") as folder:
        yield Visit(source, tools, reader, Path(folder))
