"""Fetch a generator from a model hub, by the interface of the Hugging Face Hub.

GET {hub}/api/models/REPO/tree/REVISION lists the files, GET {hub}/REPO/resolve/REVISION/FILE gives
one, perhaps by way of another host. Only https is spoken, and plain http to this machine. What
comes is checked against the digest in the list: SHA-256 of large files, Git's SHA-1 of small ones.
A fetch that was killed goes on where it stopped; a model is added only when all of it is there.

Invalid     what was asked for is not there, too large, altered, or the hub fails
"""

import fcntl
import hashlib
import json
import posixpath
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx2
from django.conf import settings

from accounts.errors import Invalid
from chatbot.local_models import store
from inference.generator_folder import CONFIG, MOST_FILES, is_needed

REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95})?")
REVISION = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")
SHA256, SHA1 = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")
LOCAL = {"127.0.0.1", "localhost", "::1"}
MOST_REDIRECTS, MOST_PAGES, MOST_LIST_BYTES = 5, 20, 20_000_000
MOST_BYTES = 1 << 50  # of one file, as a list says it
TRIES = 5  # that bring nothing new
PART_BYTES = 1 << 20
NO_ADDRESS = "the hub sends to something that is no address"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """folder: inside the repository, where it holds several models; "" for its root."""

    repository: str
    revision: str = "main"
    folder: str | None = None
    most_bytes: int = 10_000_000_000


@dataclass(frozen=True)
class RemoteFile:
    """digest: SHA-256, else Git's SHA-1 of a blob."""

    path: str
    size: int
    digest: str

    @property
    def name(self) -> str:
        return posixpath.basename(self.path)


def pull(wanted: Wanted, name: str, *, say: Say) -> store.Manifest:
    """Fetch, check and add. Raises Invalid; what has come by then is kept for the next call."""
    if not REPOSITORY.fullmatch(wanted.repository) or not REVISION.fullmatch(wanted.revision):
        raise Invalid("a model is named OWNER/NAME, and a revision is a branch, tag or commit")
    store.check_name(name)  # before gigabytes come
    with _place(wanted) as place, _client() as client:
        files = _chosen(_listed(client, wanted), wanted)
        for number, file in enumerate(files, start=1):
            say(f"{number} of {len(files)}: {file.name}, {file.size / 1e6:,.1f} MB")
            _fetch(client, wanted, file, place / file.name)
        for other in place.iterdir():
            if other.name not in {file.name for file in files}:
                other.unlink()
        manifest = store.add(place, name, owned=True)
        shutil.rmtree(place)
    return manifest


@contextmanager
def _place(wanted: Wanted) -> Iterator[Path]:
    """The folder that this fetch fills, for one process at a time."""
    key = f"{settings.MODEL_HUB_URL} {wanted.repository} {wanted.revision} {wanted.folder}"
    root = Path(settings.ARTEFACTS_DIR) / "generators" / "pulls"
    place = root / hashlib.sha256(key.encode()).hexdigest()[:24]
    root.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Invalid("this model is being fetched already") from None
        place.mkdir(exist_ok=True)  # under the lock: whoever had it before has removed it
        yield place


def _client() -> httpx2.Client:
    timeout = httpx2.Timeout(30.0, connect=10.0)
    return httpx2.Client(timeout=timeout, follow_redirects=False)


def _listed(client: httpx2.Client, wanted: Wanted) -> list[RemoteFile]:
    """Every file of the repository."""
    url: str | None = (
        f"{settings.MODEL_HUB_URL}/api/models/{wanted.repository}/tree/{wanted.revision}"
        "?recursive=true"
    )
    rows: list[Any] = []
    for _ in range(MOST_PAGES):
        assert url is not None
        with _reached(client, url) as answer:
            if answer.status_code in {401, 403, 404}:
                raise Invalid(f"the hub has no model {wanted.repository} that you may fetch")
            if answer.status_code != 200:
                raise Invalid(f"the hub answers {answer.status_code}")
            rows += _rows(answer)
            url = _next_page(answer)
        if url is None:
            found = [file for row in rows if (file := _file(row))]
            if len({file.path for file in found}) < len(found):
                raise Invalid("the hub's list names a file twice")
            return found
    raise Invalid("the repository has too many files")


@contextmanager
def _reached(client: httpx2.Client, url: str) -> Iterator[httpx2.Response]:
    try:
        with _opened(client, url) as answer:
            yield answer
    except httpx2.TransportError as error:
        raise Invalid(f"the hub cannot be reached ({type(error).__name__})") from None


def _rows(answer: httpx2.Response) -> list[Any]:
    body = b""
    try:
        for part in answer.iter_bytes():
            body += part
            if len(body) > MOST_LIST_BYTES:
                raise Invalid("the hub's list is too long")
        found = json.loads(body)
    except (httpx2.HTTPError, ValueError, RecursionError) as error:
        raise Invalid(f"the hub's list cannot be read ({type(error).__name__})") from None
    if not isinstance(found, list):
        raise Invalid("the hub's list cannot be read")
    return found


def _next_page(answer: httpx2.Response) -> str | None:
    found = answer.links.get("next", {}).get("url")
    return _joined(str(answer.url), found) if found else None


