"""A fetch from a hub goes on where it broke off, and takes what the list promised alone."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from chatbot.local_models import hub, store
from chatbot.tests.in_house import folder, own_store
from inference.manifest import load_manifest
from tests.hub_server import HubServer

TOKEN = "hub-secret-token"


@pytest.fixture
def server(tmp_path: Path, settings: Settings) -> Iterator[HubServer]:
    own_store(tmp_path, settings)
    running = HubServer.of(folder(tmp_path, "there")).start()
    settings.MODEL_HUB_URL, settings.MODEL_HUB_TOKEN = running.url, TOKEN
    yield running
    running.stop()


def pull(*more: str) -> str:
    out = StringIO()
    call_command("models", "pull", "acme/tiny", *more, stdout=out)
    return out.getvalue()


def asked(server: HubServer, name: str) -> list[str | None]:
    """The ranges that were asked of a file."""
    return [
        headers.get("range") or headers.get("Range")
        for path, headers in server.requests
        if path.endswith(name)
    ]


def left(root: Path) -> list[str]:
    pulls = root / "kept" / "generators" / "pulls"
    return sorted(path.name for path in pulls.glob("*/*")) if pulls.is_dir() else []


def test_a_model_is_fetched_checked_and_added(server: HubServer, tmp_path: Path) -> None:
    told = pull()
    assert "of 5: model.onnx.data" in told and "tiny  qwen3" in told
    assert load_manifest(store.unpacked("tiny"), kind="generator").name == "tiny"
    assert asked(server, "README.md") == [] and left(tmp_path) == []
    assert all(headers.get("authorization") == f"Bearer {TOKEN}" for _, headers in server.requests)
    assert TOKEN not in told
    pull()  # twice is harmless
    assert store.names() == ("tiny",)


def test_a_cut_connection_goes_on_from_where_it_was(server: HubServer) -> None:
    server.cut_after = 300
    pull()
    ranges = asked(server, "model.onnx.data")
    assert ranges == [None, "bytes=300-", "bytes=600-", "bytes=900-"]
    assert load_manifest(store.unpacked("tiny"), kind="generator")


def test_a_killed_fetch_goes_on_with_the_next_command(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = hub._go_on

    def killed(client: Any, url: str, part: Path, *, most_bytes: int) -> None:
        go_on(client, url, part, most_bytes=most_bytes)
        if part.name.startswith("model.onnx.data"):
            raise KeyboardInterrupt

    server.cut_after = 1_000
    with monkeypatch.context() as patched:
        patched.setattr(hub, "_go_on", killed)
        with pytest.raises(KeyboardInterrupt):
            pull()
    assert store.names() == () and "model.onnx.data.part" in left(tmp_path)
    server.requests.clear()
    pull()
    assert asked(server, "model.onnx.data") == ["bytes=1000-"]
    assert asked(server, "genai_config.json") == []
    assert load_manifest(store.unpacked("tiny"), kind="generator")


def test_a_hub_without_ranges_is_asked_from_the_start(server: HubServer) -> None:
    server.ranges = False
    server.cut_after = 1_100
    with pytest.raises(CommandError, match="breaks off"):
        pull()
    server.cut_after = None
    pull()
    assert store.names() == ("tiny",)


@pytest.mark.parametrize("name", ["model.onnx.data", "genai_config.json"])
def test_what_has_another_checksum_is_thrown_away(
    server: HubServer, tmp_path: Path, name: str
) -> None:
    server.altered = name
    with pytest.raises(CommandError, match="checksum"):
        pull()
    assert store.names() == () and not [one for one in left(tmp_path) if one.startswith(name)]


def test_no_more_than_the_list_says_is_written(server: HubServer, tmp_path: Path) -> None:
    """Else a hub that never ends its answer would fill the disk before a checksum is looked at."""
    server.longer = "model.onnx.data"
    said = len(server.files["model.onnx.data"])
    with pytest.raises(CommandError, match="more comes than the hub's list says"):
        pull()
    parts = list((tmp_path / "kept" / "generators" / "pulls").glob("*/model.onnx.data*"))
    assert parts and all(part.stat().st_size <= said for part in parts)
    assert store.names() == ()


def test_names_in_the_list_lead_nowhere_else(server: HubServer, tmp_path: Path) -> None:
    digest = {"oid": "0" * 64, "size": 5}
    for path in ("../../../evil.onnx", "/etc/cron.d/evil.onnx", "..\\evil.onnx", "x/../e.onnx"):
        server.extra_rows.append({"type": "file", "path": path, "size": 5, "lfs": digest})
    pull()
    assert sorted(path.name for path in tmp_path.rglob("*evil*")) == []
    assert not any("evil" in path for path, _ in server.requests)


def test_only_https_or_this_machine_is_followed(server: HubServer, settings: Settings) -> None:
    server.redirect = f"{server.url}/elsewhere/"
    pull("--name", "near")
    assert store.names() == ("near",)
    for target in ("http://hub.example/", "ftp://127.0.0.1/", "file:///etc/", "https://a:b@c/"):
        server.redirect = target
        with pytest.raises(CommandError, match="only https is spoken"):
            pull()
    server.redirect = f"{server.url}/acme/tiny/resolve/main/"  # to itself, for ever
    with pytest.raises(CommandError, match="from one address to the next"):
        pull()
    settings.MODEL_HUB_URL = "http://hub.example"
    with pytest.raises(CommandError, match="only https is spoken"):
        pull()
    assert store.names() == ("near",)


def test_the_token_goes_to_the_hub_alone(server: HubServer, tmp_path: Path) -> None:
    other = HubServer.of(tmp_path / "there").start()
    server.redirect = f"{other.url}/elsewhere/"
    pull()
    assert other.requests and not any(TOKEN in str(headers) for _, headers in other.requests)
    other.stop()


@pytest.mark.parametrize(
    "row",
    [
        {"size": 5, "lfs": "x"},
        {"size": -(10**12), "oid": "0" * 40},
        {"size": 10**400, "oid": "0" * 40},
        {"size": True, "oid": "0" * 40},
        {"size": 5, "oid": ["0"]},
        {"size": 5, "oid": "0" * 40, "path": "model.onnx"},  # for the second time
    ],
)
def test_a_row_that_lies_about_its_file_ends_the_fetch(
    server: HubServer, row: dict[str, Any]
) -> None:
    """A negative size would make room below --most-gb for what is far larger."""
    server.extra_rows.append({"type": "file", "path": "extra.onnx"} | row)
    with pytest.raises(CommandError):
        pull()
    assert not any("resolve" in path for path, _ in server.requests)


def test_a_list_that_only_opens_brackets_is_no_list(server: HubServer) -> None:
    server.listed = b"[" * 200_000
    with pytest.raises(CommandError, match="cannot be read"):
        pull()


@pytest.mark.parametrize("target", ["https://[bad/", "//[::1", "http://127.0.0.1:99999999/"])
def test_an_address_that_is_none_is_not_followed(server: HubServer, target: str) -> None:
    server.redirect = target
    with pytest.raises(CommandError, match="no address"):
        pull()


def test_a_hub_that_is_away_is_said(server: HubServer) -> None:
    server.stop()
    with pytest.raises(CommandError, match="cannot be reached"):
        pull()


@pytest.mark.parametrize(
    ("option", "wrong", "said"),
    [
        ("--name", "No Name", "a name has small letters"),
        ("--most-gb", "nan", "a number of gigabytes"),
        ("--most-gb", "ten", "a number of gigabytes"),
    ],
)
def test_what_is_asked_wrongly_is_said_before_anything_is_fetched(
    server: HubServer, option: str, wrong: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        pull(option, wrong)
    assert server.requests == []


def test_one_of_several_is_chosen_and_a_large_one_is_refused(
    server: HubServer, tmp_path: Path
) -> None:
    small = {f"cpu/small/{name}": data for name, data in server.files.items()}
    server.files = small | {f"gpu/{name}": data for name, data in server.files.items()}
    with pytest.raises(CommandError, match="one of cpu/small, gpu"):
        pull()
    with pytest.raises(CommandError, match="not in onnxruntime-genai's form"):
        pull("--folder", "cpu")
    with pytest.raises(CommandError, match="--most-gb"):
        pull("--folder", "cpu/small", "--most-gb", "0.000001")
    pull("--folder", "cpu/small")
    assert not any("gpu/" in path for path, _ in server.requests)
    server.files = {"model.bin": b"x"}
    with pytest.raises(CommandError, match="not in onnxruntime-genai's form"):
        pull()


@pytest.mark.parametrize("name", ["../up", "acme/tiny/more", "acme", "a b", "acme/none"])
def test_what_is_no_model_is_said(server: HubServer, name: str) -> None:
    with pytest.raises(CommandError):
        call_command("models", "pull", name, stdout=StringIO())
    assert store.names() == ()
