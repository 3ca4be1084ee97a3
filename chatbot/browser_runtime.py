"""What a visitor's browser needs to run the embedder: made once, served as static files.

One folder, named for what it holds: ONNX Runtime's WebAssembly (from its npm package, pinned), the
shipped embedder and its vocabulary, each also gzipped, since that is what a browser keeps. Nothing
of it is in the repository. Without the folder, or with one that was made for another embedder, no
workspace offers suggestions in the browser.
"""

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from inference.errors import ModelUnavailable
from inference.manifest import load_manifest

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
SHA512 = (
    "ab4cbe26baedba45d2cec05610c71c55fa97db92d19a8b171c5f8269126683ca"
    "590a5cdc57bb2f35ce2b298de32f4d956fb42644c0ecd528a0a91e025c07ca61"
)
# Its file → our name for it, and its SHA-256.
TAKEN = {
    "package/dist/ort.wasm.bundle.min.mjs": (
        "ort.mjs",
        "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    ),
    "package/dist/ort-wasm-simd-threaded.wasm": (
        "ort.wasm",
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
    ),
}
OURS = ("model.onnx", "vocab.txt")
MOST_BYTES = 60_000_000
TIMEOUT_S = 120.0


class RuntimeUnavailable(Exception):
    """The message is for whoever runs the command."""


@cache
def available() -> str | None:
    """The folder's name if this server has one for its embedder. Read once: a start decides.

    Like the static files, which WhiteNoise looks for when it starts.
    """
    try:
        name = folder_name(_files_of_embedder())
    except ModelUnavailable:
        return None
    names = [ours for ours, _ in TAKEN.values()] + list(OURS)
    folder = settings.BROWSER_RUNTIME_DIR / name
    return name if all((folder / one).is_file() for one in names) else None


def folder_name(embedder: Mapping[str, str]) -> str:
    """16 hexadecimal digits over all that the folder is made of."""
    parts = [SHA512, *(f"{name} {digest}" for name, digest in sorted(embedder.items()))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def embedder_fingerprint() -> str:
    """What the vectors of the shipped embedder are stored under. Raises ModelUnavailable."""
    return _fingerprint(settings.MODELS_DIR)


@cache
def _fingerprint(models: Path) -> str:
    return load_manifest(models / "embedder", kind="embedder").fingerprint


def _files_of_embedder() -> dict[str, str]:
    """As the manifest says, without reading the files themselves."""
    try:
        path = settings.MODELS_DIR / "embedder" / "manifest.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelUnavailable("the embedder has no readable manifest") from None


def make(package: Path | None = None) -> Path:
    """Make the folder unless it is there; others are removed. package: a file instead of npm's.

    Raises RuntimeUnavailable, ModelUnavailable; nothing is changed then.
    """
    root: Path = settings.BROWSER_RUNTIME_DIR
    manifest = load_manifest(settings.MODELS_DIR / "embedder", kind="embedder")
    name = folder_name(manifest.files)
    if not (root / name).is_dir():
        parts = _parts_of_package(root, package)
        parts["model.onnx"] = manifest.path(str(manifest.settings["model"])).read_bytes()
        parts["vocab.txt"] = _vocabulary(manifest.path("tokenizer.json"))
        _write(root, name, parts)
    for other in root.iterdir():
        if other.name != name and other.is_dir():  # a desktop leaves files of its own
            shutil.rmtree(other)
    return root / name


def _parts_of_package(root: Path, package: Path | None) -> dict[str, bytes]:
    """From an earlier folder where that has them, so that another embedder needs no network."""
    for folder in root.glob("*/"):
        paths = {ours: (folder / ours, digest) for ours, digest in TAKEN.values()}
        if all(path.is_file() for path, _ in paths.values()):
            found = {ours: path.read_bytes() for ours, (path, _) in paths.items()}
            if all(_sha256(found[ours]) == digest for ours, (_, digest) in paths.items()):
                return found
    return unpack(package.read_bytes() if package else download(registry()))


def unpack(data: bytes) -> dict[str, bytes]:
    """The files that are taken, by our names. Raises RuntimeUnavailable unless all is as pinned."""
    if hashlib.sha512(data).hexdigest() != SHA512:
        raise RuntimeUnavailable(f"This is not the {PACKAGE} {VERSION} that is pinned; not used.")
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for theirs, (ours, digest) in TAKEN.items():
            file = archive.extractfile(theirs)
            found[ours] = file.read() if file else b""
            if _sha256(found[ours]) != digest:
                raise RuntimeUnavailable(f"{theirs} is not what is pinned; not used.")
    return found


def registry() -> str:
    """NPM_REGISTRY, else what npm is set to. Raises RuntimeUnavailable where neither is known."""
    address = settings.NPM_REGISTRY
    npm = shutil.which("npm")
    if not address and npm:
        asked = subprocess.run(
            [npm, "config", "get", "registry"], capture_output=True, text=True, check=False
        )
        address = asked.stdout.strip()
    if urlsplit(address).scheme not in {"http", "https"}:
        raise RuntimeUnavailable(
            "There is no npm here to say where packages come from. Set NPM_REGISTRY to a "
            f"registry's address, or give {PACKAGE}-{VERSION}.tgz with --package."
        )
    return str(address)


def download(address: str) -> bytes:
    """The package as the registry has it; not yet compared with the pinned digest."""
    where = f"{address.rstrip('/')}/{PACKAGE}/-/{PACKAGE}-{VERSION}.tgz"
    try:
        with urllib.request.urlopen(where, timeout=TIMEOUT_S) as answer:  # noqa: S310  # http(s), as `registry` checks
            return bytes(answer.read(MOST_BYTES))
    except (OSError, urllib.error.URLError) as error:
        reason = type(error).__name__
        raise RuntimeUnavailable(f"The registry did not give {PACKAGE}: {reason}.") from None


def _vocabulary(tokenizer: Path) -> bytes:
    """One token a line, in the order of the ids."""
    ids: dict[str, int] = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
    lines = sorted(ids, key=lambda token: ids[token])
    if [ids[line] for line in lines] != list(range(len(lines))):
        raise ModelUnavailable("the vocabulary has gaps")
    return "\n".join(lines).encode()


def _write(root: Path, name: str, parts: Mapping[str, bytes]) -> None:
    """All of it or nothing: a folder with its name is complete."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as temporary:
        fresh = Path(temporary) / name
        fresh.mkdir(mode=0o755)
        for file, content in parts.items():
            (fresh / file).write_bytes(content)
            (fresh / f"{file}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        if not (root / name).exists():
            fresh.rename(root / name)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