def _file(row: Any) -> RemoteFile | None:
    """None for folders, and for files that no generator has."""
    if not isinstance(row, dict) or row.get("type") != "file":
        return None
    path, large = row.get("path"), row.get("lfs") or {}
    if not isinstance(path, str) or not is_needed(posixpath.basename(path)):
        return None
    told = {**row, **large} if isinstance(large, dict) else {}
    size, digest = told.get("size"), told.get("oid")
    form = SHA256 if large else SHA1
    if not isinstance(digest, str) or not form.fullmatch(digest):
        raise Invalid(f"the hub gives no checksum of {posixpath.basename(path)}")
    if type(size) is not int or not 0 <= size <= MOST_BYTES:
        raise Invalid(f"the hub gives no size of {posixpath.basename(path)}")
    return RemoteFile(path, size, digest)


def _chosen(files: list[RemoteFile], wanted: Wanted) -> list[RemoteFile]:
    """The files of one folder. A path is compared, never followed: only its last part is used."""
    folders = sorted({posixpath.dirname(file.path) for file in files if file.name == CONFIG})
    folder = wanted.folder.strip("/") if wanted.folder is not None else None
    if folder is None and len(folders) > 1:
        raise Invalid(f"it holds several models: give --folder, one of {', '.join(folders)}")
    if not folders or folder not in {None, *folders}:
        raise Invalid(f"no {CONFIG}: it is not in onnxruntime-genai's form")
    folder = folders[0] if folder is None else folder
    found = [file for file in files if posixpath.dirname(file.path) == folder]
    size = sum(file.size for file in found)
    if len(found) > MOST_FILES or size > wanted.most_bytes:
        raise Invalid(
            f"{size / 1e9:,.2f} GB in {len(found)} files; at most {wanted.most_bytes / 1e9:,.2f} "
            f"GB in {MOST_FILES} files are fetched (--most-gb)"
        )
    return sorted(found, key=lambda file: (file.size, file.name))


def _fetch(client: httpx2.Client, wanted: Wanted, file: RemoteFile, goal: Path) -> None:
    """Go on as long as something comes. Raises Invalid."""
    if _is(file, goal):
        return
    goal.unlink(missing_ok=True)
    part = goal.with_name(f"{goal.name}.part")
    url = f"{settings.MODEL_HUB_URL}/{wanted.repository}/resolve/{wanted.revision}/"
    url += quote(file.path)
    without_gain, before = 0, -1
    while (have := _size(part)) < file.size or have == 0:
        without_gain = 0 if have > before else without_gain + 1
        if without_gain >= TRIES:
            raise Invalid(f"{file.name}: the hub breaks off. The same command goes on from here")
        before = have
        _go_on(client, url, part, most_bytes=file.size)
        if file.size == 0:
            break
    if not _is(file, part):
        part.unlink(missing_ok=True)
        raise Invalid(f"{file.name}: not what the hub's list says (checksum); it is thrown away")
    part.rename(goal)


def _go_on(client: httpx2.Client, url: str, part: Path, *, most_bytes: int) -> None:
    """One request for what is missing; a connection that breaks is no error here."""
    have = _size(part)
    try:
        with _opened(client, url, start=have) as answer:
            if answer.status_code == 416:
                part.unlink(missing_ok=True)
                return
            if answer.status_code not in {200, 206}:
                raise Invalid(f"the hub answers {answer.status_code}")
            resumed = answer.headers.get("content-range", "").startswith(f"bytes {have}-")
            goes_on = answer.status_code == 206 and resumed
            with part.open("ab" if goes_on else "wb") as file:
                room = most_bytes - (have if goes_on else 0)
                for piece in answer.iter_raw():  # as it comes: what is gathered would be lost
                    room -= len(piece)
                    if room < 0:
                        raise Invalid("more comes than the hub's list says")
                    file.write(piece)
    except (httpx2.TransportError, httpx2.StreamError):
        return


@contextmanager
def _opened(client: httpx2.Client, url: str, *, start: int = 0) -> Iterator[httpx2.Response]:
    """The answer after redirects, not yet read. The token goes to the hub alone."""
    home = urlsplit(settings.MODEL_HUB_URL)
    for _ in range(MOST_REDIRECTS + 1):
        _check_address(url)
        headers = {"accept-encoding": "identity"}
        if start:
            headers["range"] = f"bytes={start}-"
        if settings.MODEL_HUB_TOKEN and urlsplit(url)[:2] == home[:2]:
            headers["authorization"] = f"Bearer {settings.MODEL_HUB_TOKEN}"
        with client.stream("GET", url, headers=headers) as answer:
            if not answer.is_redirect:
                yield answer
                return
            url = _joined(url, answer.headers.get("location", ""))
    raise Invalid("the hub sends from one address to the next")


def _check_address(url: str) -> None:
    """https, or this machine where the hub itself is on it."""
    try:
        parts, home = urlsplit(url), urlsplit(settings.MODEL_HUB_URL)
        _ = parts.port, httpx2.URL(url)  # each has its own idea of what is none
    except (ValueError, httpx2.InvalidURL):
        raise Invalid(NO_ADDRESS) from None
    if parts.scheme == "https" and parts.hostname and not parts.username:
        return
    if parts.scheme == "http" and parts.hostname in LOCAL and home.hostname in LOCAL:
        return
    raise Invalid(f"only https is spoken, not {parts.scheme or 'nothing'} with {parts.hostname}")


def _joined(url: str, further: str) -> str:
    try:
        return urljoin(url, further)
    except ValueError:
        raise Invalid(NO_ADDRESS) from None


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is(file: RemoteFile, path: Path) -> bool:
    """Whether the path holds the file of the hub's list."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    found = hashlib.sha256()
    if SHA1.fullmatch(file.digest):
        found = hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as opened:
        while piece := opened.read(PART_BYTES):
            found.update(piece)
    return found.hexdigest() == file.digest
