"""The generators that the operator has added: kept by content, named, unpacked where they run.

In the storage `artefacts`, beside the workspaces' own models: generators/blobs/SHA256 is a file,
generators/names/NAME.json the manifest that names them. They belong to the whole service, and any
workspace may choose one by its name.

Invalid     the folder, or the name, cannot be used; the message says why, for the operator
NotFound    no model of this name
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from accounts.errors import Invalid, NotFound
from inference.errors import ModelUnavailable
from inference.generator_folder import MANIFEST, is_needed
from inference.generator_manifest import manifest_for

NAMES, BLOBS = "generators/names", "generators/blobs"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
DIGEST = re.compile(r"[0-9a-f]{64}")
NAME_FORM = "a name has small letters, digits, dots, dashes and underscores, at most 60"

Manifest = Mapping[str, Any]


def name_for(text: str) -> str:
    """A name made of a folder's or a repository's."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:60]


def check_name(name: str) -> None:
    """Raises Invalid."""
    if not NAME.fullmatch(name):
        raise Invalid(f"{name!r}: {NAME_FORM}")


def add(folder: Path, name: str, *, owned: bool = False) -> Manifest:
    """Check the folder's form, and keep its files under a name. The same again changes nothing.

    owned: nobody else writes to the files, so they may be linked. Raises Invalid.
    """
    check_name(name)
    try:
        manifest = manifest_for(folder, name)
    except ModelUnavailable as error:
        raise Invalid(str(error)) from None
    if name in names():
        if manifest_of(name)["files"] == manifest["files"]:
            return manifest
        raise Invalid(f"there is another model named {name}: remove it, or choose a name")
    for file, digest in manifest["files"].items():
        _keep(folder / file, digest, owned=owned)
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
    place = f"{NAMES}/{name}.json"
    saved = _storage().save(place, ContentFile(text.encode()))
    if saved != place:  # another command took the name meanwhile, and the storage chose one
        _storage().delete(saved)
        raise Invalid(f"a model named {name} was added at the same time: look at it first")
    return manifest


def names() -> tuple[str, ...]:
    """Of all models that were added, in order."""
    try:
        _folders, files = _storage().listdir(NAMES)
    except FileNotFoundError:
        return ()
    found = (file.removesuffix(".json") for file in files if file.endswith(".json"))
    return tuple(sorted(name for name in found if NAME.fullmatch(name)))


def manifest_of(name: str) -> Manifest:
    """Raises NotFound."""
    if not NAME.fullmatch(name):
        raise NotFound("no such model")
    try:
        with _storage().open(f"{NAMES}/{name}.json") as file:
            found = json.loads(file.read())
    except FileNotFoundError:
        raise NotFound("no such model") from None
    if not all(is_needed(file) and DIGEST.fullmatch(mark) for file, mark in found["files"].items()):
        raise NotFound("no such model")
    return dict(found)


def remove(name: str) -> None:
    """And the files that no other model has. Raises NotFound."""
    gone = set(manifest_of(name)["files"].values())
    _storage().delete(f"{NAMES}/{name}.json")
    for other in names():
        gone -= set(manifest_of(other)["files"].values())
    for digest in sorted(gone):
        _storage().delete(f"{BLOBS}/{digest}")
    _tidy({_key(manifest_of(other)) for other in names()})


def unpacked(name: str) -> Path:
    """A folder with the model's files and manifest, on this machine's disk. Raises NotFound.

    Sizes are looked at here; whoever loads the model checks the digests. Cost: at the first call
    on a machine, a link or a copy of each file.
    """
    manifest = manifest_of(name)
    folder = _unpacked_root() / _key(manifest)
    if not (folder / MANIFEST).is_file():
        _unpack(manifest, folder)
    return folder


def _unpack(manifest: Manifest, folder: Path) -> None:
    """Beside the goal, then moved: nobody sees half a folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    try:
        for file, digest in manifest["files"].items():
            _fetch(digest, fresh / file)
        (fresh / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        if not (folder / MANIFEST).is_file():  # what somebody has half deleted
            shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # another process was faster
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _fetch(digest: str, goal: Path) -> None:
    place = f"{BLOBS}/{digest}"
    try:
        with contextlib.suppress(NotImplementedError, OSError):  # not a disk, or another one
            os.link(_storage().path(place), goal)
            return
        with _storage().open(place) as kept, goal.open("wb") as file:
            shutil.copyfileobj(kept, file, 1_000_000)
    except FileNotFoundError:
        raise NotFound("a file of the model is missing in the storage") from None


def _keep(path: Path, digest: str, *, owned: bool) -> None:
    place = f"{BLOBS}/{digest}"
    if _storage().exists(place):
        if _storage().size(place) == path.stat().st_size:
            return
        _storage().delete(place)  # a copy that was killed on its way
    if owned:
        with contextlib.suppress(NotImplementedError, OSError):
            goal = Path(_storage().path(place))
            goal.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, goal)
            return
    with path.open("rb") as file:
        _storage().save(place, File(file))


def _tidy(needed: Collection[str]) -> None:
    """What is unpacked here and belongs to no model any more. A loaded model keeps its files."""
    root = _unpacked_root()
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.name not in needed:
            shutil.rmtree(folder, ignore_errors=True)


def _key(manifest: Manifest) -> str:
    """Another one where the files or the frame are other ones."""
    text = json.dumps(manifest, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _storage() -> Storage:
    return storages["artefacts"]


def _unpacked_root() -> Path:
    return Path(settings.ARTEFACT_CACHE_DIR) / "generators" / "unpacked"
