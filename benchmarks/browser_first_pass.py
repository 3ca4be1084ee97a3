"""Suggestions in the visitor's browser: what they weigh, how long they take, what they find.

    python -m benchmarks.browser_first_pass [--port 8397]

Starts the service with the demo in a new data folder, switches suggestions on, and has the widget's
own worker in Chromium load and answer: the questions of learning/docs_questions.jsonl as they are
typed, after two thirds of their characters and whole, and lines that no page answers. Bytes are
those on the wire, which is what a browser's cache holds. The machine should be idle.
"""

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.managed import ROOT, manage
from config.local import chromium

READY = "Stop with Ctrl-C"
WAIT_S = 120.0
SWITCH_ON = """
from accounts.models import Workspace
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from knowledge import snapshots
place = Workspace.objects.get(slug="demo")
change_settings(place.id, actor="benchmark", browser_suggestions=True)
with workspace_scope(place.id):
    snapshots.changed(place.id)
"""
OFF_TOPIC = [
    "hello", "hi there", "thank you very much", "good morning", "ok",
    "what is the weather tomorrow",
    "tell me a joke", "who won the match yesterday", "I want to order a pizza", "how old are you",
    "best restaurants near me", "what is the capital of France", "asdf qwer", "you are useless",
    "how do I cook rice", "is it going to rain", "my cat is ill", "where can I buy shoes",
    "translate good morning into Spanish", "what time is it",
]  # fmt: skip
LOAD = """async (load) => {
  const started = performance.now();
  window.worker = new Worker("/static/chatbot/suggest/worker.js", { type: "module" });
  const answer = new Promise((done) =>
    worker.addEventListener("message", ({ data }) => done(data)));
  worker.postMessage({ load });
  return { ...(await answer), took: performance.now() - started };
}"""
ASK = """async (texts) => {
  const seen = [];
  for (const [number, text] of texts.entries()) {
    const started = performance.now();
    const answer = new Promise((done) =>
      worker.addEventListener("message", ({ data }) => done(data), { once: true }));
    worker.postMessage({ number, text });
    const { found } = await answer;
    seen.push({ took: performance.now() - started, found });
  }
  return seen;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=8397)
    given = parser.parse_args()
    print("python -m benchmarks.browser_first_pass", " ".join(sys.argv[1:]), flush=True)
    work = Path(tempfile.mkdtemp(prefix="firstline-first-pass-", dir="/tmp"))
    work.chmod(0o711)
    try:
        with _service(work, given.port) as url:
            manage(work, "shell", "-c", SWITCH_ON)
            load = _addresses(url)
            with sync_playwright() as playwright:
                path = chromium.find()
                browser = playwright.chromium.launch(
                    executable_path=str(path) if path else None, args=["--no-sandbox"]
                )
                _measure(browser.new_context().new_page(), url, load)
                browser.close()
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _service(work: Path, port: int) -> Iterator[str]:
    own = os.environ | {"FIRSTLINE_DATA_DIR": str(work / "data"), "PORT": str(port)}
    service = subprocess.Popen(
        [sys.executable, "-u", "-m", "config.local.run"], env=own, stdout=subprocess.PIPE, text=True
    )
    try:
        assert service.stdout
        if not any(READY in line for line in service.stdout):
            raise SystemExit("the service did not become ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        service.send_signal(signal.SIGINT)
        service.communicate()


def _addresses(url: str) -> dict[str, str]:
    """What the frame's scripts are told, once the snapshot is built."""
    demo = _get(f"{url}/demo/")
    key = re.search(r"wk_[\w-]+", demo)
    assert key is not None
    page = _get(f"{url}/widget/v1/frame/{key[0]}/")
    config = page.split('<script id="config" type="application/json">')[1].split("</script>")[0]
    told: dict[str, Any] | None = json.loads(config).get("suggest")
    if told is None:
        raise SystemExit("no browser runtime: run manage.py fetch_browser_runtime")
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        try:
            _get(url + told["current"])
        except urllib.error.HTTPError:
            time.sleep(0.5)
        else:
            return {"base": told["base"], "current": told["current"]}
    raise SystemExit("no snapshot was built")


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def _measure(page: Page, url: str, load: dict[str, str]) -> None:
    sizes: dict[str, float] = {}
    asked: list[str] = []
    page.goto(f"{url}/static/chatbot/suggest/worker.js")
    page.on("request", lambda one: asked.append(one.url))
    page.on(
        "response",
        lambda one: sizes.update({one.url: float(one.headers.get("content-length", 0))}),
    )
    first = page.evaluate(LOAD, load)
    if "ready" not in first:
        raise SystemExit("the worker did not load")
    page.wait_for_timeout(500)
    loaded = len(asked)
    print(
        f"{os.cpu_count()} cores; {loaded} requests, {sum(sizes.values()) / 1e6:.1f} MB on the wire"
    )
    snapshot = sum(size for one, size in sizes.items() if load["current"] in one)
    print(f"of them the snapshot {snapshot / 1e6:.2f} MB; {first['passages']} passages in it")
    again = page.evaluate(LOAD, load)
    print(f"ready after {first['took']:.0f} ms, from the cache {again['took']:.0f} ms")
    page.wait_for_timeout(500)
    loaded = len(asked)
    questions = _questions()
    for name, share in (("two thirds typed", 2 / 3), ("whole", 1.0)):
        texts = [text[: int(len(text) * share)] for text, _ in questions]
        seen = page.evaluate(ASK, texts)
        _say(name, seen, [title for _, title in questions])
    off = page.evaluate(ASK, OFF_TOPIC)
    quiet = sum(not one["found"] for one in off)
    print(f"of {len(OFF_TOPIC)} lines that no page answers {quiet} get no suggestion")
    page.wait_for_timeout(500)
    print(f"requests while answering: {len(asked) - loaded}")


def _say(name: str, seen: list[dict[str, Any]], right: list[str]) -> None:
    times = sorted(one["took"] for one in seen)
    found = [[card["title"] for card in one["found"]] for one in seen]
    hits = sum(title in titles for title, titles in zip(right, found, strict=True))
    shown = sum(bool(titles) for titles in found)
    p95 = times[int(len(times) * 0.95)]
    print(
        f"{name}: {len(seen)} questions, p50 {statistics.median(times):.0f} ms, p95 {p95:.0f} ms; "
        f"something shown for {shown}, the right page among it for {hits}"
    )


def _questions() -> list[tuple[str, str]]:
    """Each question of the documentation with the title of the page that answers it."""
    path = ROOT / "learning" / "docs_questions.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = []
    for row in [one for one in rows if "doc_id" in one]:  # others are for people
        page = ROOT / "docs" / str(row["doc_id"])
        if page.is_file():
            first = page.read_text(encoding="utf-8").splitlines()[0]
            pairs.append((str(row["question"]), first.removeprefix("# ").strip()))
    return pairs


if __name__ == "__main__":
    main()
