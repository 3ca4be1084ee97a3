"""What the visitor's browser runs is what is pinned, and made whole or not at all."""

import hashlib
import io
import json
import shutil
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chatbot import browser_runtime
from chatbot.browser_runtime import RuntimeUnavailable
from inference.errors import ModelUnavailable

FILES = {"package/dist/ort.wasm.bundle.min.mjs": b"// ort", "package/dist/x.wasm": b"\0asm"}
NAMES = {"package/dist/ort.wasm.bundle.min.mjs": "ort.mjs", "package/dist/x.wasm": "ort.wasm"}


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


PACKAGE = packed(FILES | {"../../escape": b"x", "package/other.js": b"x"})


def embedder(models: Path, model: bytes = b"onnx") -> None:
    folder = models / "embedder"
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = json.dumps({"model": {"vocab": {"[PAD]": 0, "##b": 2, "a": 1}}}).encode()
    (folder / "model.onnx").write_bytes(model)
    (folder / "tokenizer.json").write_bytes(tokenizer)
    files = {"model.onnx": sha256(model), "tokenizer.json": sha256(tokenizer)}
    said = {"format": 1, "kind": "embedder", "name": "x", "files": files,
            "settings": {"model": "model.onnx"}}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")


@pytest.fixture
def place(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the runtime is made, with a small package as the pinned one."""
    taken = {theirs: (NAMES[theirs], sha256(content)) for theirs, content in FILES.items()}
    monkeypatch.setattr(browser_runtime, "TAKEN", taken)
    monkeypatch.setattr(browser_runtime, "SHA512", hashlib.sha512(PACKAGE).hexdigest())
    settings.BROWSER_RUNTIME_DIR, settings.MODELS_DIR = tmp_path / "browser", tmp_path / "models"
    settings.NPM_REGISTRY = ""
    embedder(settings.MODELS_DIR)
    (tmp_path / "package.tgz").write_bytes(PACKAGE)
    browser_runtime.available.cache_clear()
    yield tmp_path
    browser_runtime.available.cache_clear()


@pytest.fixture
def registry(settings: Any) -> Iterator[list[str]]:
    """A registry on this machine that knows the one package; the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            known = self.path == "/npm/onnxruntime-web/-/onnxruntime-web-1.30.0.tgz"
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(PACKAGE if known else b"")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    settings.NPM_REGISTRY = f"http://127.0.0.1:{server.server_port}/npm/"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_folder_holds_what_is_taken_and_nothing_else(place: Path) -> None:
    folder = browser_runtime.make(place / "package.tgz")
    names = {"ort.mjs", "ort.wasm", "model.onnx", "vocab.txt"}
    assert {path.name for path in folder.iterdir()} == names | {f"{name}.gz" for name in names}
    assert (folder / "vocab.txt").read_text(encoding="utf-8").split("\n") == ["[PAD]", "a", "##b"]
    assert (folder / "ort.mjs").read_bytes() == b"// ort"
    assert browser_runtime.available() == folder.name
    assert not (place.parent / "escape").exists()


def test_a_file_that_somebody_left_there_is_no_hindrance(place: Path) -> None:
    (place / "browser").mkdir()
    (place / "browser" / ".DS_Store").write_bytes(b"x")
    made = browser_runtime.make(place / "package.tgz")
    assert browser_runtime.make() == made
    assert browser_runtime.available() == made.name


def test_it_comes_from_the_registry_once(place: Path, settings: Any, registry: list[str]) -> None:
    call_command("fetch_browser_runtime")
    call_command("fetch_browser_runtime")
    assert len(registry) == 1
    first = next((place / "browser").iterdir()).name
    embedder(settings.MODELS_DIR, b"another")
    assert browser_runtime.available() is None  # of no use to this embedder
    browser_runtime.available.cache_clear()
    call_command("fetch_browser_runtime")
    assert len(registry) == 1  # what is kept is used again
    folders = [path.name for path in (place / "browser").iterdir()]
    assert len(folders) == 1 and folders != [first]


def test_another_package_than_the_pinned_one_is_refused(place: Path) -> None:
    (place / "package.tgz").write_bytes(packed(FILES | {"package/more.js": b"evil"}))
    with pytest.raises(CommandError, match="not the onnxruntime-web"):
        call_command("fetch_browser_runtime", package=place / "package.tgz")
    assert not (place / "browser").exists()
    assert browser_runtime.available() is None


def test_each_file_is_compared_as_well(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = {"package/other.js": ("ort.mjs", "0" * 64)}
    monkeypatch.setattr(browser_runtime, "TAKEN", taken)
    with pytest.raises(RuntimeUnavailable, match="package/other"):
        browser_runtime.make(place / "package.tgz")


def test_a_registry_without_it_or_none_at_all_is_said(
    place: Path, settings: Any, registry: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.NPM_REGISTRY += "elsewhere"
    with pytest.raises(RuntimeUnavailable, match="HTTPError"):
        browser_runtime.make()
    for address in ("ftp://127.0.0.1/", "file:///etc/", ""):
        settings.NPM_REGISTRY = address
        monkeypatch.setattr(shutil, "which", lambda name: None)
        with pytest.raises(RuntimeUnavailable, match="NPM_REGISTRY"):
            browser_runtime.make()
    call_command("fetch_browser_runtime", if_possible=True)
    assert browser_runtime.available() is None


def test_an_embedder_that_was_altered_is_not_given_to_anybody(place: Path, settings: Any) -> None:
    (settings.MODELS_DIR / "embedder" / "model.onnx").write_bytes(b"altered")
    with pytest.raises(ModelUnavailable):
        browser_runtime.make(place / "package.tgz")
    assert not (place / "browser").exists()
