"""Suggestions over HTTP: who is told of them, who gets which snapshot, and with which headers."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.workspaces import change_settings
from chatbot import browser_runtime
from config.static_headers import WORKER, static_headers
from knowledge import snapshots
from knowledge.snapshots import Snapshot
from tests.cast import Cast

FOLDER, MODEL = "0123456789abcdef", "model-1"
A, B = "a" * 64, "b" * 64


def where(key: str, digest: str = "") -> str:
    return f"/widget/v1/suggestions/{key}/" + (f"{digest}/" if digest else "")


@pytest.fixture
def offered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Both workspaces have a snapshot; acme alone has switched suggestions on in the frame."""
    kept = {
        cast.acme.workspace.id: Snapshot(A, MODEL, b"acme's pages"),
        cast.other.workspace.id: Snapshot(B, MODEL, b"other's pages"),
    }
    monkeypatch.setattr(snapshots, "current", kept.get)
    monkeypatch.setattr(browser_runtime, "available", lambda: FOLDER)
    monkeypatch.setattr(browser_runtime, "embedder_fingerprint", lambda: MODEL)
    change_settings(cast.acme.workspace.id, actor=cast.alice, browser_suggestions=True)
    return cast


def told(client: Client, key: str) -> Any:
    """The `suggest` part of what the frame's scripts are told."""
    page = client.get(f"/widget/v1/frame/{key}/").content.decode()
    config = page.split('<script id="config" type="application/json">')[1].split("</script>")[0]
    return json.loads(config).get("suggest")


def test_the_frame_says_where_all_of_it_is(client: Client, offered: Cast) -> None:
    said = told(client, offered.acme.widget_key)
    assert said["base"] == f"/static/browser/{FOLDER}/"
    assert said["current"] == where(offered.acme.widget_key)
    assert said["help"] == "/help/acme/"
    assert told(client, offered.other.widget_key) is None


def test_without_the_runtime_nobody_is_told(
    client: Client, offered: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_runtime, "available", lambda: None)
    key = offered.acme.widget_key
    assert told(client, key) is None
    assert client.get(where(key)).status_code == 404
    assert client.get(where(key, A)).status_code == 404


def test_the_newest_snapshot_is_found_and_kept_by_browsers(client: Client, offered: Cast) -> None:
    answer = client.get(where(offered.acme.widget_key))
    assert answer.json() == {"snapshot": where(offered.acme.widget_key, A)}
    assert answer.headers["Cache-Control"] == "private, no-cache"
    file = client.get(answer.json()["snapshot"])
    assert file.content == b"acme's pages"
    assert "immutable" in file.headers["Cache-Control"]
    assert file.headers["ETag"] == f'"{A}"'
    assert file.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_key_gets_its_own_workspaces_snapshot_alone(client: Client, offered: Cast) -> None:
    charlies = offered.other.widget_key
    assert client.get(where(charlies, A)).status_code == 404
    assert client.get(where(charlies, B)).content == b"other's pages"
    assert client.get(where("wk_unknown")).status_code == 404
    assert client.get(where("wk_unknown", A)).status_code == 404


@pytest.mark.parametrize("digest", [B, "nonsense", "A" * 64])
def test_an_earlier_or_invented_digest_is_not_found(
    client: Client, offered: Cast, digest: str
) -> None:
    assert client.get(where(offered.acme.widget_key, digest)).status_code == 404


def test_vectors_of_another_embedder_are_of_no_use(
    client: Client, offered: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_runtime, "embedder_fingerprint", lambda: "model-2")
    assert client.get(where(offered.acme.widget_key)).status_code == 404


def test_nothing_can_be_written_there(client: Client, offered: Cast) -> None:
    assert client.post(where(offered.acme.widget_key), {"text": "secret"}).status_code == 405
    assert client.post(where(offered.acme.widget_key, A), {"text": "x"}).status_code == 405


def test_only_the_worker_may_run_webassembly(client: Client, offered: Cast) -> None:
    """Its own policy says so; that of the frame is the same with and without suggestions."""
    policies = {
        client.get(f"/widget/v1/frame/{place.widget_key}/").headers["Content-Security-Policy"]
        for place in (offered.acme, offered.other)
    }
    assert not any("wasm" in one for one in policies)
    headers: dict[str, str] = {}
    static_headers(headers, "any", "/static/chatbot/widget/frame.js")
    assert headers == {}
    static_headers(headers, "any", WORKER)
    assert "'wasm-unsafe-eval'" in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
