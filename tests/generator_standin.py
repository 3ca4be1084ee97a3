"""Speaks the lines of inference.generator_process without a model: `engine.MODULE` names it.

What it does is the model's name: good, slow, hang, crash, cut, length, too_long, not_loaded. It
notes what it was told in heard.jsonl beside the manifest.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.fault_server import supported_answer

_lock = threading.Lock()
_stopped: set[int] = set()


def say(message: dict[str, Any]) -> None:
    cost = {"input_tokens": 700, "output_tokens": 40, "cpu_s": 1.25}
    with _lock:
        print(json.dumps(message | cost), flush=True)


def answer(asked: dict[str, Any]) -> None:
    manifest = json.loads((Path(asked["folder"]) / "manifest.json").read_text(encoding="utf-8"))
    mode, number = manifest["name"].partition("-")[0], asked["id"]
    if mode in {"length", "too_long", "not_loaded"}:
        say({"id": number, "end": mode})
        return
    if mode == "crash":
        os._exit(3)
    while mode == "hang":
        time.sleep(1)
    text = supported_answer(asked["data"])
    for at in range(0, len(text), 7):
        if mode == "cut" and at > len(text) * 2 // 3:
            os._exit(3)
        if mode == "slow":
            time.sleep(0.1 if at < len(text) * 3 // 4 else 0.8)
        if number not in _stopped:
            say({"id": number, "text": text[at : at + 7]})
    say({"id": number, "end": "stop"})


def main() -> None:
    for line in sys.stdin:
        told = json.loads(line)
        if told["op"] == "stop":
            _stopped.add(told["id"])
        if "folder" in told:
            folder = Path(told["folder"])
        with (folder / "heard.jsonl").open("a", encoding="utf-8") as heard:
            heard.write(json.dumps(told | {"environment": sorted(os.environ)}) + "\n")
        if told["op"] == "ask":
            threading.Thread(target=answer, args=(told,), daemon=True).start()


if __name__ == "__main__":
    main()
