"""Models in the house are kept by content under a name; what is no model is refused."""

import json
import os
import signal
import threading
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.errors import Invalid, NotFound
from chatbot.local_models import store
from chatbot.local_models.engine import Engine
from chatbot.tests.in_house import CONFIG, added, folder, own_store, standing_in
from inference.errors import ModelUnavailable
from inference.generator_folder import cleaned_config
from inference.manifest import load_manifest


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Settings) -> Path:
    own_store(tmp_path, settings)
    return tmp_path


def models(*arguments: str) -> str:
    out = StringIO()
    call_command("models", *arguments, stdout=out)
    return out.getvalue()


def kept(root: Path) -> list[str]:
    blobs = root / "kept" / "generators" / "blobs"
    return sorted(path.name for path in blobs.iterdir()) if blobs.is_dir() else []


def test_a_folder_is_added_listed_unpacked_and_removed(root: Path) -> None:
    assert "None." in models("list")
    told = models("add", str(folder(root, "My Model_4k")))
    assert "my-model_4k  qwen3" in told and "reads 1,024 tokens" in told
    assert "my-model_4k" in models("list") and store.names() == ("my-model_4k",)
    unpacked = store.unpacked("my-model_4k")
    manifest = load_manifest(unpacked, kind="generator")  # every digest is checked
    assert sorted(manifest.files) == [
        "genai_config.json",
        "model.onnx",
        "model.onnx.data",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    assert manifest.settings["frame"] == {
        "before": "<|im_start|>system\n",
        "between": "<|im_end|>\n<|im_start|>user\n",
        "after": "<|im_end|>\n<|im_start|>assistant\n",
    }
    assert "is removed" in models("remove", "my-model_4k")
    assert store.names() == () and kept(root) == [] and not unpacked.exists()
    with pytest.raises(CommandError, match="There is no model"):
        models("remove", "my-model_4k")


def test_the_same_again_changes_nothing_and_another_by_its_name_is_refused(root: Path) -> None:
    one = folder(root, "one")
    models("add", str(one))
    before = kept(root)
    models("add", str(one))
    assert kept(root) == before
    (one / "model.onnx").write_bytes(b"others")
    with pytest.raises(CommandError, match="another model named one"):
        models("add", str(one))
    models("add", str(one), "--name", "two")
    assert len(kept(root)) == len(before) + 1
    models("remove", "one")  # what both have stays for the other
    assert load_manifest(store.unpacked("two"), kind="generator").files
    assert len(kept(root)) == len(before)


@pytest.mark.parametrize("name", ["../up", "A", "", ".hidden", "a/b", "x" * 61])
def test_a_name_leads_nowhere_else(root: Path, name: str) -> None:
    made = folder(root, "good")
    with pytest.raises(Invalid):
        store.add(made, name)
    with pytest.raises(NotFound):
        store.manifest_of(name)
    assert store.names() == ()


def test_what_is_missing_or_wrong_is_said(root: Path) -> None:
    for name, said in (
        ("genai_config.json", "genai_config.json is missing"),
        ("model.onnx", "model.onnx is missing"),
        ("tokenizer.json", "tokenizer.json is missing"),
        ("tokenizer_config.json", "no chat template"),
    ):
        made = folder(root, f"without-{name}")
        (made / name).unlink()
        with pytest.raises(CommandError, match=said):
            models("add", str(made))
    made = folder(root, "bad-tokenizer")
    (made / "tokenizer.json").write_text("{}")
    with pytest.raises(CommandError, match=r"tokenizer\.json does not load"):
        models("add", str(made))
    with pytest.raises(CommandError, match="is not a folder"):
        models("add", str(root / "nowhere"))
    assert store.names() == () and kept(root) == []


@pytest.mark.parametrize(
    "change",
    [
        {"decoder": {"filename": "../../etc/passwd"}},
        {"decoder": {"filename": "/bin/sh"}},
        {"vision": {"filename": "vision.onnx"}},
        {"type": "../x"},
        {"context_length": "many"},
        {"decoder": None},
    ],
)
def test_a_strange_config_is_refused(root: Path, change: dict[str, object]) -> None:
    made = folder(root, "strange")
    config = CONFIG | {"model": CONFIG["model"] | change}
    (made / "genai_config.json").write_text(json.dumps(config))
    with pytest.raises(ModelUnavailable, match="genai_config"):
        cleaned_config(made)


def test_of_the_config_only_known_fields_reach_the_runtime(root: Path) -> None:
    cleaned = cleaned_config(folder(root, "hostile"))
    assert "custom_ops_library" not in json.dumps(cleaned)
    assert cleaned["model"]["decoder"]["session_options"] == {"provider_options": []}


def test_an_altered_file_is_not_used(root: Path) -> None:
    store.add(folder(root, "one"), "one")
    blob = next(p for p in (root / "kept/generators/blobs").iterdir() if p.stat().st_size > 1_000)
    blob.write_bytes(b"altered" + blob.read_bytes()[7:])
    with pytest.raises(ModelUnavailable, match="is missing or was altered"):
        load_manifest(store.unpacked("one"), kind="generator")
    blob.unlink()
    (store.unpacked("one") / "manifest.json").unlink()
    with pytest.raises(NotFound, match="missing in the storage"):
        store.unpacked("one")


def test_a_copy_that_was_killed_on_its_way_is_made_anew(root: Path) -> None:
    made = folder(root, "one")
    store.add(made, "one")
    blobs = root / "kept/generators/blobs"
    whole = {path.name: path.read_bytes() for path in blobs.iterdir()}
    (root / "kept/generators/names/one.json").unlink()  # it is written last
    for path in blobs.iterdir():
        path.write_bytes(path.read_bytes()[:10])
    store.add(made, "one")
    assert {path.name: path.read_bytes() for path in blobs.iterdir()} == whole


def test_of_two_at_once_one_gets_the_name(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(folder(root, "one"), "same")
    first = store.manifest_of("same")
    with monkeypatch.context() as patched:
        patched.setattr(store, "names", tuple)  # as it was when the second looked
        with pytest.raises(Invalid, match="at the same time"):
            store.add(folder(root, "two"), "same")
    assert store.names() == ("same",) and store.manifest_of("same") == first
    assert [path.name for path in (root / "kept/generators/names").iterdir()] == ["same.json"]


def test_nobody_waits_for_a_process_that_does_not_read(
    root: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while it loads a model: the loop that asks keeps the leases of all others."""
    for _ in standing_in(root, settings, monkeypatch):
        mine, ended = Engine(), threading.Semaphore(0)

        def hear(message: dict[str, Any], ended: threading.Semaphore = ended) -> None:
            if message.get("end") == "length":
                ended.release()

        place = store.unpacked(added(root, "length"))
        mine.load(place)
        assert mine._process
        os.kill(mine._process.pid, signal.SIGSTOP)
        try:
            ask = partial(mine.ask, place, "i", "д" * 40_000, most_tokens=5, hear=hear)
            asking = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
            for one in asking:
                one.start()
            for one in asking:
                one.join(20)
            assert not any(one.is_alive() for one in asking)
        finally:
            os.kill(mine._process.pid, signal.SIGCONT)
        assert all(ended.acquire(timeout=20) for _ in range(3))
        mine.close()
