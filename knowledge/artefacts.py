"""Model files of workspaces: kept by content, always verified, unpacked into a bounded cache.

A file lies in the storage `artefacts` under WORKSPACE/SHA256. Both parts of that name are checked,
so that no value of a row can lead elsewhere. What does not have its digest is never used.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

from inference.errors import ModelUnavailable

DIGEST = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
MANIFEST = "manifest.json"
MOST_FILES = 20

Files = Mapping[str, str]  # a file's name → its SHA-256


def keep(workspace_id: UUID, folder: Path) -> dict[str, str]:
    """Put the files of one part into the storage; those that are there already stay.

    Returns name → SHA-256. Raises ModelUnavailable for a folder that is no artefact.
    """
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    files = {path.name: _digest(path) for path in paths}
    _check(files)
    for path in paths:
        name = _place(workspace_id, files[path.name])
        if not _storage().exists(name):
            with path.open("rb") as file:
                _storage().save(name, File(file))
    return files


def unpacked(workspace_id: UUID, files: Files) -> Path:
    """A folder with exactly these files, from the cache if it is there and whole.

    Raises ModelUnavailable where a file is missing, altered or badly named.
    """
    _check(files)
    root = _cache()
    folder = root / str(UUID(str(workspace_id))) / _key(files)
    if not _whole(folder, files):
        shutil.rmtree(folder, ignore_errors=True)
        _fetch(workspace_id, files, folder)
    (folder / MANIFEST).touch()  # when it was used last
    _evict(root, folder)
    return folder


def stored(workspace_id: UUID) -> set[str]:
    """The digests of all files that are kept for a workspace."""
    folder = str(UUID(str(workspace_id)))
    try:
        _folders, names = _storage().listdir(folder)
    except FileNotFoundError:
        return set()
    return {name for name in names if DIGEST.fullmatch(name)}


def remove(workspace_id: UUID, digests: Collection[str], *, older_than: datetime) -> int:
    """Delete files that were put there before a moment; how many."""
    removed = 0
    for digest in sorted(digests):
        place = _place(workspace_id, digest)
        if DIGEST.fullmatch(digest) and _storage().get_modified_time(place) < older_than:
            _storage().delete(place)
            removed += 1
    return removed


def size(files: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in files.rglob("*") if path.is_file())


def _check(files: Files) -> None:
    good = all(
        isinstance(digest, str) and NAME.fullmatch(name) and DIGEST.fullmatch(digest)
        for name, digest in files.items()
    )
    if not good or MANIFEST not in files or len(files) > MOST_FILES:
        raise ModelUnavailable("an artefact needs a manifest and files with plain names")


def _fetch(workspace_id: UUID, files: Files, folder: Path) -> None:
    """Copy beside the goal, verify, then move: nobody sees half a folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    try:
        for name, digest in files.items():
            try:
                kept = _storage().open(_place(workspace_id, digest))
                with kept, (fresh / name).open("wb") as file:
                    shutil.copyfileobj(kept, file)
            except OSError as error:
                raise ModelUnavailable(f"{name} is not kept ({type(error).__name__})") from None
            if _digest(fresh / name) != digest:
                raise ModelUnavailable(f"{name} was altered in the storage")
        try:
            fresh.rename(folder)
        except OSError:  # another process was faster
            if not _whole(folder, files):
                raise ModelUnavailable("the cache cannot be written") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _whole(folder: Path, files: Files) -> bool:
    return folder.is_dir() and all(
        (folder / name).is_file() and _digest(folder / name) == digest
        for name, digest in files.items()
    )


def _evict(root: Path, used: Path) -> None:
    """Drop the folders that were used longest ago until the rest fits; never the one in use."""
    folders = [path.parent for path in root.glob(f"*/*/{MANIFEST}")]
    weights = {folder: size(folder) for folder in folders}
    total = sum(weights.values())
    oldest_first = sorted(weights, key=lambda folder: (folder / MANIFEST).stat().st_mtime)
    for folder in oldest_first:
        if total <= settings.ARTEFACT_CACHE_MB * 1_000_000:
            return
        if folder != used:
            shutil.rmtree(folder, ignore_errors=True)
            total -= weights[folder]


def _place(workspace_id: UUID, digest: str) -> str:
    return f"{UUID(str(workspace_id))}/{digest}"


def _key(files: Files) -> str:
    """One folder name for one set of files."""
    joined = "\n".join(f"{name} {digest}" for name, digest in sorted(files.items()))
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _storage() -> Storage:
    return storages["artefacts"]


def _cache() -> Path:
    return Path(settings.ARTEFACT_CACHE_DIR)
